import Foundation

/// The texts of a table, laid out: every column once for each source that has a figure in the table.
struct TableText {
    /// A text in its place.
    struct Cell: Equatable {
        var text: String
        var isOurs = false
    }

    /// The corner, then each column with its sources.
    let heads: [Cell]
    /// Each with its name first.
    let lines: [[Cell]]
    /// Why cells are empty; a cell refers to the first as `(1)`.
    let reasons: [String]

    init(_ table: ResultTable) {
        let cells = table.rows.flatMap(\.cells)
        let sources = ResultSource.allCases.filter { source in
            source == .ours || cells.contains { source.figures($0) != nil }
        }
        var reasons: [String] = []
        for reason in cells.compactMap(\.reason) where !reasons.contains(reason) { reasons.append(reason) }
        heads =
            [Cell(text: table.corner)]
            + table.columns.flatMap { column in
                sources.map { Cell(text: head(column, $0, of: sources.count), isOurs: $0 == .ours) }
            }
        lines = table.rows.map { row in
            [Cell(text: row.name)]
                + row.cells.flatMap { cell in
                    sources.map { Cell(text: text(cell, $0, reasons), isOurs: $0 == .ours) }
                }
        }
        self.reasons = reasons
    }
}

/// A column's name, its source's, or both.
private func head(_ column: String, _ source: ResultSource, of sources: Int) -> String {
    if sources == 1 && !column.isEmpty { return column }
    return column.isEmpty ? source.rawValue : "\(column), \(source.rawValue)"
}

private func text(_ cell: ResultTable.Cell, _ source: ResultSource, _ reasons: [String]) -> String {
    if let figures = source.figures(cell) {
        return figures.map { source == .ours ? String(format: "%.2f", $0) : $0.description }.joined(separator: " / ")
    }
    guard source == .ours, let reason = cell.reason, let place = reasons.firstIndex(of: reason) else { return "–" }
    return "– (\(place + 1))"
}
