import Foundation

extension ResultTable {
    /// Says whether rows that the sources order alike are in that order here too; `nil` where nothing can be compared.
    ///
    /// Of each column, all pairs of rows count whose published figures differ, in the same direction in every source
    /// that has both. Of several figures in a cell the last one counts.
    package var orderingNote: String? {
        let pairs = columns.indices.flatMap(comparablePairs)
        guard !pairs.isEmpty else { return nil }
        let wrong = pairs.filter { !$0.isKept }
        let summary = "\(pairs.count - wrong.count) of the \(pairs.count) pairs of rows are ordered as published"
        guard !wrong.isEmpty, wrong.count <= 3 else { return summary + "." }
        let exceptions = wrong.map { "\($0.worse) is above \($0.better)\($0.place)" }
        return "\(summary); not so: \(exceptions.joined(separator: ", "))."
    }

    /// Two rows of which one is published as the better.
    private struct Pair {
        let better: String
        let worse: String
        /// The column, where there are several.
        let place: String
        let isKept: Bool
    }

    private func comparablePairs(in column: Int) -> [Pair] {
        rows.indices.flatMap { first in
            rows.indices.dropFirst(first + 1).compactMap { second in pair(rows[first], rows[second], column) }
        }
    }

    private func pair(_ first: Row, _ second: Row, _ column: Int) -> Pair? {
        let (a, b) = (first.cells[column], second.cells[column])
        let published = [ResultSource.authors, .reproduction].compactMap { difference(a, b, $0) }
        guard let ours = difference(a, b, .ours), let sign = published.first?.sign, !published.contains(0),
            published.allSatisfy({ $0.sign == sign })
        else { return nil }
        let isFirstBetter = sign == .plus
        return Pair(
            better: isFirstBetter ? first.name : second.name, worse: isFirstBetter ? second.name : first.name,
            place: columns.count > 1 ? " (\(columns[column]))" : "", isKept: isFirstBetter ? ours > 0 : ours < 0)
    }

    private func difference(_ a: Cell, _ b: Cell, _ source: ResultSource) -> Double? {
        guard let mine = source.figures(a)?.last, let theirs = source.figures(b)?.last else { return nil }
        return mine - theirs
    }
}
