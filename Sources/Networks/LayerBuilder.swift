import Kernels
package import Layers
import TensorCore

/// How a network's batch norm behaves.
package struct BatchNormOptions: Equatable, Sendable {
    package var mode: BatchNormMode
    /// Weight of the new batch in the running statistics.
    package var momentum: Float

    package init(mode: BatchNormMode = .batch, momentum: Float = 0.1) {
        (self.mode, self.momentum) = (mode, momentum)
    }
}

/// Declares a layer's tensors under the reference's names and makes the layer.
struct LayerBuilder {
    let arena: ParameterArena
    /// Put before every name.
    let prefix: String
    /// Set where batch norm stands between a convolution and its ReLU.
    let batchNorm: BatchNormOptions?

    var withoutBatchNorm: LayerBuilder { LayerBuilder(arena: arena, prefix: prefix, batchNorm: nil) }

    /// A convolution with bias and ReLU, with batch norm between where the network has it.
    func convolution(_ name: String, _ geometry: ConvolutionGeometry) -> [any Layer] {
        let weight = arena.declare(
            "\(prefix)\(name).weight",
            [geometry.outputChannels, geometry.inputChannels, geometry.kernel, geometry.kernel],
            role: .weight, start: .heNormal)
        let bias = arena.declare("\(prefix)\(name).bias", [geometry.outputChannels], role: .bias, start: .constant(0))
        let convolution = Convolution(geometry, weight: weight, bias: bias, relu: batchNorm == nil)
        guard let batchNorm else { return [convolution] }
        return [convolution, normalization("\(prefix)\(name)_bn", geometry.outputChannels, batchNorm, relu: true)]
    }

    /// A convolution without bias (`NAME.conv.weight`), its batch norm (`NAME.bn.weight` ...), and a ReLU if there is one.
    func unit(
        _ name: String, _ geometry: ConvolutionGeometry, relu: Bool
    ) -> (convolution: Convolution, norm: BatchNorm) {
        let weight = arena.declare(
            "\(prefix)\(name).conv.weight",
            [geometry.outputChannels, geometry.inputChannels, geometry.kernel, geometry.kernel],
            role: .weight, start: .heNormal)
        return (
            Convolution(geometry, weight: weight, bias: nil, relu: false),
            normalization("\(prefix)\(name).bn", geometry.outputChannels, batchNorm ?? BatchNormOptions(), relu: relu)
        )
    }

    private func normalization(
        _ name: String, _ channels: Int, _ options: BatchNormOptions, relu: Bool
    ) -> BatchNorm {
        BatchNorm(
            weight: arena.declare("\(name).weight", [channels], role: .normWeight, start: .constant(1)),
            bias: arena.declare("\(name).bias", [channels], role: .normBias, start: .constant(0)),
            runningMean: arena.declareStatistics("\(name).running_mean", channels: channels, start: 0),
            runningVariance: arena.declareStatistics("\(name).running_var", channels: channels, start: 1),
            mode: options.mode, momentum: options.momentum, relu: relu)
    }

    /// The four dilated convolutions of DeepLab v2: `c1.weight` ... `c4.weight`, `N(0, 0.01)`, no bias.
    static func pyramid(_ arena: ParameterArena, inputs: Int, outputs: Int) -> ConvolutionSum {
        let convolutions = [6, 12, 18, 24].enumerated().map { index, dilation in
            let geometry = ConvolutionGeometry(
                kernel: 3, dilation: dilation, padding: dilation, inputChannels: inputs, outputChannels: outputs)
            let weight = arena.declare(
                "c\(index + 1).weight", [outputs, inputs, 3, 3], role: .weight, start: .normal(0.01))
            return Convolution(geometry, weight: weight, bias: nil, relu: false)
        }
        return ConvolutionSum(convolutions)
    }

    /// The weights of a last layer of `classes` scores: `N(0, 0.01)`, no bias.
    static func classifier(_ arena: ParameterArena, classes: Int, channels: Int) -> Parameter {
        arena.declare("classifier.weight", [classes, channels, 1, 1], role: .weight, start: .normal(0.01))
    }
}
