import FileAccess

/// What is wrong with a field of a record.
struct FieldFault: Error {
    let problem: String
    /// Where the field is, in bytes.
    let position: Int
}

extension JSONReader {
    /// Reads a field; what is wrong with it is told with its name and its text.
    mutating func field<Value>(
        _ name: String, _ wanted: String, _ read: (inout JSONReader) throws -> Value?
    ) throws -> Value {
        _ = peek()
        let start = position
        if let value = try? read(&self) { return value }
        rewind(to: start)
        let text = shortened(text(of: try skip()))
        throw FieldFault(problem: "\"\(name)\" is \(text), not \(wanted)", position: start)
    }

    /// Reads a field that may be null, or anything else in place of a value: `nil` for those.
    mutating func optional<Value>(_ read: (inout JSONReader) throws -> Value) throws -> Value? {
        _ = peek()
        let start = position
        if let value = try? read(&self) { return value }
        rewind(to: start)
        try skip()
        return nil
    }

    /// Passes `null`, if that is here.
    mutating func isNull() throws -> Bool {
        guard peek() == "n" else { return false }
        return try text(of: skip()) == "null"
    }
}

// MARK: - The fields of records

extension JSONReader {
    mutating func wholeNumber(_ name: String) throws -> Int {
        try field(name, "a whole number") { try $0.integer() }
    }

    mutating func text(_ name: String) throws -> String {
        try field(name, "a text in UTF-8") { try $0.string() }
    }

    /// A side of an image in pixels; 0 where it is none, for the image itself tells it.
    mutating func side() throws -> Int {
        let side = try optional { try $0.integer() } ?? 0
        return (0...65_535).contains(side) ? side : 0
    }

    /// A path within the folder of images, with slashes.
    mutating func fileName(_ name: String) throws -> String {
        _ = peek()
        let start = position
        let text = try text(name)
        if let path = plainPath(text) { return path }
        throw FieldFault(
            problem: "\"\(name)\" is \"\(shortened(text))\", not a file below the folder of images", position: start)
    }

    /// `[x, y, width, height]`; `nil` for null and for a list of nothing.
    mutating func box() throws -> Box? {
        if try isNull() { return nil }
        return try field("bbox", "[x, y, width, height] in numbers") { reader -> Box?? in
            var numbers: [Double] = []
            numbers.reserveCapacity(4)
            try reader.array { numbers.append(try $0.number()) }
            if numbers.isEmpty { return .some(nil) }
            guard numbers.count == 4 else { return nil }
            return Box(
                left: numbers[0], top: numbers[1], right: numbers[0] + numbers[2], bottom: numbers[1] + numbers[3])
        }
    }

    /// 0 or 1, or a truth value; null is 0.
    mutating func flag(_ name: String) throws -> Bool {
        if try isNull() { return false }
        return try field(name, "0 or 1") { reader in
            switch reader.peek() {
            case "t", "f": try reader.skip().count == 4
            default: try reader.integer() != 0
            }
        }
    }

    /// Where the file has a shape; `nil` for null, and for lists of nothing.
    mutating func shape() throws -> Range<Int>? {
        let range = try skip()
        let hasContents = bytes(of: range).contains { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "{")
        }
        return hasContents ? range : nil
    }
}

/// The path that a `file_name` means: with slashes, without `.`; `nil` if it leads out of the folder, or is none.
func plainPath(_ name: String) -> String? {
    let parts = name.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }
    let isAbsolute = parts.count > 1 && (parts[0].isEmpty || parts[0].hasSuffix(":"))
    let path = parts.filter { !$0.isEmpty && $0 != "." }
    guard !isAbsolute, !path.isEmpty, !path.contains(".."), !name.contains("\0") else { return nil }
    return path.joined(separator: "/")
}
