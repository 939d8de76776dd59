import Configuration
import FileAccess
import ImageFiles
import Runs
import StageSupport
import Stages
import TestSupport
import Testing

/// Pseudo labels that a second implementation has made.
@Suite struct LabelGoldenTests {
    private struct Golden: Decodable {
        let start: [StartTensor]
        /// By id; what is in it localises a mismatch by hand.
        let images: [String: Image]
        struct Image: Decodable {}
    }

    @Test(arguments: ["attention", "class_agnostic", "without_u0"])
    func labelsAreThoseOfTheReference(_ variant: String) throws {
        let golden = try decodeFixture(Golden.self, "labels/\(variant)/case.json")
        try withTemporaryFolder { folder in
            let weights = join(folder, "start.safetensors")
            try writeStartWeights(golden.start, to: weights)
            let settings = try RunConfiguration(
                contentsOf: fixture("labels/\(variant)/config.yaml"),
                overrides: ["model.weights=\(weights)", "data.root=\(fixture("tiny-voc"))"], for: .label)
            #expect(try makeLabels(settings, in: folder, restart: false, makeSession()) == .finished)
            for id in golden.images.keys {
                for kind in ["Y_crf", "Y_ret", "Y_and"] {
                    let found = try LabelMap(contentsOf: join(folder, "\(kind)/\(id).png"))
                    let wanted = try LabelMap(contentsOf: fixture("labels/\(variant)/\(kind)/\(id).png"))
                    #expect((found.width, found.height) == (wanted.width, wanted.height))
                    let equal = zip(found.pixels, wanted.pixels).count { $0 == $1 }
                    #expect(Double(equal) >= 0.999 * Double(wanted.pixels.count), "\(kind)/\(id)")
                }
            }
        }
    }
}
