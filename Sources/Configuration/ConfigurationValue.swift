/// A type that a key of the configuration can have.
package protocol ConfigurationValue: Equatable, Sendable {
    /// What may be written, to be read after "wants": `a whole number`.
    static var form: String { get }
    /// The value that `node` spells; `nil` if it is not of this form.
    init?(_ node: YAMLNode)
    /// The value as YAML in one line; reading it gives an equal value.
    var text: String { get }
}

extension Int: ConfigurationValue {
    package static var form: String { "a whole number" }

    /// The value that `node` spells; `nil` if it is not of this form.
    package init?(_ node: YAMLNode) {
        guard let text = node.plain else { return nil }
        self.init(text)
    }

    package var text: String { description }
}

extension Double: ConfigurationValue {
    package static var form: String { "a number" }

    /// The value that `node` spells; `nil` if it is not of this form.
    package init?(_ node: YAMLNode) {
        guard let text = node.plain, let number = Double(text), number.isFinite else { return nil }
        self = number
    }

    /// The shortest decimal that reads back equal; an exponent has a point before it, or YAML 1.1 would read text.
    package var text: String {
        if let whole = Int(exactly: self), abs(whole) < 1 << 53 { return whole.description }
        let digits = description.split(separator: "e")
        guard digits.count == 2, !digits[0].contains(".") else { return description }
        return "\(digits[0]).0e\(digits[1])"
    }
}

extension Bool: ConfigurationValue {
    package static var form: String { "true or false" }

    /// The value that `node` spells; `nil` if it is not of this form.
    package init?(_ node: YAMLNode) {
        switch node.plain {
        case "true", "True", "TRUE": self = true
        case "false", "False", "FALSE": self = false
        default: return nil
        }
    }

    package var text: String { description }
}

extension String: ConfigurationValue {
    package static var form: String { "text" }

    /// The value that `node` spells; `nil` if it is not of this form.
    package init?(_ node: YAMLNode) {
        guard let text = node.string, !text.isEmpty else { return nil }
        self = text
    }

    /// The text itself where YAML reads it as text, else in double quotes.
    package var text: String {
        let words: Set = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
        let isPlain = wholeMatch(of: /[A-Za-z_\/][A-Za-z0-9_.\/+-]*/) != nil && !words.contains(lowercased())
        return isPlain ? self : "\"\(unicodeScalars.map(escaped).joined())\""
    }
}

private func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"", "\\": "\\\(scalar)"
    case "\n": "\\n"
    case "\t": "\\t"
    case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}": "\\u" + hex(scalar.value)
    default: String(scalar)
    }
}

private func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
}

extension Optional: ConfigurationValue where Wrapped: ConfigurationValue {
    package static var form: String { "\(Wrapped.form) or null" }

    /// The value that `node` spells; `nil` if it is not of this form.
    package init?(_ node: YAMLNode) {
        if node.isNull {
            self = .none
        } else if let value = Wrapped(node) {
            self = .some(value)
        } else {
            return nil
        }
    }

    package var text: String { map(\.text) ?? "null" }
}

extension Array: ConfigurationValue where Element: ConfigurationValue {
    package static var form: String { "a list, each \(Element.form)" }

    /// The value that `node` spells; `nil` if it is not of this form.
    package init?(_ node: YAMLNode) {
        guard let nodes = node.elements else { return nil }
        let values = nodes.compactMap(Element.init)
        guard values.count == nodes.count else { return nil }
        self = values
    }

    package var text: String { "[\(map(\.text).joined(separator: ", "))]" }
}
