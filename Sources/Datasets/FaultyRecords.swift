import FileAccess
import Foundation

/// The records that are wrong: the first of each kind, and how many there are.
struct FaultyRecords {
    private var kinds: [(first: Diagnostic, count: Int)] = []
    private var placeOfKind: [String: Int] = [:]

    mutating func add(_ problem: Diagnostic) {
        let kind = FaultyRecords.kind(of: problem.finding.problem)
        if let place = placeOfKind[kind] {
            kinds[place].count += 1
        } else {
            placeOfKind[kind] = kinds.count
            kinds.append((problem, 1))
        }
    }

    /// A problem without what differs from record to record: numbers, and what a field is instead of what it should be.
    private static func kind(of problem: String) -> String {
        let place = problem.range(of: " is ")?.lowerBound ?? problem.endIndex
        let wanted = problem.range(of: ", not ", options: .backwards)?.lowerBound
        return (wanted.map { problem[..<min(place, $0)] + problem[$0...] } ?? problem[...]).filter { !$0.isNumber }
    }

    /// At most ten.
    var warnings: [Diagnostic] {
        kinds.prefix(10).map { first, count in
            var finding = first.finding
            finding.problem += count > 1 ? " (and \(count - 1) more like it)" : ""
            return first.severity == .error ? .leftOut(finding) : Diagnostic(.warning, finding)
        }
    }
}
