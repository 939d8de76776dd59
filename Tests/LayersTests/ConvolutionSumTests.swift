import Kernels
import Layers
import TensorCore
import TestSupport
import Testing

/// Convolutions of growing dilation side by side; the last reaches beyond the image.
private struct Pyramid {
    let arena = ParameterArena()
    let layer: ConvolutionSum

    init(_ dilations: [Int] = [1, 3, 7]) {
        let arena = arena
        layer = ConvolutionSum(
            dilations.map { dilation in
                let geometry = ConvolutionGeometry(
                    kernel: 3, dilation: dilation, padding: dilation, inputChannels: 3, outputChannels: 4)
                return Convolution(
                    geometry, weight: arena.formula("c\(dilation)", [4, 3, 3, 3]), bias: nil, relu: false)
            })
    }
}

@Suite struct ConvolutionSumTests {
    private let x = Volume(Shape(2, 6, 5, 3), formula: "x")
    private let dy = Volume(Shape(2, 6, 5, 4), formula: "dy")

    @Test(arguments: [[2], [1, 3], [1, 3, 7], [6, 12, 18, 24]]) func isItsDefinition(_ dilations: [Int]) {
        let pyramid = Pyramid(dilations)
        defer { withExtendedLifetime(pyramid) {} }
        let layer = pyramid.layer
        let run = LayerRun(layer, x, dy, makeContext())
        var sum = Volume(dy.shape)
        for convolution in layer.convolutions {
            let term = NaiveConvolution(convolution.geometry).forward(x, weight: convolution.weight.doubles)
            for index in sum.values.indices { sum.values[index] += term.values[index] }
        }
        #expect(relativeError(run.y, sum.values.map { max(0, $0) }) < 1e-5)

        let masked = Volume(dy.shape, zip(dy.values, sum.values).map { $1 > 0 ? $0 : 0 })
        var dx = Volume(x.shape)
        for (index, convolution) in layer.convolutions.enumerated() {
            let (part, dWeight) = NaiveConvolution(convolution.geometry).backward(
                x, weight: convolution.weight.doubles, masked)
            for index in dx.values.indices { dx.values[index] += part.values[index] }
            #expect(relativeError(run.gradients[index], dWeight) < 1e-5)
        }
        #expect(relativeError(run.dx ?? [], dx.values) < 1e-5)
    }

    @Test func gradientsAreSlopes() {
        let pyramid = Pyramid()
        let errors = withExtendedLifetime(pyramid) { slopeErrors(pyramid.layer, x) }
        #expect(errors.max() ?? 1 < 2e-3)
    }

    @Test func gradientsOfParametersAccumulate() {
        let pyramid = Pyramid()
        #expect(withExtendedLifetime(pyramid) { accumulates(pyramid.layer, x, dy) })
    }

    @Test func whatIsFrozenGetsNoGradient() {
        let pyramid = Pyramid()
        defer { withExtendedLifetime(pyramid) {} }
        let layer = pyramid.layer
        layer.convolutions[1].weight.isTrainable = false
        let run = LayerRun(layer, x, dy, makeContext(), needsInputGradient: false)
        #expect(run.dx == nil)
        #expect(run.gradients.map { $0.allSatisfy { $0 == 0 } } == [false, true, false])
    }
}
