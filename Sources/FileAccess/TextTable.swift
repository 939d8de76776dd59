/// A table for a terminal: columns as wide as their widest text, two spaces apart.
package struct TextTable {
    private enum Line {
        case cells([String])
        /// Dashes across the whole table.
        case rule
    }

    private var lines: [Line]
    private let leftColumns: Int
    private let minimumWidths: [Int]

    /// A table with a line of headings.
    ///
    /// - Parameters:
    ///   - leftColumns: the number of columns, from the first, whose texts are aligned on the left; numbers follow.
    ///   - minimumWidths: of the columns, from the first, in characters.
    package init(_ heads: [String], leftColumns: Int = 1, minimumWidths: [Int] = []) {
        (lines, self.leftColumns, self.minimumWidths) = ([.cells(heads)], leftColumns, minimumWidths)
    }

    /// Adds a line; it has a text for each heading.
    package mutating func append(_ cells: [String]) { lines.append(.cells(cells)) }

    /// Adds a line of dashes.
    package mutating func appendRule() { lines.append(.rule) }

    /// Every line's texts, padded to the widths of their columns; rules are left out.
    package var paddedCells: [[String]] {
        let widths = widths
        return lines.compactMap { line in
            guard case .cells(let cells) = line else { return nil }
            return padded(cells, widths)
        }
    }

    private var widths: [Int] {
        var widths = minimumWidths
        for case .cells(let cells) in lines {
            widths += [Int](repeating: 0, count: max(0, cells.count - widths.count))
            for (column, text) in cells.enumerated() { widths[column] = max(widths[column], text.count) }
        }
        return widths
    }

    private func padded(_ cells: [String], _ widths: [Int]) -> [String] {
        cells.enumerated().map { column, text in
            let padding = String(repeating: " ", count: widths[column] - text.count)
            return column < leftColumns ? text + padding : padding + text
        }
    }
}

extension TextTable: CustomStringConvertible {
    /// The lines, without spaces at their ends.
    package var description: String {
        let widths = widths
        let rule = String(repeating: "-", count: widths.reduce(0, +) + 2 * (widths.count - 1))
        let texts = lines.map { line in
            guard case .cells(let cells) = line else { return rule }
            let text = padded(cells, widths).joined(separator: "  ")
            return String(text.reversed().drop { $0 == " " }.reversed())
        }
        return texts.joined(separator: "\n")
    }
}
