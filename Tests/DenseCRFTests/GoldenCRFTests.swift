import DenseCRF
import TensorCore
import TestSupport
import Testing

@Suite("The CRF and pydensecrf")
struct GoldenCRFTests {
    /// `case.json` of a fixture.
    private struct Case: Decodable {
        struct Set: Decodable {
            let parameters: [Float]
            let vertices: [String: Int]
        }

        let iterations: Int
        let parameter_sets: [String: Set]
    }

    @Test("agree in marginals and labels", arguments: ["three_channels", "five_channels"])
    func agree(name: String) throws {
        let golden = try decodeFixture(Case.self, "crf/\(name)/case.json")
        let image = try NumpyArray<UInt8>(fixture: "crf/\(name)/image.npy")
        let probabilities = try NumpyArray<Float>(fixture: "crf/\(name)/probabilities.npy")
        let (height, width, channels) = (image.shape[0], image.shape[1], probabilities.shape[2])
        let context = makeContext(.inference)
        #expect(golden.parameter_sets.count == 3)
        for (set, wanted) in golden.parameter_sets {
            var parameters = try #require(CRFParameters(wanted.parameters))
            parameters.iterations = golden.iterations
            let crf = try ImageCRF(
                image.elements, width: width, height: height, parameters: parameters, pool: context.pool,
                workspace: context.workspace)
            #expect(crf.vertexCounts.spatial == wanted.vertices["spatial"])
            #expect(crf.vertexCounts.bilateral == wanted.vertices["bilateral"])
            let input = context.workspace.tensor(Shape(1, height, width, channels), probabilities.elements)
            let found = crf.marginals(of: input).elements
            let marginals = try NumpyArray<Float>(fixture: "crf/\(name)/\(set)_marginals.npy").elements
            #expect(relativeError(found, marginals.map { Double($0) }) < 1e-4, "\(set)")
            let labels = try NumpyArray<UInt8>(fixture: "crf/\(name)/\(set)_argmax.npy").elements
            #expect(mostLikely(found, channels) == labels, "\(set)")
        }
    }

    private func mostLikely(_ marginals: [Float], _ channels: Int) -> [UInt8] {
        stride(from: 0, to: marginals.count, by: channels).map { first in
            let row = Array(marginals[first..<first + channels])
            return UInt8(row.firstIndex(of: row.max() ?? 0) ?? 0)
        }
    }
}
