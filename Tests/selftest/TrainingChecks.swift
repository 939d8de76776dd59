import Communication
import Configuration
import FileAccess
import Foundation
import Runs
import StageSupport
import Stages
import TestSupport

let trainingChecks = [
    Check("the classifier, a batch that does not divide") { ranks in
        try ranks.compareTraining("classifier", .trainClassifier, ["solver.batch=5"])
    },
    Check("the segmenter with the noise-aware loss") { ranks in
        try ranks.compareTraining("segmenter", .trainSegmenter, [])
    },
    Check("gradients that travel as bfloat16, of a loss of one mean and of two") { ranks in
        // Half a digit of a gradient is 2e-3 of it, and a few tensors are small sums of large parts.
        for (name, command) in [("classifier", Command.trainClassifier), ("segmenter", .trainSegmenter)] {
            try ranks.compareTraining("rounded-" + name, command, ["solver.batch=5", bfloat16], within: (5e-3, 5e-2))
        }
    },
    Check("micro-batches of a loss of two means") { ranks in
        let changes = ["solver.batch=5", "solver.micro_batch=1"]
        try ranks.compareTraining("micro", .trainSegmenter, changes)
    },
    Check("batch norm over all ranks") { ranks in
        try ranks.compareTraining("global", .trainClassifier, globalBatchNorm)
    },
    Check("batch norm of a ResNet over all ranks") { ranks in
        // Of these images and weights no unit lies so near to a kink that rounding decides its gradient.
        try ranks.compareTraining(
            "resnet", .trainSegmenter,
            [
                "model.trunk=resnet14", "model.head=aspp", "model.batch_norm.mode=global", "solver.batch=5", "seed=1",
                "solver.lr=0.000001",
            ])
    },
    Check("fewer images than ranks") { ranks in
        try ranks.compareTraining("few", .trainSegmenter, ["solver.batch=2"])
    },
    Check("fewer images than ranks, batch norm over all of them") { ranks in
        let changes = globalBatchNorm + ["solver.batch=2", "solver.lr=0.000001"]
        try ranks.compareTraining("few-global", .trainClassifier, changes)
    },
    Check("ranks without a valid pixel") { ranks in
        let labels = join(ranks.folder, "ignored")
        try ranks.alone { _ in try ignoreMostLabels(in: labels) }
        let changes = ["data.labels={crf: \(labels)/Y_crf, ret: \(labels)/Y_ret}", "data.shuffle=false"]
        try ranks.compareTraining("ignored", .trainSegmenter, changes)
    },
    Check("batch norm over all ranks in micro-batches does not hang") { ranks in
        let settings = try tinySettings(
            for: .trainClassifier,
            ["solver.batch=5", "solver.micro_batch=1", "solver.iterations=3"] + globalBatchNorm)
        try ranks.together { session in
            _ = try trainClassifier(settings, in: join(ranks.folder, "parts"), restart: false, session)
        }
    },
    Check("the same ranks again give the same bits") { ranks in
        let settings = try tinySettings(for: .trainSegmenter, gentle)
        let again = join(ranks.folder, "again")
        try ranks.together { _ = try trainSegmenter(settings, in: again, restart: false, $0) }
        guard ranks.world.isRoot else { return }
        let model = "model.safetensors"
        let isSame = try readFile(join(again, model)) == readFile(join(ranks.folder, "segmenter/together/" + model))
        ranks.expect(isSame, "another model")
    },
    Check("reproducible runs are bitwise those of one process") { ranks in
        guard [1, 2, 4].contains(ranks.world.size) else { return }
        let cases: [(command: Command, changes: [String])] = [
            (.trainClassifier, ["model.trunk=vgg16_bn", "solver.batch=6"]),
            (.trainClassifier, ["solver.batch=2"]),
            (.trainSegmenter, ["solver.batch=7", "solver.micro_batch=1"]),
            (.trainSegmenter, ["solver.batch=7", "solver.micro_batch=1", bfloat16]),
        ]
        for (number, test) in cases.enumerated() {
            try ranks.expectSameBits("reproducible-\(number)", test.command, test.changes)
        }
        guard ranks.world.isRoot else { return }
        let models = try [2, 3].map { try readFile(join(ranks.folder, "reproducible-\($0)/alone/model.safetensors")) }
        ranks.expect(models[0] != models[1], "rounding has changed nothing")
    },
    Check("gradients that travel as bfloat16 go on from a checkpoint as if nothing had been") { ranks in
        let settings = try tinySettings(
            for: .trainSegmenter, gentle + ["solver.batch=5", "checkpoint.iterations=10", bfloat16])
        let (run, model) = (join(ranks.folder, "resumed"), "model.safetensors")
        try ranks.together { _ = try trainSegmenter(settings, in: run, restart: false, $0) }
        let whole = try readFile(join(run, model))
        try ranks.world.barrier()
        if ranks.world.isRoot { for name in [model, "checkpoints/000020"] { try removeItem(join(run, name)) } }
        try ranks.together { _ = try trainSegmenter(settings, in: run, restart: false, $0) }
        ranks.expect(try readFile(join(run, model)) == whole, "another model")
    },
    Check("a run goes on with another number of ranks") { ranks in
        let settings = try tinySettings(
            for: .trainClassifier, gentle + ["solver.batch=5", "checkpoint.iterations=10"])
        let run = join(ranks.folder, "handover")
        try ranks.alone { session in
            _ = try trainClassifier(settings, in: run, restart: false, session)
            for name in ["model.safetensors", "checkpoints/000020"] { try removeItem(join(run, name)) }
        }
        try ranks.together { _ = try trainClassifier(settings, in: run, restart: false, $0) }
        try ranks.compare(run, join(ranks.folder, "classifier/alone"), from: join(ranks.folder, "classifier/start"))
    },
]

