/// How a run was made.
package struct SettingsRecord: Sendable {
    /// The run's folder.
    package var name: String
    /// The command, and lines on program, ranks and machine.
    package var notes: [String]
    /// The resolved settings as YAML.
    package var text: String
    /// Where they differ from those of the first run of the same command: `solver.lr is 0.1, was 0.2`.
    package var differences: [String]

    package init(name: String, notes: [String], text: String, differences: [String]) {
        (self.name, self.notes, self.text, self.differences) = (name, notes, text, differences)
    }
}

/// A column for each run.
func settingsTables(_ records: [SettingsRecord]) -> HTML {
    let columns: [HTML] = records.map { record in
        let notes: [HTML] = record.notes.map { "<p class=\"note\">\($0)</p>" }
        let differences: [HTML] = record.differences.map { "<li>\($0)</li>" }
        return """
            <article>
            <h3>\(record.name)</h3>
            \(notes)
            \(differences.isEmpty ? .empty : "<ul>\(differences)</ul>")
            <pre>\(record.text)</pre>
            </article>
            """
    }
    return "<div class=\"settings\">\n\(columns)\n</div>"
}
