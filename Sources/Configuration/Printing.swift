extension RunConfiguration {
    /// The settings that a command uses as YAML, in a fixed order; reading them gives them back.
    package func resolvedYAML(for command: Command) -> String {
        outline().members.filter { $0.users.contains(command) }.map { $0.yaml(commented: false) }.joined()
    }

    /// The settings used by `command` whose values differ between this configuration and an older one.
    package func differences(from older: RunConfiguration, for command: Command) -> [Difference] {
        zip(outline().descendants, older.outline().descendants).compactMap { mine, theirs in
            guard case (.key(let entry), .key(let old)) = (mine.content, theirs.content) else { return nil }
            guard mine.users.contains(command), entry.text != old.text else { return nil }
            return Difference(path: mine.dottedPath, value: entry.text, oldValue: old.text)
        }
    }

    /// A key whose value differs between two configurations.
    package struct Difference: Equatable, Sendable, CustomStringConvertible {
        /// `solver.batch`.
        package let path: String
        /// The value as YAML.
        package let value: String
        /// The value in the older configuration.
        package let oldValue: String

        /// `solver.batch is 10, was 20`.
        package var description: String { "\(path) is \(value), was \(oldValue)" }
    }
}

extension Section {
    /// A config of all defaults, each key below a comment with its meaning and what may be written.
    ///
    /// - Parameter command: the command whose keys are wanted; `nil` for all.
    package static func template(for command: Command? = nil) -> String {
        Self().outline().members.filter { member in command.map(member.users.contains) ?? true }
            .map { $0.yaml(commented: true) }.joined()
    }

    /// Every key in a paragraph of its own: path and default, meaning, what may be written. Keys of one section follow what
    /// it is for and the commands that use it.
    package static var reference: String {
        Self().outline().members.map(\.reference).joined(separator: "\n")
    }
}

extension Outline {
    /// The YAML of a key or a section, each line under its comment where `commented`.
    fileprivate func yaml(commented: Bool) -> String {
        let indent = String(repeating: "  ", count: path.count - 1)
        switch content {
        case .key(let entry):
            let comment = commented ? "\(indent)# \(entry.help) (\(entry.form))\n" : ""
            return "\(comment)\(indent)\(name): \(entry.text)\n"
        case .section(let about, let members):
            let comment = commented ? "\(indent)# \(about)\n" : ""
            return "\(comment)\(indent)\(name):\n" + members.map { $0.yaml(commented: commented) }.joined()
        }
    }

    fileprivate var reference: String {
        let commands = Command.allCases.filter(users.contains).map(\.rawValue).joined(separator: ", ")
        let usedBy = commands.isEmpty || path.count > 1 ? "" : "  used by: \(commands)\n"
        switch content {
        case .key(let entry):
            return "\(dottedPath): \(entry.text)\n  \(entry.help)\n  \(entry.form)\n\(usedBy)"
        case .section(let about, let members):
            let paragraphs = members.map(\.reference).joined(separator: "\n")
            return "\(dottedPath):\n  \(about)\n\(usedBy)\n\(paragraphs)"
        }
    }
}