/// Steps so small that rounding, the only difference there may be, does not grow to one that matters: with greater ones a
/// network of four channels, trained from nothing, makes 1e-3 of 1e-7 in twenty iterations, whoever adds up.
private let gentle = ["solver.lr=0.00003"]
private let bfloat16 = "solver.gradient_exchange=bfloat16"
/// With these weights and images no unit lies so near to a kink that rounding decides its gradient.
private let globalBatchNorm = ["model.trunk=vgg16_bn", "model.batch_norm.mode=global", "seed=5"]

/// How far losses may differ from those of one process, as a share of them, and each tensor's total change.
private typealias Limits = (losses: Double, changes: Double)
/// What float32 must keep to.
private let contract: Limits = (1e-4, 1e-2)

extension Ranks {
    /// Trains alone and together, and compares losses and weights.
    fileprivate func compareTraining(
        _ name: String, _ command: Command, _ changes: [String], within limits: Limits = contract
    ) throws {
        let runs = ["alone", "together", "start"].map { join(folder, "\(name)/\($0)") }
        try alone { session in
            try train(command, changes, in: runs[0], session)
            try train(command, changes + ["solver.lr=0", "solver.iterations=1"], in: runs[2], makeSession())
        }
        try together { try train(command, changes, in: runs[1], $0) }
        try compare(runs[1], runs[0], from: runs[2], within: limits)
    }

    /// Trains reproducibly alone and together, and compares every bit of the models.
    fileprivate func expectSameBits(_ name: String, _ command: Command, _ changes: [String]) throws {
        let runs = ["alone", "together"].map { join(folder, "\(name)/\($0)") }
        let train = { (run: String, session: Session) in
            session.isReproducible = true
            try self.train(command, ["solver.lr=0.001"] + changes, in: run, session)
        }
        try alone { try train(runs[0], $0) }
        try together { try train(runs[1], $0) }
        guard world.isRoot else { return }
        let models = try runs.map { try readFile(join($0, "model.safetensors")) }
        expect(models[0] == models[1], "\(name): \(changes) give other bits")
    }

    fileprivate func compare(
        _ run: String, _ reference: String, from start: String, within limits: Limits = contract
    ) throws {
        guard world.isRoot else { return }
        let losses = try lossDifference(run, reference)
        expect(losses < limits.losses, "losses differ by \(losses)")
        let changes = changeDifference(
            try model(of: run).meaningful, try model(of: reference).meaningful, from: try model(of: start))
        expect(changes < limits.changes, "changes of weights differ by \(changes)")
    }

    private func train(_ command: Command, _ changes: [String], in run: String, _ session: Session) throws {
        let settings = try tinySettings(for: command, gentle + changes)
        if command == .trainClassifier {
            _ = try trainClassifier(settings, in: run, restart: false, session)
        } else {
            _ = try trainSegmenter(settings, in: run, restart: false, session)
        }
    }
}

extension [String: [Float]] {
    /// The tensors without the biases that batch norm takes out again: no gradient reaches these but by rounding.
    fileprivate var meaningful: [String: [Float]] {
        filter { name, _ in
            !name.hasSuffix(".bias") || self[name.replacing(".bias", with: "_bn.weight")] == nil
        }
    }
}
