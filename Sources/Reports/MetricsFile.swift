package import FileAccess
import Foundation

/// `metrics.jsonl`: what a run measured, one JSON object a line, in ascending order of `iteration`.
///
/// Each line is handed to the system whole as soon as it is appended, so that others can follow a run; after a crash
/// at most the last line is torn, and readers pass over it. Numbers keep their full precision; those that are not
/// finite, which JSON lacks, are written as null.
package final class MetricsFile {
    private let file: AppendingFile

    /// Opens the file for a run that goes on after `iteration` (0: from its beginning); later lines are removed, and those
    /// that are damaged. Where there are such, the file as it was stays under another name, `metrics.jsonl.damaged`.
    ///
    /// - Parameter warn: told of iterations that have no line, as after a loss of power.
    /// - Throws: `InputError` or `MachineError` naming the file, if it cannot be written.
    package init(_ path: String, after iteration: Int, warn: (Diagnostic) -> Void) throws {
        var damage: InputError?
        let all = exists(path) ? try lines(of: path) { damage = damage ?? $0 } : []
        if var damage {
            try writeAtomically(try readFile(path), to: path + ".damaged")
            damage.remedy = "the file as it was is \(lastName(of: path)).damaged"
            warn(Diagnostic(.warning, damage))
        }
        let kept = all.filter { $0.record.iteration <= iteration }
        let missing = IndexSet(1..<iteration + 1).subtracting(IndexSet(kept.map(\.record.iteration)))
        if let first = missing.first, let last = missing.last {
            let text = "\(missing.count) iterations from \(first) to \(last) are lost: the curves have a gap"
            warn(Diagnostic(.warning, InputError(text, file: path)))
        }
        try writeAtomically(Data(kept.map { $0.text + "\n" }.joined().utf8), to: path)
        file = try AppendingFile(path)
    }

    /// Appends a line: the iteration, then `values` in their order.
    ///
    /// - Throws: `InputError` naming the file, if the disk is full for example.
    package func append(iteration: Int, _ values: [(name: String, value: Double)]) throws {
        let pairs = try values.map { ",\(try json($0.name)):\($0.value.isFinite ? "\($0.value)" : "null")" }
        let line = "{\"iteration\":\(iteration)\(pairs.joined())}\n"
        try file.append(Data(line.utf8))
    }

    /// Waits until all lines are on the disk, before a state is saved that relies on them.
    package func flush() throws { try file.flush() }
}

/// A line of a metrics file.
package struct MetricsRecord: Equatable, Sendable {
    /// From 1.
    package let iteration: Int
    /// Everything else; null is not a number.
    package let values: [String: Double]

    /// Reads all lines of a metrics file.
    ///
    /// - Throws: `InputError` naming file and line, if another than the last is damaged.
    package static func all(in path: String) throws -> [MetricsRecord] {
        try lines(of: path) { throw $0 }.map(\.record)
    }

    fileprivate init?(_ line: Substring) {
        let line = line.drop { $0 == "\u{FEFF}" }
        guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
            return nil
        }
        guard let iteration = object["iteration"] as? Int, iteration > 0 else { return nil }
        self.iteration = iteration
        values = object.filter { $0.key != "iteration" }.mapValues { $0 as? Double ?? .nan }
    }
}

/// The sound lines of a metrics file, without a torn last one; `report` is given an error for each other that is not.
///
/// An editor may have changed the ends of lines. Zeros are what a loss of power leaves; nothing is lost with them.
private func lines(
    of path: String, report: (InputError) throws -> Void
) throws -> [(text: Substring, record: MetricsRecord)] {
    let text = String(decoding: try readFile(path), as: UTF8.self)
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    return try lines.enumerated().compactMap { index, line in
        if let record = MetricsRecord(line) { return (line, record) }
        if index < lines.count - 1, !isTornByPowerLoss(line) {
            try report(
                InputError("not a metrics record", file: path, at: "line \(index + 1)", remedy: "remove this line"))
        }
        return nil
    }
}

private func isTornByPowerLoss(_ line: Substring) -> Bool { !line.isEmpty && line.utf8.allSatisfy { $0 == 0 } }

private func json(_ text: String) throws -> String {
    String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
}
