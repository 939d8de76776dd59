/// One key of the configuration: what it means, what it may be, and its value.
///
/// A section declares its keys as properties, so that spelling (camelCase here, snake_case in YAML), meaning, limits and
/// default stand in one line:
///
///     @Key("images of one step, over all ranks", .within(1...1_000_000)) package var batch = 20
///
/// The value lives in a box, for reflection hands out copies and reading YAML must reach the original. Boxes are written
/// only while a section is made (`Section.detached`), so a section is a value like any other.
@propertyWrapper
package struct Key<Value: ConfigurationValue>: Sendable {
    private var box: Box
    private let limit: Limit<Value>
    let help: String

    /// A key that holds `wrappedValue` until a config says otherwise.
    package init(wrappedValue: Value, _ help: String, _ limit: Limit<Value> = .none) {
        box = Box(wrappedValue)
        self.help = help
        self.limit = limit
    }

    /// The value, within its limits.
    package var wrappedValue: Value {
        get { box.value }
        set { box = Box(newValue) }
    }

    /// Written only by the reader of a section that nobody else has seen yet; constant afterwards.
    private final class Box: @unchecked Sendable {
        var value: Value
        init(_ value: Value) { self.value = value }
    }
}

extension Key: Equatable {
    /// Keys are equal when their values are; meaning and limits belong to the declaration.
    package static func == (a: Key, b: Key) -> Bool { a.wrappedValue == b.wrappedValue }
}

/// A key of any type, as reading, printing and comparing see it.
protocol Entry {
    /// What the key means, in a few words.
    var help: String { get }
    /// What may be written: `a whole number from 1 to 10`.
    var form: String { get }
    /// The value as YAML.
    var text: String { get }
    /// Takes the value of a YAML node; whether it was a value of this form.
    func read(_ node: YAMLNode) -> Bool
    /// Takes the value of the same key of another section.
    func copy(_ other: any Entry)
}

extension Key: Entry {
    var form: String { [Value.form, limit.text].compactMap { $0 }.joined(separator: " ") }

    var text: String { wrappedValue.text }

    func read(_ node: YAMLNode) -> Bool {
        guard let value = Value(node), limit.allows(value) else { return false }
        box.value = value
        return true
    }

    func copy(_ other: any Entry) {
        if let other = other as? Key { box.value = other.wrappedValue }
    }
}
