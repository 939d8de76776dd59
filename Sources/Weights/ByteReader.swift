import FileAccess
import Foundation

/// Reads little-endian numbers and texts out of some bytes, never beyond their end.
struct ByteReader {
    private let bytes: Data
    private(set) var position: Int

    /// Reads `bytes` from `position`, counted from their first.
    init(_ bytes: Data, at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// The next bytes.
    ///
    /// - Throws: `InputError` if there are fewer.
    mutating func take(_ count: Int) throws -> Data {
        guard count >= 0, position >= 0, position <= bytes.count, count <= bytes.count - position else {
            throw InputError("ends too early, at byte \(bytes.count)", remedy: "copy it again")
        }
        let start = bytes.startIndex + position
        position += count
        return bytes[start..<start + count]
    }

    /// The next number; one that no `Int` can hold is the largest that can.
    mutating func integer<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Int {
        let bytes = try take(MemoryLayout<Number>.size)
        return Int(clamping: bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(as: Number.self)) })
    }

    /// A text of `count` bytes.
    ///
    /// - Throws: `InputError` if it is not UTF-8.
    mutating func text(_ count: Int) throws -> String {
        guard let text = String(data: try take(count), encoding: .utf8) else {
            throw InputError("has a text that is not UTF-8, before byte \(position)", remedy: "copy it again")
        }
        return text
    }

    /// A text up to the next line feed, which is passed.
    mutating func line() throws -> String {
        let rest = bytes.dropFirst(position)
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
            throw InputError("has a line without end, at byte \(position)", remedy: "copy it again")
        }
        defer { position += 1 }
        return try text(end - rest.startIndex)
    }
}
