import FileAccess
import Foundation
import Kernels
import TestSupport
import Testing

/// Which instructions the convolutions use, as the environment says.
@Suite struct InstructionsTests {
    @Test func everySetTrainsAlike() throws {
        try withTemporaryFolder { folder in
            _ = try Workplace(folder)
            let losses = try PanelProducts.available.map { try lossAfterAStep($0.processor, folder) }
            for loss in losses { #expect(abs(loss - losses[0]) < 1e-4 * abs(losses[0]), "\(losses)") }
        }
    }

    @Test func aSetThatIsNotThereIsRefused() throws {
        try withTemporaryFolder { folder in
            let outcome = try Program(folder: folder).run(["--help"], environment: ["BANA_INSTRUCTIONS": "abacus"])
            #expect(outcome.code == 65)
            #expect(outcome.complaint.contains("'abacus'"), "\(outcome.errors)")
            #expect(outcome.complaint.contains("generic"), "\(outcome.errors)")
        }
    }

    private func lossAfterAStep(_ instructions: String, _ folder: String) throws -> Double {
        let outcome = try Program(folder: folder).run(
            ["train", "classifier", "--config", "classifier.yaml", "--run", instructions],
            environment: ["BANA_INSTRUCTIONS": instructions])
        try #require(outcome.code == 0, "\(outcome.errors)")
        let lines = String(decoding: try readFile(join(folder, "\(instructions)/metrics.jsonl")), as: UTF8.self)
            .split(separator: "\n")
        let last = try JSONSerialization.jsonObject(with: Data(try #require(lines.last).utf8)) as? [String: Any]
        return try #require(last?["loss"] as? Double)
    }
}
