package import Communication
import FileAccess
import Logging
import Reports
package import Runs
import TestSupport
import Weights

/// A session that keeps its log to itself; of one process unless `communicator` says otherwise.
package func makeSession(_ communicator: Communicator = Communicator(), threads: Int = 1) -> Session {
    Session(
        communicator: communicator, threads: threads, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
}

/// The loss of each iteration, as a run's metrics tell it.
package func losses(of run: String) throws -> [Double] {
    try MetricsRecord.all(in: join(run, "metrics.jsonl")).map { $0.values["loss"] ?? .nan }
}

/// Every tensor of a finished run's model, by name.
package func model(of run: String) throws -> [String: [Float]] {
    let file = try openWeights(join(run, "model.safetensors"))
    return Dictionary(uniqueKeysWithValues: try file.tensors.map { ($0.name, try file.floats(of: $0)) })
}

/// The largest difference of two runs' losses, as a share of the loss; infinite where they are of different length.
package func lossDifference(_ run: String, _ other: String) throws -> Double {
    let (mine, theirs) = (try losses(of: run), try losses(of: other))
    guard mine.count == theirs.count, !mine.isEmpty else { return .infinity }
    return zip(mine, theirs).reduce(0) { max($0, abs($1.0 - $1.1) / abs($1.1)) }
}

/// The largest difference of two models that began as `start`: of a tensor, as a share of its change.
package func changeDifference(
    _ model: [String: [Float]], _ other: [String: [Float]], from start: [String: [Float]]
) -> Double {
    guard Set(model.keys) == Set(other.keys) else { return .infinity }
    return model.reduce(0) { worst, tensor in
        let (theirs, first) = (other[tensor.key] ?? [], start[tensor.key] ?? [])
        let (difference, change) = (distance(tensor.value, theirs), distance(theirs, first))
        return max(worst, difference == 0 ? 0 : difference / change)
    }
}

private func distance(_ a: [Float], _ b: [Float]) -> Double {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }.squareRoot()
}
