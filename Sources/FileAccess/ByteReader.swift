package import Foundation

/// Reads numbers and texts out of a file's bytes, one after the other or at given places, never beyond their end.
package struct ByteReader {
    /// In which order the bytes of a number stand.
    package enum ByteOrder: Sendable {
        case bigEndian, littleEndian
    }

    package var order: ByteOrder
    /// Where the next value begins, counted from the first byte.
    package private(set) var position: Int
    private let bytes: Data
    private let remedy: String

    /// Reads `bytes` from `position` on.
    ///
    /// - Parameter remedy: what errors advise.
    package init(
        _ bytes: Data, at position: Int = 0, order: ByteOrder = .littleEndian, remedy: String = "copy it again"
    ) {
        (self.bytes, self.position, self.order, self.remedy) = (bytes, position, order, remedy)
    }

    // MARK: - One after the other

    /// The next bytes.
    ///
    /// - Throws: `InputError` if there are fewer.
    package mutating func take(_ count: Int) throws -> Data {
        let taken = try part(at: position, count: count)
        position += count
        return taken
    }

    /// The next number; one that no `Int` can hold becomes `Int.max`.
    ///
    /// - Throws: `InputError` if the bytes end before it does.
    package mutating func integer<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Int {
        let number = try integer(type, at: position)
        position += MemoryLayout<Number>.size
        return number
    }

    /// A text of `count` bytes.
    ///
    /// - Throws: `InputError` if there are fewer, or if they are not UTF-8.
    package mutating func text(_ count: Int) throws -> String {
        guard let text = String(data: try take(count), encoding: .utf8) else {
            throw InputError("has a text that is not UTF-8, before byte \(position)", remedy: remedy)
        }
        return text
    }

    /// A text up to the next line feed, which is passed.
    ///
    /// - Throws: `InputError` if there is none, or if the text is not UTF-8.
    package mutating func line() throws -> String {
        let rest = bytes.dropFirst(position)
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
            throw InputError("has a line without end, at byte \(position)", remedy: remedy)
        }
        defer { position += 1 }
        return try text(end - rest.startIndex)
    }

    // MARK: - At given places

    /// The number that begins at `place`; one that no `Int` can hold becomes `Int.max`.
    ///
    /// - Throws: `InputError` if the bytes end before it does.
    package func integer<Number: FixedWidthInteger>(_ type: Number.Type, at place: Int) throws -> Int {
        let bytes = try part(at: place, count: MemoryLayout<Number>.size)
        let number = bytes.withUnsafeBytes { $0.loadUnaligned(as: Number.self) }
        return Int(clamping: order == .littleEndian ? Number(littleEndian: number) : Number(bigEndian: number))
    }

    /// A reader of what begins at `place`, of at most `count` bytes.
    package func reader(at place: Int, count: Int = .max) -> ByteReader {
        ByteReader(bytes.dropFirst(max(0, place)).prefix(max(0, count)), order: order, remedy: remedy)
    }

    private func part(at place: Int, count: Int) throws -> Data {
        guard count >= 0, place >= 0, place <= bytes.count, count <= bytes.count - place else {
            throw InputError("ends too early, at byte \(bytes.count)", remedy: remedy)
        }
        let start = bytes.startIndex + place
        return bytes[start..<start + count]
    }
}
