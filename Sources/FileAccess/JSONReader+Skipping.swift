extension JSONReader {
    /// Skips a value of any kind, which must be sound JSON but for Python's `NaN` and `Infinity`.
    ///
    /// - Returns: The bytes that it has.
    /// - Throws: `InputError` where it is not.
    @discardableResult
    package mutating func skip() throws -> Range<Int> {
        skipSpace()
        let start = position
        // The lists and objects that are open; true: an object.
        var open: [Bool] = []
        repeat {
            if try passOpening(&open) { continue }
            while let isObject = open.last {
                if accept(",") {
                    if isObject { try skipKey() }
                    break
                }
                try expect(isObject ? "}" : "]")
                open.removeLast()
            }
        } while !open.isEmpty
        return start..<position
    }

    /// Passes the start of a list or an object that holds something, or else a whole value.
    ///
    /// - Returns: Whether another value begins here.
    private mutating func passOpening(_ open: inout [Bool]) throws -> Bool {
        skipSpace()
        switch next {
        case UInt8(ascii: "["):
            position += 1
            if accept("]") { return false }
            open.append(false)
            return true
        case UInt8(ascii: "{"):
            position += 1
            if accept("}") { return false }
            try skipKey()
            open.append(true)
            return true
        case UInt8(ascii: "\""):
            position += 1
            _ = try skipRestOfString()
        case nil: throw problem("the file ends too early")
        default: try passWord()
        }
        return false
    }

    private mutating func skipKey() throws {
        try expect("\"")
        _ = try skipRestOfString()
        try expect(":")
    }

    /// Passes a number or one of JSON's words.
    private mutating func passWord() throws {
        let start = position
        if passNumber() { return }
        position = start
        while let byte = next, !isDelimiter(byte) { position += 1 }
        switch text(of: start..<position) {
        case "true", "false", "null", "NaN", "Infinity", "-Infinity": return
        default: throw problem("a value is expected here", at: start)
        }
    }

    /// Passes a number as JSON writes it; `false` where there is none, or one that goes on as no number does.
    mutating func passNumber() -> Bool {
        if next == UInt8(ascii: "-") { position += 1 }
        let start = position
        passDigits()
        guard position > start, position == start + 1 || bytes[start] != UInt8(ascii: "0") else { return false }
        if next == UInt8(ascii: ".") {
            position += 1
            guard passDigits() else { return false }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            position += 1
            if next == UInt8(ascii: "-") || next == UInt8(ascii: "+") { position += 1 }
            guard passDigits() else { return false }
        }
        return next.map(isDelimiter) ?? true
    }

    /// Passes decimal digits; whether there was one.
    @discardableResult
    private mutating func passDigits() -> Bool {
        let start = position
        while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        return position > start
    }
}

private func isDelimiter(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
}
