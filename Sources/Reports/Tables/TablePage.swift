import FileAccess

/// All tables of a reproduction, and what they were measured on.
package struct TablePage: Codable, Equatable, Sendable {
    package var title: String
    /// Lines on data, networks and schedules.
    package var notes: [String]
    package var tables: [ResultTable]

    package init(title: String, notes: [String], tables: [ResultTable]) {
        (self.title, self.notes, self.tables) = (title, notes, tables)
    }

    /// The page as Markdown, its columns aligned for who reads the text itself.
    package var markdown: String {
        let notes = notes.map { "- \(escaped($0))\n" }.joined()
        return "# \(escaped(title))\n\n\(notes)\n" + tables.map(\.markdown).joined(separator: "\n")
    }
}

extension ResultTable {
    /// The table under a heading, its notes below it.
    package var markdown: String {
        let layout = TableText(self)
        var table = TextTable(layout.heads.map { escaped($0.text) })
        for line in layout.lines { table.append(line.map { escaped($0.text) }) }
        let cells = table.paddedCells
        let rule = cells[0].enumerated().map { column, text in
            String(repeating: "-", count: text.count + 1) + (column == 0 ? "-|" : ":|")
        }
        var texts = cells.map { "| " + $0.joined(separator: " | ") + " |" }
        texts.insert("|" + rule.joined(), at: 1)
        let below = layout.reasons.enumerated().map { "(\($0 + 1)) \($1)." } + notes
        let paragraphs = below.map { "\n\(escaped($0))\n" }.joined()
        return "## \(escaped(title))\n\n\(escaped(measure))\n\n\(texts.joined(separator: "\n"))\n\(paragraphs)"
    }
}

/// Text without what Markdown takes for more than text.
private func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
        if "\\|*<".contains(character) { result.append("\\") }
        result.append(character)
    }
}
