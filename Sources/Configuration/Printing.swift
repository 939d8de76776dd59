extension RunConfiguration {
    /// The settings that a command uses as YAML, in a fixed order; reading them gives them back.
    package func resolvedYAML(for command: Command) -> String {
        outline().members.filter { $0.users.contains(command) }.flatMap { $0.lines() }
            .map { $0.yaml + "\n" }.joined()
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
    /// Every key with its default, meaning and allowed values: a config with comments.
    package static var documentation: String {
        let lines = Self().outline().members.flatMap { $0.lines() }
        return lines.map { line in
            let padding = String(repeating: " ", count: max(2, 36 - line.yaml.count))
            return line.yaml + padding + "# " + line.comment + "\n"
        }.joined()
    }
}

extension Outline {
    /// The YAML of a key or a section, with what it means.
    fileprivate func lines() -> [(yaml: String, comment: String)] {
        let indent = String(repeating: "  ", count: path.count - 1)
        switch content {
        case .key(let entry):
            return [("\(indent)\(name): \(entry.text)", "\(entry.help) (\(entry.form))")]
        case .section(let about, let members):
            return [("\(indent)\(name):", about)] + members.flatMap { $0.lines() }
        }
    }
}
