import FileAccess
import Foundation
import Runs

/// `12.3`, or a dash for what was not measured.
func number(_ value: Double?, digits: Int = 1) -> String {
    value.map { String(format: "%.\(digits)f", $0) } ?? "-"
}

/// Milliseconds.
func milliseconds(_ seconds: Double?) -> String { number(seconds.map { $0 * 1e3 }) }

/// A benchmark's results with the machine they hold for.
struct Results<Content: Encodable>: Encodable {
    let benchmark: String
    let machine: [String]
    let repeats: Int
    let results: Content

    init(_ benchmark: String, _ results: Content, _ options: BenchmarkOptions, _ session: Session) {
        (self.benchmark, self.results, self.repeats) = (benchmark, results, options.repeats)
        machine = session.provenance
    }

    /// Writes the results where the user wants them.
    func write(to path: String?) throws {
        guard let path else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try writeAtomically(try encoder.encode(self), to: path)
    }
}
