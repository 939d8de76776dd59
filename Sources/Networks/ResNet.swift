import Kernels
package import Layers
package import TensorCore

/// A residual network of bottleneck blocks with output stride 8, as DeepLab v2 changed it (He et al. 2016, Chen et al.
/// 2017).
///
/// The last two groups of blocks keep the size and are dilated by 2 and 4 instead.
package struct ResNet {
    /// Where the one block that halves the size has its stride; the raw value names whose networks have it there.
    package enum StridePlace: String, CaseIterable, Sendable {
        /// In the first 1x1 convolution.
        case reduce = "caffe"
        /// In the 3x3 convolution.
        case spatial = "torchvision"
    }

    /// What varies.
    package struct Options: Equatable, Sendable {
        /// Blocks in each of the four groups.
        package var blocks: [Int]
        /// Factor on the number of channels.
        package var width: Double
        package var stride: StridePlace
        package var batchNorm: BatchNormOptions

        package init(
            blocks: [Int], width: Double = 1, stride: StridePlace = .reduce,
            batchNorm: BatchNormOptions = BatchNormOptions()
        ) {
            precondition(blocks.count == ResNet.groups.count, "\(blocks.count) groups of blocks")
            (self.blocks, self.width, self.stride, self.batchNorm) = (blocks, width, stride, batchNorm)
        }
    }

    /// The groups of blocks: channels within a block, the first block's stride, and the 3x3 convolutions' dilation.
    fileprivate static let groups: [(channels: Int, stride: Int, dilation: Int)] = [
        (64, 1, 1), (128, 2, 1), (256, 1, 2), (512, 1, 4),
    ]

    /// A block gives so many times the channels that it has within.
    private static let expansion = 4

    fileprivate static func trunk(
        _ options: Options, in arena: ParameterArena
    ) -> (layers: [any Layer], channels: Int) {
        let builder = LayerBuilder(arena: arena, prefix: "backbone.", batchNorm: options.batchNorm)
        let stem = ConvolutionGeometry(
            kernel: 7, stride: 2, padding: 3, inputChannels: 3, outputChannels: scaled(64, by: options.width))
        let first = builder.unit("layer1.conv1", stem, relu: true)
        let pooling = MaxPool(PoolingGeometry(kernel: 3, stride: 2, padding: 1, ceil: true))
        var layers: [any Layer] = [first.convolution, first.norm, pooling]
        var channels = stem.outputChannels
        for (group, spec) in groups.enumerated() {
            for block in 0..<options.blocks[group] {
                let bottleneck = Bottleneck(
                    inputs: channels, channels: scaled(spec.channels, by: options.width),
                    stride: block == 0 ? spec.stride : 1, dilation: spec.dilation, changesShape: block == 0)
                // The reference counts the stem as layer 1, and blocks from 1.
                layers.append(bottleneck.layer("layer\(group + 2).block\(block + 1)", builder, options.stride))
                channels = bottleneck.outputs
            }
        }
        return (layers, channels)
    }

    /// Sizes of one block: 1x1 down to few channels, 3x3, 1x1 up again.
    private struct Bottleneck {
        let inputs: Int
        let channels: Int
        let stride: Int
        let dilation: Int
        /// Whether the way round the block needs a convolution.
        let changesShape: Bool

        var outputs: Int { expansion * channels }

        func layer(_ name: String, _ builder: LayerBuilder, _ place: StridePlace) -> Residual {
            let reduce = ConvolutionGeometry(
                kernel: 1, stride: place == .reduce ? stride : 1, inputChannels: inputs, outputChannels: channels)
            let spatial = ConvolutionGeometry(
                kernel: 3, stride: place == .spatial ? stride : 1, dilation: dilation, padding: dilation,
                inputChannels: channels, outputChannels: channels)
            let increase = ConvolutionGeometry(kernel: 1, inputChannels: channels, outputChannels: outputs)
            let down = builder.unit("\(name).reduce", reduce, relu: true)
            let middle = builder.unit("\(name).conv3x3", spatial, relu: true)
            let up = builder.unit("\(name).increase", increase, relu: true)
            let body: [any Layer] = [down.convolution, down.norm, middle.convolution, middle.norm, up.convolution]
            guard changesShape else { return Residual(body: body, norm: up.norm, shortcut: nil) }
            let around = ConvolutionGeometry(kernel: 1, stride: stride, inputChannels: inputs, outputChannels: outputs)
            let way = builder.unit("\(name).shortcut", around, relu: false)
            return Residual(body: body, norm: up.norm, shortcut: [way.convolution, way.norm])
        }
    }
}

extension ResNet.Options: TrunkOptions {
    package func makeTrunk(in arena: ParameterArena) -> (layers: [any Layer], channels: Int) {
        ResNet.trunk(self, in: arena)
    }
}
