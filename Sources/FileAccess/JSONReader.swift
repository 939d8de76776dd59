import Foundation

/// Reads JSON value by value, without holding the document in memory: COCO's instances file has 450 MB.
///
/// The caller asks for the value that it expects next, and skips values that it does not need, which takes no more than a
/// scan for brackets.
package struct JSONReader {
    let bytes: UnsafeBufferPointer<UInt8>
    private let file: String?
    private let part: String?
    private let lines: LineCounter
    /// The byte that is read next.
    package internal(set) var position: Int

    /// Reads `bytes`, the contents of `file` if it is to be named, from `position` on; they must outlive the reader.
    ///
    /// A byte order mark at the beginning of UTF-8 is skipped.
    ///
    /// - Parameters:
    ///   - part: what part of the file they are, if not all of it.
    ///   - lines: counts the lines of these bytes, for all readers of them.
    package init(
        _ bytes: UnsafeRawBufferPointer, file: String? = nil, part: String? = nil, from position: Int = 0,
        lines: LineCounter = LineCounter()
    ) {
        (self.bytes, self.position) = (bytes.bindMemory(to: UInt8.self), position)
        (self.file, self.part, self.lines) = (file, part, lines)
        if position == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { self.position = 3 }
    }

    /// Reads `{"key": value, ...}`; `member` reads or skips each value.
    package mutating func object(_ member: (inout JSONReader, _ key: String) throws -> Void) throws {
        try sequence(from: "{", to: "}") { reader in
            let key = try reader.string()
            try reader.expect(":")
            try member(&reader, key)
        }
    }

    /// Reads `[value, ...]`; `element` reads or skips each value.
    package mutating func array(_ element: (inout JSONReader) throws -> Void) throws {
        try sequence(from: "[", to: "]", element)
    }

    /// Reads a number, correctly rounded.
    ///
    /// - Throws: `InputError` if there is another value, or a number that is not finite as a `Double`.
    package mutating func number() throws -> Double {
        skipSpace()
        let start = position
        guard passNumber(), let value = decimal(bytes[start..<position]), value.isFinite else {
            throw problem("a finite number is expected here", at: start)
        }
        return value
    }

    /// Reads an integer; one below 2^53 may be written as `7.0`.
    ///
    /// - Throws: `InputError` if there is another value.
    package mutating func integer() throws -> Int {
        skipSpace()
        let start = position
        let number = try number()
        // Above this not every integer is a `Double`.
        let value =
            abs(number) < 0x1p53 ? Int(exactly: number) : Int(String(decoding: bytes[start..<position], as: UTF8.self))
        guard let value else { throw problem("an integer is expected here", at: start) }
        return value
    }

    /// Reads a string.
    ///
    /// - Throws: `InputError` if there is another value, a broken escape, or bytes that are not UTF-8.
    package mutating func string() throws -> String {
        try expect("\"")
        let start = position
        let isPlain = try skipRestOfString()
        let text =
            isPlain
            ? String(validating: bytes[start..<position - 1], as: UTF8.self)
            : try? JSONDecoder().decode(String.self, from: Data(bytes[start - 1..<position]))
        guard let text else { throw problem("an invalid string", at: start) }
        return text
    }

    /// Some of the bytes.
    package func bytes(of range: Range<Int>) -> Slice<UnsafeBufferPointer<UInt8>> { bytes[range] }

    /// The text of some bytes.
    package func text(of range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// Goes back to a place where a value begins.
    package mutating func rewind(to position: Int) { self.position = position }

    /// The first character of the next value, which is not passed; `nil` at the end.
    package mutating func peek() -> Character? {
        skipSpace()
        return next.map { Character(UnicodeScalar($0)) }
    }

    /// Checks that nothing but white space is left.
    ///
    /// - Throws: `InputError` if there is more.
    package mutating func end() throws {
        skipSpace()
        guard next == nil else { throw problem("something after the end of the JSON") }
    }

    /// Number of the line that holds a byte, from 1.
    package func line(at position: Int) -> Int {
        lines.line(at: position, in: bytes)
    }

    /// An error at a byte, by default the next one.
    package func problem(_ text: String, at position: Int? = nil) -> InputError {
        let position = position ?? self.position
        let place = "\(part.map { $0 + ", " } ?? "")line \(line(at: position)), byte \(position)"
        return InputError(
            text, file: file, at: place, remedy: part == nil ? "is it complete, and JSON?" : "is the file complete?")
    }

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
    }

    mutating func expect(_ wanted: Unicode.Scalar) throws {
        skipSpace()
        guard next == UInt8(ascii: wanted) else { throw problem("'\(wanted)' is expected here") }
        position += 1
    }

    mutating func accept(_ wanted: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: wanted) else { return false }
        position += 1
        return true
    }

    private mutating func sequence(
        from open: Unicode.Scalar, to close: Unicode.Scalar, _ item: (inout JSONReader) throws -> Void
    ) throws {
        try expect(open)
        if accept(close) { return }
        repeat { try item(&self) } while accept(",")
        try expect(close)
    }

    /// Passes the closing quote; whether the text has no escapes.
    mutating func skipRestOfString() throws -> Bool {
        var isPlain = true
        while let byte = next {
            position += 1
            if byte == UInt8(ascii: "\"") { return isPlain }
            if byte == UInt8(ascii: "\\") { (position, isPlain) = (position + 1, false) }
        }
        throw problem("the file ends within a string")
    }
}

/// The number that some digits spell.
///
/// Up to 15 digits and a power of ten that a double holds exactly take one rounding only (Clinger 1990); others go the
/// slow way.
private func decimal(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> Double? {
    var (mantissa, count, decimals, isPlain) = (0, 0, 0, true)
    var rest = digits
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative { rest = rest.dropFirst() }
    for byte in rest {
        if byte == UInt8(ascii: "."), decimals == 0 {
            decimals = 1
        } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), count < 15 {
            mantissa = mantissa * 10 + Int(byte - UInt8(ascii: "0"))
            (count, decimals) = (count + 1, decimals > 0 ? decimals + 1 : 0)
        } else {
            isPlain = false
        }
    }
    guard isPlain, count > 0 else { return Double(String(decoding: digits, as: UTF8.self)) }
    let value = Double(mantissa) / powersOfTen[max(0, decimals - 1)]
    return isNegative ? -value : value
}

private let powersOfTen: [Double] = (0...15).reduce(into: []) { powers, _ in powers.append((powers.last ?? 0.1) * 10) }
