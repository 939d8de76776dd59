import FileAccess
import Foundation

/// Reads the few kinds of JSON that headers of weight files are made of, one after the other.
///
/// Foundation's reader keeps the last of several equal keys, which would let one tensor hide another.
struct JSONScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ json: Data) {
        bytes = Array(json)
    }

    /// Reads `{"key": value, ...}`; `readValue` reads each value.
    mutating func object(_ readValue: (inout JSONScanner, String) throws -> Void) throws {
        try sequence(from: "{", to: "}") { scanner in
            let key = try scanner.string()
            try scanner.expect(":")
            try readValue(&scanner, key)
        }
    }

    /// Reads a list of whole numbers, none negative.
    mutating func integers() throws -> [Int] {
        var list: [Int] = []
        try sequence(from: "[", to: "]") { scanner in list.append(try scanner.integer()) }
        return list
    }

    /// Reads a text in quotes.
    mutating func string() throws -> String {
        try expect("\"")
        let start = position
        while let byte = next, byte != UInt8(ascii: "\"") {
            position += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        guard next != nil else { throw problem("a text that does not end") }
        position += 1
        let quoted = Data(bytes[start - 1..<position])
        guard let text = try? JSONDecoder().decode(String.self, from: quoted) else {
            throw problem("a text that is not valid")
        }
        return text
    }

    /// Checks that nothing but space is left.
    mutating func end() throws {
        skipSpace()
        guard next == nil else { throw problem("something after its end") }
    }

    private mutating func integer() throws -> Int {
        skipSpace()
        let digits = bytes[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        position += digits.count
        guard let value = Int(String(decoding: digits, as: UTF8.self)) else {
            throw problem("no whole number where one is wanted")
        }
        return value
    }

    private mutating func sequence(
        from opening: Unicode.Scalar, to closing: Unicode.Scalar, _ readElement: (inout JSONScanner) throws -> Void
    ) throws {
        try expect(opening)
        if skip(closing) { return }
        repeat { try readElement(&self) } while skip(",")
        try expect(closing)
    }

    private mutating func expect(_ character: Unicode.Scalar) throws {
        guard skip(character) else { throw problem("no \(character) where one is wanted") }
    }

    /// Passes space and then `character`, if it comes next.
    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func problem(_ what: String) -> InputError {
        InputError("has \(what)", at: "header byte \(position)", remedy: "copy the file again")
    }
}
