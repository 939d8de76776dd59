import Configuration
import FileAccess
import Runs
import StageSupport
import Stages
import TestSupport
import Testing

/// Holding few images at once changes nothing but the memory a step needs.
@Suite struct MicroBatchTests {
    private func train(_ command: Command, _ folder: String, _ changes: [String]) throws {
        let settings = try tinySettings(for: command, changes)
        let end =
            command == .trainClassifier
            ? try trainClassifier(settings, in: folder, restart: false, makeSession())
            : try trainSegmenter(settings, in: folder, restart: false, makeSession())
        #expect(end == .finished)
    }

    @Test(arguments: [
        (Command.trainClassifier, "model.pooling=bap"), (.trainClassifier, "model.pooling=gap"),
        (.trainSegmenter, "loss.kind=nal"), (.trainSegmenter, "loss.kind=ce_crf"),
        (.trainSegmenter, "loss.kind=ce_ret"),
        (.trainSegmenter, "loss.kind=baseline"), (.trainSegmenter, "loss.kind=entropy"),
        (.trainSegmenter, "loss.kind=bootstrapping"),
    ])
    func partsMakeTheSameStepAsTheWhole(_ command: Command, _ change: String) throws {
        try withTemporaryFolder { folder in
            let names = ["whole", "single", "uneven", "start"].map { join(folder, $0) }
            let changes = [change, "solver.iterations=6", "solver.schedule={kind: step, milestones: []}"]
            try train(command, names[0], changes)
            try train(command, names[1], changes + ["solver.micro_batch=1"])
            try train(command, names[2], changes + ["solver.micro_batch=3"])
            try train(command, names[3], changes + ["solver.lr=0"])
            let (whole, start) = (try model(of: names[0]), try model(of: names[3]))
            for parts in names[1...2] {
                #expect(try lossDifference(parts, names[0]) < 1e-4)
                #expect(changeDifference(try model(of: parts), whole, from: start) < 1e-2)
            }
        }
    }
}
