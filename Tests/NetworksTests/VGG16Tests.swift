import Kernels
import Layers
import Networks
import TensorCore
import TestSupport
import Testing

/// The names of the 3x3 convolutions with the channels they give at full width.
private let convolutions: [(name: String, channels: Int)] = [
    ("conv1_1", 64), ("conv1_2", 64), ("conv2_1", 128), ("conv2_2", 128), ("conv3_1", 256), ("conv3_2", 256),
    ("conv3_3", 256), ("conv4_1", 512), ("conv4_2", 512), ("conv4_3", 512), ("conv5_1", 512), ("conv5_2", 512),
    ("conv5_3", 512),
]

@Suite struct VGG16Tests {
    private let pooling = BackgroundAwarePooling(grid: 4, roi: 2, usesAttention: true)

    /// Names with shapes, as weight files have them.
    private func tensors(width: Double, hasFC: Bool, hasNorm: Bool, classes: Int) -> [String] {
        func scaled(_ channels: Int) -> Int { Int((Double(channels) * width).rounded()) }
        var (lines, inputs): ([String], Int) = ([], 3)
        for (name, channels) in convolutions {
            let outputs = scaled(channels)
            lines += ["backbone.\(name).weight [\(outputs), \(inputs), 3, 3]", "backbone.\(name).bias [\(outputs)]"]
            if hasNorm { lines += ["weight", "bias"].map { "backbone.\(name)_bn.\($0) [\(outputs)]" } }
            inputs = outputs
        }
        if hasFC {
            let outputs = scaled(1024)
            lines += ["backbone.fc6.weight [\(outputs), \(inputs), 3, 3]", "backbone.fc6.bias [\(outputs)]"]
            lines += ["backbone.fc7.weight [\(outputs), \(outputs), 1, 1]", "backbone.fc7.bias [\(outputs)]"]
            inputs = outputs
        }
        return lines + ["classifier.weight [\(classes), \(inputs), 1, 1]"]
    }

    private func lines(_ parameters: [Parameter]) -> [String] { parameters.map { "\($0.name) \($0.fileShape)" } }

    @Test(arguments: [1, 0.25], [true, false]) func tensorsHaveTheReferencesNamesAndShapes(width: Double, hasFC: Bool) {
        let options = VGG16.Options(width: width, fullyConnected: hasFC)
        let classifier = BoxClassifier(trunk: options, classes: 21, pooling: pooling)
        #expect(lines(classifier.arena.parameters) == tensors(width: width, hasFC: hasFC, hasNorm: false, classes: 21))
        #expect(classifier.arena.statistics.isEmpty && classifier.classes == 21)
    }

    @Test func batchNormStandsBetweenTheConvolutionsAndTheirReLUs() {
        let options = VGG16.Options(width: 0.125, batchNorm: BatchNormOptions(mode: .frozen, momentum: 0.2))
        let network = SegmentationNetwork(largeFOV: options, classes: 3)
        #expect(lines(network.arena.parameters) == tensors(width: 0.125, hasFC: true, hasNorm: true, classes: 3))
        let statistics = convolutions.flatMap { name, _ in
            ["backbone.\(name)_bn.running_mean", "backbone.\(name)_bn.running_var"]
        }
        #expect(network.arena.statistics.map(\.name) == statistics)
        let norms = network.trunk.layers.compactMap { $0 as? BatchNorm }
        #expect(norms.count == 13 && norms.allSatisfy { $0.relu && $0.mode == .frozen && $0.momentum == 0.2 })
        let plain = network.trunk.layers.compactMap { $0 as? Convolution }
        #expect(plain.map(\.relu) == [Bool](repeating: false, count: 13) + [true, true])
    }

    @Test(arguments: [(321, 41), (41, 6), (1, 1), (320, 40)]) func theOutputStrideIsEight(size: Int, wanted: Int) {
        let network = SegmentationNetwork(largeFOV: VGG16.Options(width: 0.25), classes: 21)
        let features = network.trunk.outputShape(Shape(2, size, size + 8, 3))
        #expect(features == Shape(2, wanted, wanted + 1, 256))
        #expect(network.classifier.outputShape(features) == Shape(2, wanted, wanted + 1, 21))
        let pool5 = BoxClassifier(
            trunk: VGG16.Options(width: 0.25, fullyConnected: false), classes: 21, pooling: pooling)
        #expect(pool5.trunk.outputShape(Shape(1, size, size, 3)) == Shape(1, wanted, wanted, 128))
    }

    /// The one difference between the trunks of the two stages.
    @Test func fc6IsDilatedInLargeFOVOnly() {
        func fc6(_ trunk: Sequential) -> [Int] {
            trunk.layers.compactMap { $0 as? Convolution }.filter { $0.weight.name == "backbone.fc6.weight" }
                .flatMap { [$0.geometry.dilation, $0.geometry.padding] }
        }
        let options = VGG16.Options(width: 0.125)
        #expect(fc6(BoxClassifier(trunk: options, classes: 3, pooling: pooling).trunk) == [1, 1])
        #expect(fc6(SegmentationNetwork(largeFOV: options, classes: 3).trunk) == [12, 12])
    }

    @Test func poolingsAndDropoutsFollowThePaper() {
        let network = SegmentationNetwork(largeFOV: VGG16.Options(width: 0.125, dropout: 0.3), classes: 3)
        let strides = network.trunk.layers.compactMap { $0 as? MaxPool }.map(\.geometry.stride)
        #expect(strides == [2, 2, 2, 1, 1])
        #expect(network.trunk.layers.compactMap { $0 as? AveragePool }.count == 1)
        let dropouts = network.trunk.layers.compactMap { $0 as? ChannelDropout }
        #expect(dropouts.map(\.probability) == [0.3, 0.3] && Set(dropouts.map(\.number)).count == 2)
        let dilations = network.trunk.layers.compactMap { $0 as? Convolution }.map(\.geometry.dilation)
        #expect(dilations == [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 12, 1])
    }
}
