import Benchmarks
import Configuration
import FileAccess
import Foundation
import Runs

func readConfiguration(_ path: String) throws {
    let settings = try RunConfiguration(contentsOf: path)
    for command in Command.allCases {
        _ = try unlessRefused { try settings.validate(for: command) }
        try checkReadsBack(settings, for: command)
    }
}

func readOverrides(_ data: Data) throws {
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    let settings = try RunConfiguration(contentsOf: nil, overrides: lines)
    try checkReadsBack(settings, for: .trainSegmenter)
}

private func checkReadsBack(_ settings: RunConfiguration, for command: Command) throws {
    let text = settings.resolvedYAML(for: command)
    guard let again = try unlessRefused({ try RunConfiguration(yaml: text) }) else {
        throw Contradiction("settings that are refused as they were written: \(text)")
    }
    let differences = settings.differences(from: again, for: command)
    guard differences.isEmpty else { throw Contradiction("settings that read back as others: \(differences)") }
}

func readReproduction(_ path: String) throws {
    _ = try ReproductionConfiguration(contentsOf: path, settings: [])
}

func readLayers(_ path: String) throws {
    for layer in try LayerShapes(contentsOf: path).layers { _ = layer.operations(batch: 1) }
}

func readRunRecord(_ path: String) throws {
    let folder = RunFolder(parentFolder(of: path))
    _ = try unlessRefused { try folder.check(for: .trainSegmenter, RunConfiguration()) }
    _ = try RecordedRun(folder)
}

/// A record is sound that agrees with itself; what differs from another is told in words.
func readOutputRecord(_ path: String) throws {
    let found = try readJSON(OutputRecord.self, from: path, orSay: "this is no record of settings and weights")
    try found.claim(path, for: .label, what: "labels")
    try? OutputRecord(settings: RunConfiguration().resolvedYAML(for: .label), weights: 1)
        .claim(path, for: .label, what: "labels")
}
