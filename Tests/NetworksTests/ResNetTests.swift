import Foundation
import Kernels
import Layers
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct ResNetTests {
    private static let blocks101 = [3, 4, 23, 3]

    /// The convolutions of a network in forward order, those within blocks too.
    private func convolutions(_ layers: [any Layer]) -> [Convolution] {
        layers.flatMap { layer -> [Convolution] in
            switch layer {
            case let convolution as Convolution: [convolution]
            case let block as Residual: convolutions(block.body.layers + (block.shortcut?.layers ?? []))
            case let sum as ConvolutionSum: sum.convolutions
            default: []
            }
        }
    }

    private func segmenter(_ options: ResNet.Options) -> SegmentationNetwork {
        SegmentationNetwork(aspp: options, classes: 21)
    }

    @Test func tensorsHaveTheReferencesNames() throws {
        let table = try String(contentsOfFile: fixture("weights/names-resnet101.txt"), encoding: .utf8)
        let names = table.split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) }
            .filter { !$0.hasSuffix("num_batches_tracked") }
        let network = segmenter(ResNet.Options(blocks: Self.blocks101, width: 0.125))
        let ours = (network.arena.parameters + network.arena.statistics).map(\.name)
        let head = ["c1.weight", "c2.weight", "c3.weight", "c4.weight", "classifier.weight"]
        #expect(Set(ours) == Set(names + head) && ours.count == names.count + head.count)
    }

    @Test func shapesArePublished() throws {
        let network = segmenter(ResNet.Options(blocks: [1, 2, 1, 1]))
        let shapes = Dictionary(uniqueKeysWithValues: network.arena.parameters.map { ($0.name, $0.fileShape) })
        #expect(shapes["backbone.layer1.conv1.conv.weight"] == [64, 3, 7, 7])
        #expect(shapes["backbone.layer2.block1.shortcut.conv.weight"] == [256, 64, 1, 1])
        #expect(shapes["backbone.layer3.block1.reduce.conv.weight"] == [128, 256, 1, 1])
        #expect(shapes["backbone.layer3.block2.reduce.conv.weight"] == [128, 512, 1, 1])
        #expect(shapes["backbone.layer3.block2.shortcut.conv.weight"] == nil)
        #expect(shapes["backbone.layer4.block1.conv3x3.conv.weight"] == [256, 256, 3, 3])
        #expect(shapes["backbone.layer5.block1.increase.bn.bias"] == [2048])
        #expect(shapes["c4.weight"] == [256, 2048, 3, 3] && shapes["classifier.weight"] == [21, 256, 1, 1])
    }

    @Test(arguments: [(ResNet.StridePlace.reduce, [2, 1, 1, 2]), (.spatial, [1, 2, 1, 2])])
    func oneBlockHalvesTheSize(_ place: ResNet.StridePlace, _ wanted: [Int]) {
        let network = segmenter(ResNet.Options(blocks: [2, 2, 2, 2], width: 0.125, stride: place))
        let strided = convolutions(network.trunk.layers).filter { $0.geometry.stride > 1 }
        #expect(strided.count == 3 && strided[0].geometry.kernel == 7)
        let first = convolutions(network.trunk.layers).filter { $0.weight.name.contains("layer3.block1.") }
        #expect(first.map(\.geometry.stride) == wanted)
    }

    @Test func dilationsFollowThePaper() {
        let network = segmenter(ResNet.Options(blocks: [2, 2, 2, 2], width: 0.125))
        let wide = convolutions(network.trunk.layers).filter { $0.geometry.kernel == 3 }
        #expect(wide.map(\.geometry.dilation) == [1, 1, 1, 1, 2, 2, 4, 4, 6, 12, 18, 24])
        #expect(wide.allSatisfy { $0.geometry.padding == $0.geometry.dilation })
    }

    @Test(arguments: [(321, 41), (320, 41), (313, 40), (65, 9), (41, 6), (1, 1)])
    func theOutputStrideIsEight(size: Int, wanted: Int) {
        let network = segmenter(ResNet.Options(blocks: [1, 1, 1, 1], width: 0.125))
        #expect(network.trunk.outputShape(Shape(2, size, size, 3)) == Shape(2, wanted, wanted, 32))
        let classifier = BoxClassifier(
            trunk: ResNet.Options(blocks: [1, 1, 1, 1], width: 0.125), classes: 4,
            pooling: BackgroundAwarePooling(grid: 4, roi: 2, usesAttention: true))
        #expect(classifier.trunk.outputShape(Shape(1, size, size, 3)) == Shape(1, wanted, wanted, 256))
    }

    @Test func batchNormsAreAsAsked() {
        let options = BatchNormOptions(mode: .frozen, momentum: 0.999)
        let network = segmenter(ResNet.Options(blocks: [1, 1, 1, 1], width: 0.125, batchNorm: options))
        func norms(_ layers: [any Layer]) -> [BatchNorm] {
            layers.flatMap { layer -> [BatchNorm] in
                switch layer {
                case let norm as BatchNorm: [norm]
                case let block as Residual: norms(block.body.layers + (block.shortcut?.layers ?? []))
                default: []
                }
            }
        }
        let found = norms(network.trunk.layers)
        #expect(found.count == 17 && found.allSatisfy { $0.mode == .frozen && $0.momentum == 0.999 })
        // The stem, and within each block the last norm and the shortcut's leave their ReLU to the sum.
        #expect(found.map(\.relu) == [true] + (0..<4).flatMap { _ in [true, true, false, false] })
    }
}
