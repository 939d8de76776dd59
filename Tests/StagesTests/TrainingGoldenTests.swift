import Configuration
import FileAccess
import Runs
import StageSupport
import Stages
import TestSupport
import Testing

/// Training runs whose losses and weights a second implementation has computed in double precision.
@Suite struct TrainingGoldenTests {
    static let cases = [
        "classifier/bap", "classifier/gap", "classifier/bap_pool5", "classifier/bap_bn", "classifier/bap_bn_frozen",
        "segmenter/nal", "segmenter/nal_detached", "segmenter/ce_crf", "segmenter/ce_ret", "segmenter/baseline",
        "segmenter/entropy", "segmenter/bootstrapping", "segmenter/v2", "segmenter/v2_frozen",
    ]

    @Test(arguments: cases, [1, 5])
    func lossesAndWeightsAreThoseOfTheReference(_ name: String, _ iterations: Int) throws {
        let golden = try decodeFixture(GoldenTraining.self, name + ".json")
        let wanted = try #require(golden.runs.first { $0.iterations == iterations })
        try withTemporaryFolder { folder in
            try golden.train(name, iterations, in: folder)
            let losses = try losses(of: folder)
            #expect(losses.count == wanted.losses.count)
            for (found, loss) in zip(losses, wanted.losses) {
                #expect(abs(found - loss) <= (iterations == 1 ? 1e-6 : 1e-4) * loss)
            }
            let end = try model(of: folder)
            #expect(Set(end.keys) == Set(wanted.tensors.map(\.name)))
            for change in wanted.tensors {
                let rule = try #require(golden.start.first { $0.name == change.name })
                let moved = zip(end[change.name] ?? [], rule.values).map { Double($0) - Double($1) }
                #expect(change.error(of: moved) < 0.01, "\(change.name)")
            }
        }
    }
}

/// A fixture of training.
private struct GoldenTraining: Decodable {
    let start: [StartTensor]
    let runs: [Run]

    struct Run: Decodable {
        let iterations: Int
        let losses: [Double]
        let tensors: [Change]
    }

    /// How a tensor ended, less how it started.
    struct Change: Decodable {
        let name: String
        let change_norm: Double
        /// Inner products with three vectors of the formula.
        let projections: [Double]

        /// How far `found` is from this change, as a share of its length.
        ///
        /// A projection's size is about the length times 3^-0.5: the vectors' elements are uniform in -1..1.
        func error(of found: [Double]) -> Double {
            let norm = found.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let differences = zip(Formula.projections(name, of: found), projections).map {
                abs($0 - $1) * 3.0.squareRoot()
            }
            let error = differences.reduce(abs(norm - change_norm), max)
            return error == 0 ? 0 : error / change_norm
        }
    }

    /// Trains as `bana train` would with the fixture's config.
    func train(_ name: String, _ iterations: Int, in folder: String) throws {
        let weights = join(folder, "start.safetensors")
        try writeStartWeights(start, to: weights)
        let labels = fixture("tiny-voc/labels")
        let overrides = [
            "model.weights=\(weights)", "data.root=\(fixture("tiny-voc"))", "solver.iterations=\(iterations)",
        ]
        let session = makeSession()
        if name.hasPrefix("classifier") {
            let settings = try RunConfiguration(
                contentsOf: fixture(name + ".yaml"), overrides: overrides, for: .trainClassifier)
            #expect(try trainClassifier(settings, in: folder, restart: false, session) == .finished)
        } else {
            let settings = try RunConfiguration(
                contentsOf: fixture(name + ".yaml"),
                overrides: overrides + ["data.labels={crf: \(labels)/Y_crf, ret: \(labels)/Y_ret}"],
                for: .trainSegmenter)
            #expect(try trainSegmenter(settings, in: folder, restart: false, session) == .finished)
        }
    }
}
