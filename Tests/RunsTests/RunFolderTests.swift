import Configuration
import FileAccess
import Foundation
import Runs
import TestSupport
import Testing

@Suite struct RunFolderTests {
    private func settings(_ yaml: String = "seed: 13") throws -> RunConfiguration { try RunConfiguration(yaml: yaml) }

    private func begin(
        _ folder: RunFolder, _ settings: RunConfiguration, for command: Command = .trainClassifier,
        restart: Bool = false
    ) throws {
        if !restart { try folder.check(for: command, settings) }
        try folder.begin(for: command, settings, note: ["bana on a test machine"], restart: restart)
    }

    @Test func aNewFolderHoldsTheResolvedSettingsAndWhereTheyCameFrom() throws {
        try withTemporaryFolder { path in
            let folder = RunFolder(join(path, "runs/first"))
            try begin(folder, settings("solver: {batch: 3}"))
            let text = String(decoding: try readFile(folder.configuration), as: UTF8.self)
            #expect(text.hasPrefix("# bana train classifier\n# bana on a test machine\n"))
            #expect(try RunConfiguration(yaml: text).solver.batch == 3)
            #expect(!folder.isFinished)
        }
    }

    /// As git or an editor on Windows writes it.
    @Test func otherEndsOfLinesMakeNoDifference() throws {
        try withTemporaryFolder { path in
            let folder = RunFolder(path)
            try begin(folder, settings())
            let text = String(decoding: try readFile(folder.configuration), as: UTF8.self)
            let windows = "\u{FEFF}" + text.replacing("\n", with: "\r\n")
            try writeAtomically(Data(windows.utf8), to: folder.configuration)
            try folder.check(for: .trainClassifier, settings())
            let run = try RecordedRun(folder)
            #expect(run.command == .trainClassifier && run.notes == ["bana on a test machine"])
            #expect(folder.command == .trainClassifier)
        }
    }

    @Test func theSameSettingsGoOn() throws {
        try withTemporaryFolder { path in
            let folder = RunFolder(path)
            try begin(folder, settings())
            // Settings of other commands may change: they make no difference.
            try begin(folder, settings("{seed: 13, label: {bg_threshold: 0.5}}"))
        }
    }

    @Test func changedSettingsAreNamed() throws {
        try withTemporaryFolder { path in
            let folder = RunFolder(path)
            try begin(folder, settings())
            let before = try readFile(folder.configuration)
            let message = message { try begin(folder, settings("{seed: 14, solver: {lr: 0.5}}")) }
            #expect(message.hasPrefix("\(folder.configuration): "))
            #expect(message.contains("seed is 14, was 13"))
            #expect(message.contains("solver.lr is 0.5, was 0.001"))
            #expect(message.contains("--restart"))
            #expect(try readFile(folder.configuration) == before)
        }
    }

    @Test func aFolderBelongsToOneCommand() throws {
        try withTemporaryFolder { path in
            let folder = RunFolder(path)
            try begin(folder, settings())
            let message = message { try begin(folder, settings(), for: .trainSegmenter) }
            #expect(message.contains("another command"))
        }
    }

    /// Written by hand, or by a later version.
    @Test func settingsThatCannotBeReadAreNamed() throws {
        try withTemporaryFolder { path in
            let folder = RunFolder(path)
            _ = try write("# bana train classifier\nsolver:\n  speed: 11\n", to: "config.yaml", in: path)
            let message = message { try begin(folder, settings()) }
            #expect(message.hasPrefix("\(folder.configuration):line 3: unknown key solver.speed"))
        }
    }

    @Test func aRestartForgetsTheRunAndNothingElse() throws {
        try withTemporaryFolder { path in
            let folder = RunFolder(path)
            try begin(folder, settings())
            for name in [
                "metrics.jsonl", "model.safetensors", "checkpoints/000005/state.json", "report.html", "evaluation.json",
                "predictions/a.png", "predictions_crf/a.png", "notes.txt",
            ] {
                _ = try write("-", to: name, in: path)
            }
            #expect(folder.isFinished)
            try begin(folder, settings("seed: 99"), for: .trainSegmenter, restart: true)
            let left = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
            #expect(left == ["config.yaml", "notes.txt"])
        }
    }
}
