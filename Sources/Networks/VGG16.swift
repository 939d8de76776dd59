import Kernels
package import Layers
package import TensorCore

/// VGG-16 with output stride 8, as DeepLab changed it (Chen et al. 2015; Simonyan and Zisserman 2015).
///
/// The last two poolings keep their size, the last three 3x3 convolutions are dilated by 2, and fc6 and fc7 are
/// convolutions.
package struct VGG16 {
    /// What varies.
    package struct Options: Equatable, Sendable {
        /// Factor on the number of channels.
        package var width: Double
        /// Whether fc6 and fc7 follow pool5.
        package var fullyConnected: Bool
        /// Dilation and padding of fc6: 1 in stage 1, 12 in LargeFOV.
        package var fc6Dilation: Int
        package var dropout: Float
        /// Batch norm between each 3x3 convolution and its ReLU.
        package var batchNorm: BatchNormOptions?

        package init(
            width: Double = 1, fullyConnected: Bool = true, fc6Dilation: Int = 1, dropout: Float = 0.5,
            batchNorm: BatchNormOptions? = nil
        ) {
            (self.width, self.fullyConnected, self.fc6Dilation) = (width, fullyConnected, fc6Dilation)
            (self.dropout, self.batchNorm) = (dropout, batchNorm)
        }
    }

    /// The stages of 3x3 convolutions: channels of each, its dilation, and the stride of the pooling behind it.
    private static let stages: [(channels: [Int], dilation: Int, poolStride: Int)] = [
        ([64, 64], 1, 2), ([128, 128], 1, 2), ([256, 256, 256], 1, 2), ([512, 512, 512], 1, 1),
        ([512, 512, 512], 2, 1),
    ]

    fileprivate static func trunk(
        _ options: Options, in arena: ParameterArena
    ) -> (layers: [any Layer], channels: Int) {
        let builder = LayerBuilder(arena: arena, prefix: "backbone.", batchNorm: options.batchNorm)
        var layers: [any Layer] = []
        var channels = 3
        for (stage, spec) in stages.enumerated() {
            for (index, outputs) in spec.channels.enumerated() {
                let geometry = ConvolutionGeometry(
                    kernel: 3, dilation: spec.dilation, padding: spec.dilation, inputChannels: channels,
                    outputChannels: scaled(outputs, by: options.width))
                layers += builder.convolution("conv\(stage + 1)_\(index + 1)", geometry)
                channels = geometry.outputChannels
            }
            layers.append(MaxPool(PoolingGeometry(kernel: 3, stride: spec.poolStride, padding: 1)))
        }
        layers.append(AveragePool(PoolingGeometry(kernel: 3, stride: 1, padding: 1)))
        guard options.fullyConnected else { return (layers, channels) }
        return (layers + fullyConnected(options, channels, builder.withoutBatchNorm), scaled(1024, by: options.width))
    }

    private static func fullyConnected(
        _ options: Options, _ inputs: Int, _ builder: LayerBuilder
    ) -> [any Layer] {
        let width = scaled(1024, by: options.width)
        let fc6 = ConvolutionGeometry(
            kernel: 3, dilation: options.fc6Dilation, padding: options.fc6Dilation, inputChannels: inputs,
            outputChannels: width)
        let fc7 = ConvolutionGeometry(kernel: 1, inputChannels: width, outputChannels: width)
        return builder.convolution("fc6", fc6) + [ChannelDropout(probability: options.dropout, number: 6)]
            + builder.convolution("fc7", fc7) + [ChannelDropout(probability: options.dropout, number: 7)]
    }
}

extension VGG16.Options: TrunkOptions {
    package func makeTrunk(in arena: ParameterArena) -> (layers: [any Layer], channels: Int) {
        VGG16.trunk(self, in: arena)
    }
}
