import Reports

/// A table whose figures are yet to be measured.
struct PlannedTable {
    /// Where a cell's figures come from.
    enum Cell: Equatable {
        /// Figures of a run, by their names.
        case figures(run: String, names: [String])
        /// None can be had.
        case none(reason: String)
    }

    /// A line of the table.
    struct Row {
        let name: String
        /// One for each column.
        let cells: [Cell]

        init(_ name: String, _ cells: [Cell]) { (self.name, self.cells) = (name, cells) }
    }

    /// The table's number in the papers; `nil` for one of our own.
    let number: Int?
    let title: String
    let measure: String
    let corner: String
    let columns: [String]
    let rows: [Row]
    var notes: [String] = []
    /// Whether higher figures in another row say that it is better: the rows are methods, not measures.
    var comparesRows = true

    /// The runs it is measured on.
    var runs: Set<String> {
        Set(
            rows.flatMap(\.cells).compactMap { cell in
                if case .figures(let run, _) = cell { run } else { nil }
            })
    }

    /// What the plan calls it.
    var shortName: String { number.map { "Table \($0)" } ?? title }

    /// The table with what was measured, beside what is published.
    ///
    /// - Parameter outcomes: of the runs by name; those that are not there have not been made.
    func filled(with outcomes: [String: Outcome]) -> ResultTable {
        var table = ResultTable(
            title: number.map { "Table \($0). \(title)" } ?? title, measure: measure, corner: corner, columns: columns,
            rows: rows.map { row in
                ResultTable.Row(row.name, zip(columns, row.cells).map { filled($1, row.name, $0, outcomes) })
            })
        table.notes = notes
        if comparesRows, let note = table.orderingNote { table.notes.append(note) }
        return table
    }

    private func filled(
        _ cell: Cell, _ row: String, _ column: String, _ outcomes: [String: Outcome]
    ) -> ResultTable.Cell {
        let published = number.flatMap { publishedFigures[$0]?[row]?[column] }
        var result = ResultTable.Cell(authors: published?.authors, reproduction: published?.reproduction)
        switch cell {
        case .none(let reason): result.reason = reason
        case .figures(let run, let names):
            result.run = run
            switch outcomes[run] {
            case nil: result.reason = "not made yet; the same command goes on"
            case .failed(let reason): result.reason = reason
            case .measured(let figures):
                let values = names.compactMap { figures[$0] }
                if values.count == names.count { result.ours = values } else { result.reason = "nothing to measure" }
            }
        }
        return result
    }
}

/// What became of a run.
enum Outcome {
    /// Its figures by name, in percent.
    case measured([String: Double])
    /// Why it has none.
    case failed(String)
}
