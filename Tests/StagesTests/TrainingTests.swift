import Configuration
import FileAccess
import Foundation
import Runs
import StageSupport
import Stages
import TestSupport
import Testing
import Training

/// What a user may count on when a training is stopped, repeated or goes wrong.
@Suite struct TrainingTests {
    private func train(_ folder: String, _ changes: [String] = [], restart: Bool = false) throws -> RunEnd {
        try trainClassifier(tinySettings(for: .trainClassifier, changes), in: folder, restart: restart, makeSession())
    }

    /// As if the process had died after iteration `iteration` of a finished run.
    private func forget(after iteration: Int, in folder: String) throws {
        let files = FileManager.default
        try files.removeItem(atPath: join(folder, "model.safetensors"))
        for name in try files.contentsOfDirectory(atPath: join(folder, "checkpoints")) where Int(name) ?? 0 > iteration
        {
            try files.removeItem(atPath: join(folder, "checkpoints/" + name))
        }
    }

    @Test(arguments: ["trunk=vgg16", "trunk=vgg16_bn", "trunk=resnet14", "precision=bfloat16"], [7, 14])
    func aResumedRunIsBitwiseTheUndisturbedOne(_ model: String, _ stop: Int) throws {
        try withTemporaryFolder { folder in
            let changes = ["model.\(model)", "checkpoint={iterations: 7, keep: 9}"]
            let undisturbed = join(folder, "undisturbed")
            let resumed = join(folder, "resumed")
            #expect(try train(undisturbed, changes) == .finished)
            try FileManager.default.copyItem(atPath: undisturbed, toPath: resumed)
            try forget(after: stop, in: resumed)
            #expect(try train(resumed, changes) == .finished)
            let name = "model.safetensors"
            #expect(try readFile(join(resumed, name)) == readFile(join(undisturbed, name)))
            #expect(try losses(of: resumed) == losses(of: undisturbed))
            #expect(try losses(of: resumed).count == 20)
        }
    }

    /// What `auto` stands for is what the folder keeps; a run does not go on in another precision.
    @Test func theFolderKeepsThePrecision() throws {
        try withTemporaryFolder { folder in
            let changes = ["solver.iterations=1", "model.precision=auto"]
            #expect(try train(folder, changes) == .finished)
            let kept = try RunConfiguration(contentsOf: join(folder, "config.yaml")).model.precision
            #expect(kept != .auto)
            #expect(try train(folder, changes) == .finished)
            let other = kept == .float32 ? "bfloat16" : "float32"
            let message = message { try train(folder, ["solver.iterations=1", "model.precision=\(other)"]) }
            #expect(message.contains("model.precision is \(other), was \(kept.rawValue)"), "\(message)")
        }
    }

    @Test func aFinishedRunIsLeftAlone() throws {
        try withTemporaryFolder { folder in
            #expect(try train(folder, ["solver.iterations=2"]) == .finished)
            let model = try readFile(join(folder, "model.safetensors"))
            #expect(try train(folder, ["solver.iterations=2"]) == .finished)
            #expect(try readFile(join(folder, "model.safetensors")) == model)
            let message = message { try train(folder, ["solver.iterations=3"]) }
            #expect(message.contains("solver.iterations is 3, was 2"))
            #expect(try train(folder, ["solver.iterations=3"], restart: true) == .finished)
            #expect(try losses(of: folder).count == 3)
        }
    }

    /// With `--restart` too: an old run is not removed for a new one that cannot begin.
    @Test(arguments: [
        ("model.weights=missing.safetensors", "missing.safetensors: "),
        ("data.split=none", "none.txt: no such image list"),
        ("data.classes=[cat]", "unknown class"),
    ])
    func whatCannotBeginWritesNothing(_ change: String, _ words: String) throws {
        try withTemporaryFolder { folder in
            let run = join(folder, "run")
            let first = message { try train(run, [change]) }
            #expect(first.contains(words), "\(first)")
            #expect(!exists(run))
            _ = try train(run, ["solver.iterations=1"])
            let second = message { try train(run, [change], restart: true) }
            #expect(second.contains(words), "\(second)")
            #expect(exists(join(run, "model.safetensors")))
        }
    }

    @Test func aLossThatIsNoNumberStopsTheRun() throws {
        try withTemporaryFolder { folder in
            let error = #expect(throws: TrainingError.self) {
                try train(folder, ["solver.lr=1e20", "data.shuffle=false"])
            }
            let text = error?.description ?? ""
            #expect(text.contains("iteration 2") || text.contains("iteration 3"), "\(text)")
            // The second batch goes round the end of the list of six.
            #expect(text.contains("tiny_05, tiny_06, tiny_01, tiny_02") || text.contains("tiny_03"), "\(text)")
            #expect(text.hasSuffix("lower solver.lr"))
            #expect(!exists(join(folder, "model.safetensors")))
        }
    }

    @Test func whatCannotFitIsRefusedBeforeItStarts() throws {
        try withTemporaryFolder { folder in
            let run = join(folder, "run")
            let message = message { try train(run, ["solver.batch=100000"]) }
            #expect(message.hasPrefix("solver.batch: a step needs about "))
            #expect(message.contains("solver.micro_batch"))
            #expect(!exists(run))
        }
    }
}
