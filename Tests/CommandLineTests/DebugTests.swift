import Foundation
import TestSupport
import Testing

/// `--debug` finds the layer that a fault comes from.
@Suite struct DebugTests {
    private func complaint(_ flags: String) throws -> String {
        try withTemporaryFolder { folder in
            let line = "train segmenter --config segmenter.yaml --run run --threads 1 --debug \(flags)"
            let outcome = try Workplace(folder).run(line)
            #expect(outcome.code == 70)
            return outcome.complaint
        }
    }

    @Test func theFirstLayerThatOverflowsIsNamed() throws {
        let text = try complaint("--set solver.lr=1e20")
        #expect(text.hasPrefix("bana: error: iteration 2: backbone.conv"), "\(text)")
        #expect(text.contains("forward, output"), "\(text)")
        #expect(text.contains("the first at image 0, row"), "\(text)")
        #expect(text.contains("images tiny_03, tiny_04"), "\(text)")
    }

    @Test func everyLayerTellsItsShapeOnce() throws {
        try withTemporaryFolder { folder in
            let line = "train segmenter --config segmenter.yaml --run run --threads 1 --debug"
            let outcome = try Workplace(folder).run(line)
            #expect(outcome.code == 0)
            #expect(outcome.errors.components(separatedBy: "backbone.conv3_1, forward, output 2x17x17x16: ").count == 2)
            #expect(outcome.errors.contains("backbone.conv1_1, backward, gradient of backbone.conv1_1.weight"))
        }
    }
}
