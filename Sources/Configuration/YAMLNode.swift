import FileAccess
import Yams

/// A part of a YAML document, and where it stands.
package struct YAMLNode: Sendable {
    /// The three things YAML is made of.
    enum Content: Sendable {
        /// `isPlain`: written without quotes, so that it may be a number, a truth value or null.
        case scalar(String, isPlain: Bool)
        case list([YAMLNode])
        case map([(key: YAMLNode, value: YAMLNode)])
    }

    let content: Content
    /// From 1; `nil` when the node did not come from a file.
    let line: Int?

    /// Parses a document; `nil` if there is nothing in it but comments.
    ///
    /// - Throws: `InputError` with the line of a syntax error or of a key given twice.
    static func parse(_ yaml: String) throws -> YAMLNode? {
        do {
            var left = limit
            return try compose(yaml: yaml).map { try YAMLNode($0, &left) }
        } catch let error as YamlError {
            throw inputError(error)
        }
    }

    /// `{key: value}`.
    init(key: String, value: YAMLNode) {
        content = .map([(YAMLNode(content: .scalar(key, isPlain: false), line: nil), value)])
        line = nil
    }

    /// No value.
    static let null = YAMLNode(content: .scalar("", isPlain: true), line: nil)

    private init(content: Content, line: Int?) {
        (self.content, self.line) = (content, line)
    }

    /// Values that a document may have, those that its aliases stand for counted each time.
    private static let limit = 100_000

    private init(_ node: Node, _ left: inout Int) throws {
        line = node.mark?.line
        left -= 1
        guard left >= 0 else {
            throw InputError(
                "more than \(YAMLNode.limit) values, those that aliases stand for counted each time",
                at: line.map { "line \($0)" }, remedy: "write out what is meant")
        }
        switch node {
        case .scalar(let scalar):
            content = .scalar(scalar.string, isPlain: scalar.style == .plain)
        case .sequence(let sequence):
            content = .list(try sequence.map { try YAMLNode($0, &left) })
        case .mapping(let mapping):
            content = .map(try mapping.map { (try YAMLNode($0.key, &left), try YAMLNode($0.value, &left)) })
        case .alias:
            content = .scalar("*alias", isPlain: false)
        }
    }
}

extension YAMLNode {
    /// The text of an unquoted scalar, which null is not.
    var plain: String? {
        guard case .scalar(let text, isPlain: true) = content, !isNull else { return nil }
        return text
    }

    /// The text of a scalar, quoted or not, which null is not.
    var string: String? {
        guard case .scalar(let text, _) = content, !isNull else { return nil }
        return text
    }

    /// The elements of a list.
    var elements: [YAMLNode]? {
        guard case .list(let elements) = content else { return nil }
        return elements
    }

    /// No value at all, or one of YAML's words for it.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }
}

extension YAMLNode: CustomStringConvertible {
    /// The node in YAML's flow style, for messages.
    package var description: String {
        switch content {
        case .scalar(let text, let isPlain): isNull ? "null" : isPlain ? text : text.text
        case .list(let elements): "[\(elements.map(\.description).joined(separator: ", "))]"
        case .map(let pairs): "{\(pairs.map { "\($0.key): \($0.value)" }.joined(separator: ", "))}"
        }
    }
}

private func inputError(_ error: YamlError) -> InputError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
        .composer(_, let problem, let mark, _):
        InputError(
            "not valid YAML: \(problem)", at: "line \(mark.line), column \(mark.column)",
            remedy: "look at brackets, quotes and indentation there and above")
    case .duplicatedKeysInMapping(let keys, let context):
        InputError(
            "\(shortened(keys.joined(separator: ", "))) given twice", at: "line \(context.mark.line)",
            remedy: "keep one")
    case .reader(let problem, _, _, _):
        InputError("not valid YAML: \(problem)")
    default:
        InputError("not valid YAML")
    }
}
