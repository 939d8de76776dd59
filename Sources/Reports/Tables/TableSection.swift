extension TablePage {
    /// The tables for a page of HTML, under the notes on what they were measured on.
    var html: [HTML] {
        let lines: [HTML] = notes.map { "<p class=\"note\">\($0)</p>" }
        return lines + tables.map(\.html)
    }
}

extension ResultTable {
    fileprivate var html: HTML {
        let layout = TableText(self)
        let heads: [HTML] = layout.heads.enumerated().map { place, head in
            place == 0 ? "<th>\(head.text)</th>" : "<th class=\"number\">\(head.text)</th>"
        }
        let lines: [HTML] = layout.lines.map { line in
            let cells: [HTML] = line.dropFirst().map { cell in
                cell.isOurs
                    ? "<td class=\"number\"><b>\(cell.text)</b></td>" : "<td class=\"number\">\(cell.text)</td>"
            }
            return "<tr><th>\(line.first?.text ?? "")</th>\(cells)</tr>"
        }
        let below = layout.reasons.enumerated().map { "(\($0 + 1)) \($1)." } + notes
        return """
            <h3>\(title)</h3>
            <p class="note">\(measure)</p>
            <table class="results">
            <thead><tr>\(heads)</tr></thead>
            <tbody>
            \(lines)
            </tbody>
            </table>
            \(below.map { line -> HTML in "<p class=\"note\">\(line)</p>" })
            """
    }
}
