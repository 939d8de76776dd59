import Foundation

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
        let lines = ([layout.heads] + layout.lines).map { $0.map { escaped($0.text) } }
        let widths = layout.heads.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        let rule =
            "|"
            + widths.enumerated().map { column, width in
                String(repeating: "-", count: width + 1) + (column == 0 ? "-|" : ":|")
            }.joined()
        var texts = lines.map { row($0, widths) }
        texts.insert(rule, at: 1)
        let below = layout.reasons.enumerated().map { "(\($0 + 1)) \($1)." } + notes
        let paragraphs = below.map { "\n\(escaped($0))\n" }.joined()
        return "## \(escaped(title))\n\n\(escaped(measure))\n\n\(texts.joined(separator: "\n"))\n\(paragraphs)"
    }
}

/// A line of a table: the name on the left, figures on the right of their columns.
private func row(_ texts: [String], _ widths: [Int]) -> String {
    let cells = texts.enumerated().map { column, text in
        let padding = String(repeating: " ", count: widths[column] - text.count)
        return column == 0 ? text + padding : padding + text
    }
    return "| " + cells.joined(separator: " | ") + " |"
}

/// Text without what Markdown takes for more than text.
private func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
        if "\\|*<".contains(character) { result.append("\\") }
        result.append(character)
    }
}
