/// A table of measured figures beside published ones.
package struct ResultTable: Codable, Equatable, Sendable {
    /// A line of the table.
    package struct Row: Codable, Equatable, Sendable {
        package var name: String
        /// One for each column of the table.
        package var cells: [Cell]

        package init(_ name: String, _ cells: [Cell]) { (self.name, self.cells) = (name, cells) }
    }

    /// What the sources say of one thing: figures in percent, mostly a single one.
    package struct Cell: Codable, Equatable, Sendable {
        /// Of the method's paper; `nil` where it has none.
        package var authors: [Double]?
        /// Of its reproduction; `nil` where it has none.
        package var reproduction: [Double]?
        package var ours: [Double]?
        /// Why there is nothing of ours.
        package var reason: String?
        /// The run that `ours` was measured on.
        package var run: String?

        package init(
            authors: [Double]? = nil, reproduction: [Double]? = nil, ours: [Double]? = nil, reason: String? = nil,
            run: String? = nil
        ) {
            (self.authors, self.reproduction) = (authors, reproduction)
            (self.ours, self.reason, self.run) = (ours, reason, run)
        }
    }

    /// `Table 1. Pseudo labels`.
    package var title: String
    /// What the figures are: `mIoU, %`.
    package var measure: String
    /// What the rows' names are: `method`.
    package var corner: String
    package var columns: [String]
    package var rows: [Row]
    /// Sentences on how to read it.
    package var notes: [String] = []

    package init(title: String, measure: String, corner: String, columns: [String], rows: [Row]) {
        (self.title, self.measure, self.corner, self.columns, self.rows) = (title, measure, corner, columns, rows)
    }
}

/// Who found a figure.
enum ResultSource: String, CaseIterable {
    case authors, reproduction = "repro.", ours

    /// The figures of a cell.
    func figures(_ cell: ResultTable.Cell) -> [Double]? {
        switch self {
        case .authors: cell.authors
        case .reproduction: cell.reproduction
        case .ours: cell.ours
        }
    }
}
