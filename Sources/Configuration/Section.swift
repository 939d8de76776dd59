/// A group of keys: the whole configuration, one of its sections, or a group within one.
///
/// Its stored properties are `Key`s and other sections; their order is the order of printing.
package protocol Section: Equatable, Sendable {
    /// What the keys have in common, in a few words.
    static var about: String { get }
    /// The commands that use the keys; `nil` for a group, which is used where its section is.
    static var users: Set<Command>? { get }
    /// The defaults.
    init()
}

extension Section {
    package static var users: Set<Command>? { nil }

    /// The keys and groups of this section, which stands at `path` and without `users` of its own is used by `users`.
    func outline(at path: [String] = [], users: Set<Command> = []) -> Outline {
        let users = Self.users ?? users
        let members = Mirror(reflecting: self).children.compactMap { label, value -> Outline? in
            let memberPath = path + [snakeCase(label ?? "")]
            if let section = value as? any Section { return section.outline(at: memberPath, users: users) }
            guard let entry = value as? any Entry else { return nil }
            return Outline(path: memberPath, users: users, content: .key(entry))
        }
        return Outline(path: path, users: users, content: .section(about: Self.about, members: members))
    }
}

extension Section {
    /// An equal section whose keys share no memory with this one's, so that they can be written.
    func detached() -> Self {
        let copy = Self()
        for (mine, theirs) in zip(copy.outline().descendants, outline().descendants) {
            if case (.key(let entry), .key(let other)) = (mine.content, theirs.content) { entry.copy(other) }
        }
        return copy
    }
}

/// A key or a section in its place: what reading, printing and comparing walk over.
struct Outline {
    enum Content {
        case key(any Entry)
        case section(about: String, members: [Outline])
    }

    /// Names from the outside; empty for the whole configuration.
    let path: [String]
    /// The commands that use it.
    let users: Set<Command>
    let content: Content

    var name: String { path.last ?? "" }
    /// `solver.schedule.kind`.
    var dottedPath: String { path.joined(separator: ".") }

    /// What a section holds; nothing for a key.
    var members: [Outline] {
        guard case .section(_, let members) = content else { return [] }
        return members
    }

    /// All that it holds, to any depth.
    var descendants: [Outline] { members.flatMap { [$0] + $0.descendants } }
}

/// YAML's spelling of a property or of the storage behind it: `_bgThreshold` is `bg_threshold`.
private func snakeCase(_ label: String) -> String {
    label.drop { $0 == "_" }.map { $0.isUppercase ? "_" + $0.lowercased() : String($0) }.joined()
}
