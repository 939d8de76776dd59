import Configuration
import Evaluation
import FileAccess
import Foundation
import Reports
import Runs
import TensorCore
import Training

func readMetrics(_ path: String) throws {
    let whole = try unlessRefused { try MetricsRecord.all(in: path) }
    if let whole { try show(whole) }
    _ = try MetricsFile(path, after: 5) { _ in }
    // What it left out is said, and the rest can be read.
    guard let kept = try unlessRefused({ try MetricsRecord.all(in: path) }) else {
        throw Contradiction("metrics that are damaged after they were mended")
    }
    try show(kept)
}

private func show(_ metrics: [MetricsRecord]) throws {
    var report = Report(title: "a run", subtitle: "now")
    report.trainings = [TrainingRecord(name: "run", command: "train segmenter", metrics: metrics)]
    _ = try report.data()
}

func readScores(_ path: String) throws {
    let scores = try SegmenterScores(contentsOf: path)
    _ = scores.plain.table
    var report = Report(title: "a run", subtitle: "now")
    report.scores = [scores.plain, scores.crf].map {
        ScoreRow(run: "run", name: "DeepLab", split: scores.settings?.split ?? "val", images: 1, scores: $0)
    }
    report.classes = scores.plain.perClassIoU.map(\.name)
    _ = report.summary
    _ = try report.data()
}

// MARK: - Checkpoints

extension Workplace {
    /// Puts the data in the place of one file of a sound state, with a checksum that fits, and takes up the training.
    func readCheckpoint(_ data: Data) throws {
        var files = try state.get()
        let names = [stateFile, checksumsFile] + files.keys.filter { $0.hasSuffix(".safetensors") }.sorted()
        files[names[Int(data.first ?? 0) % names.count]] = data.dropFirst()
        if Int(data.first ?? 0) % names.count != 1 {
            var sums: [String: UInt32] = [:]
            for (name, contents) in files where name != checksumsFile { sums[name] = checksum(contents) }
            files[checksumsFile] = try JSONEncoder().encode(sums)
        }
        for (name, contents) in files { _ = try file("checkpoints/000007/\(name)", contents) }
        let optimizer = makeOptimizer()
        let iteration = try CheckpointStore(join(folder, "checkpoints"), keep: 2).loadLatest(optimizer) { _ in }
        _ = try MetricsFile(try file("metrics.jsonl", Data()), after: iteration ?? 0) { _ in }
    }

    /// The files of a state, by name.
    func savedState() throws -> [String: Data] {
        try CheckpointStore(join(folder, "checkpoints"), keep: 2).save(iteration: 7, makeOptimizer())
        let path = join(folder, "checkpoints/000007")
        return Dictionary(uniqueKeysWithValues: try fileNames(in: path).map { ($0, try readFile(join(path, $0))) })
    }
}

private let stateFile = "state.json"
private let checksumsFile = "checksums.json"

private func makeOptimizer() -> Optimizer {
    let arena = ParameterArena()
    _ = arena.declare("classifier.weight", [2, 3, 1, 1], role: .weight, start: .constant(0))
    _ = arena.declareStatistics("backbone.conv1_1_bn.running_mean", channels: 2, start: 0)
    return Optimizer(arena, RunConfiguration().solver)
}
