import Kernels
import Layers
import TensorCore
import TestSupport
import Testing

/// One map pooled, classified and differentiated by PyTorch.
private struct GoldenPooling: Decodable {
    struct Size: Decodable { let height: Int, width: Int }
    let image: Size
    /// Class, left, top, right, bottom.
    let boxes: [[Float]]
    let grid: Int, roi: Int
    let pooling: String
    let targets: [Int32]
    let loss: Double

    var regions: ImageRegions {
        let plain = BoxPoolingCase.image(image.height, image.width, boxes.map { Array($0.dropFirst()) })
        let labelled = boxes.map {
            RegionBox(label: Int($0[0]), left: $0[1], top: $0[2], right: $0[3], bottom: $0[4])
        }
        return ImageRegions(
            height: image.height, width: image.width, boxes: labelled, backgroundMask: plain.backgroundMask)
    }
}

@Suite struct GoldenPoolingTests {
    @Test(arguments: ["bap_grid1", "bap_grid4", "gap", "little_background", "no_background", "no_boxes"])
    func agreesWithPyTorch(_ name: String) throws {
        let golden = try decodeFixture(GoldenPooling.self, "bap/\(name)/case.json")
        func doubles(_ array: String) throws -> [Double] {
            try NumpyArray<Float>(fixture: "bap/\(name)/\(array).npy").elements.map { Double($0) }
        }
        let features = try NumpyArray<Float>(fixture: "bap/\(name)/features.npy")
        let start = try NumpyArray<Float>(fixture: "bap/\(name)/classifier.npy")
        let (classes, channels) = (start.shape[0], start.shape[1])
        let (arena, context) = (ParameterArena(), makeContext())
        let weight = arena.declare("classifier", [classes, channels, 1, 1], role: .weight, start: .constant(0))
        weight.setValue(fileOrder: start.elements)
        let classifier = Convolution(
            ConvolutionGeometry(kernel: 1, inputChannels: channels, outputChannels: classes), weight: weight, bias: nil,
            relu: false)
        let layer = BackgroundAwarePooling(
            grid: golden.grid, roi: golden.roi, usesAttention: golden.pooling == "bap")
        let map = context.workspace.tensor(Shape(1, features.shape[0], features.shape[1], channels), features.elements)

        let (pooled, pooledSaved) = layer.forward(map, [golden.regions], context)
        #expect(pooled.labels == golden.targets)
        #expect(relativeError(pooled.vectors.elements, try doubles("vectors")) < 2e-6)
        let (logits, saved) = classifier.forward(pooled.vectors, context)
        let sums = ClassificationLoss.sums(logits, labels: pooled.labels)
        #expect(abs(sums.mean - golden.loss) < 1e-6 * golden.loss)
        let dLogits = ClassificationLoss.gradient(logits, labels: pooled.labels, global: sums)
        let kept = try #require(saved)
        let dVectors = try #require(classifier.backward(dLogits, kept, context, needsInputGradient: true))
        let dFeatures = layer.backward(dVectors, try #require(pooledSaved), context)
        #expect(relativeError(dFeatures.elements, try doubles("gradient_features")) < 1e-5)
        #expect(relativeError(weight.fileOrder(weight.gradient), try doubles("gradient_classifier")) < 1e-5)
    }
}
