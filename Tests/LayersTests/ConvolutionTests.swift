import Kernels
import Layers
import TensorCore
import TestSupport
import Testing

@Suite struct ConvolutionTests {
    private let arena = ParameterArena()
    private let geometry = ConvolutionGeometry(kernel: 3, dilation: 2, padding: 2, inputChannels: 3, outputChannels: 7)
    private let x = Volume(Shape(2, 6, 9, 3), formula: "x")

    private func layer(bias: Bool = true, relu: Bool = false) -> Convolution {
        Convolution(
            geometry, weight: arena.formula("w", [7, 3, 3, 3]),
            bias: bias ? arena.formula("b", [7], role: .bias) : nil, relu: relu)
    }

    @Test(arguments: [false, true], [false, true]) func passesAndTheirGradients(bias: Bool, relu: Bool) {
        let layer = layer(bias: bias, relu: relu)
        let twin = NaiveConvolution(geometry)
        var y = twin.forward(x, weight: layer.weight.doubles)
        var dy = Volume(y.shape, formula: "dy")
        let run = LayerRun(layer, x, dy, makeContext())
        var dBias = [Double](repeating: 0, count: 7)
        for (index, place) in y.positions.enumerated() {
            y.values[index] += layer.bias?.doubles[place.c] ?? 0
            if relu && y.values[index] <= 0 { (y.values[index], dy.values[index]) = (0, 0) }
            dBias[place.c] += dy.values[index]
        }
        let wanted = twin.backward(x, weight: layer.weight.doubles, dy)
        #expect(relativeError(run.y, y.values) < 2e-5)
        #expect(relativeError(run.dx ?? [], wanted.dx.values) < 2e-5)
        #expect(relativeError(run.gradients[0], wanted.dWeight) < 2e-5)
        #expect(run.gradients.count == (bias ? 2 : 1))
        if bias { #expect(relativeError(run.gradients[1], dBias) < 1e-5) }
    }

    @Test(arguments: [false, true]) func gradientsAreSlopes(relu: Bool) {
        #expect(slopeErrors(layer(relu: relu), x, step: 1e-3).max() ?? 1 < 1e-3)
    }

    @Test func gradientsOfParametersAccumulate() {
        let layer = layer(relu: true)
        #expect(accumulates(layer, x, Volume(layer.outputShape(x.shape), formula: "dy")))
    }

    @Test func whatIsFrozenGetsNoGradient() {
        let layer = layer()
        let dy = Volume(layer.outputShape(x.shape), formula: "dy")
        layer.weight.isTrainable = false
        let biasOnly = LayerRun(layer, x, dy, makeContext(), needsInputGradient: false)
        #expect(biasOnly.dx == nil)
        #expect(biasOnly.gradients[0].allSatisfy { $0 == 0 } && biasOnly.gradients[1].allSatisfy { $0 != 0 })
        layer.weight.isTrainable = true
        layer.bias?.isTrainable = false
        let weightOnly = LayerRun(layer, x, dy, makeContext())
        #expect(weightOnly.gradients[0].contains { $0 != 0 } && weightOnly.gradients[1].allSatisfy { $0 == 0 })
    }

    /// Inference keeps filters in the form its kernels read, for as long as they are those of the weights.
    @Test(arguments: [1, 3]) func aChangedWeightIsSeen(kernel: Int) {
        let geometry = ConvolutionGeometry(kernel: kernel, padding: kernel / 2, inputChannels: 16, outputChannels: 32)
        let layer = Convolution(
            geometry, weight: arena.formula("wide", [32, 16, kernel, kernel]), bias: nil, relu: false)
        let context = makeContext(.inference)
        let image = Volume(Shape(1, 5, 6, 16), formula: "image").tensor(in: context.workspace)
        let before = layer.forward(image, context).y.elements
        #expect(areBitwiseEqual(layer.forward(image, context).y.elements, before))
        layer.weight.setValue(fileOrder: layer.weight.fileOrder(layer.weight.value).map { 2 * $0 })
        #expect(areBitwiseEqual(layer.forward(image, context).y.elements, before.map { 2 * $0 }))
        let values = arena.valuesForWriting()
        for index in 0..<arena.count { values[index] /= 2 }
        #expect(areBitwiseEqual(layer.forward(image, context).y.elements, before))
    }

    /// Filters are kept in the workspace, and given back to it when training begins.
    @Test func keptFiltersAreCountedAndLetGo() {
        let geometry = ConvolutionGeometry(kernel: 3, padding: 1, inputChannels: 64, outputChannels: 64)
        let layer = Convolution(geometry, weight: arena.formula("wide", [64, 64, 3, 3]), bias: nil, relu: false)
        var context = makeContext(.inference)
        let image = Volume(Shape(1, 4, 4, 64), formula: "image").tensor(in: context.workspace)
        let before = context.workspace.inUse
        _ = layer.forward(image, context)
        let kept = context.workspace.inUse - before
        let weightBytes = 4 * layer.weight.count
        #expect(kept >= 4 * weightBytes && kept < 5 * weightBytes, "\(kept) bytes for \(weightBytes)")
        _ = layer.forward(image, context)
        #expect(context.workspace.inUse == before + kept)
        context.mode = .training
        _ = layer.forward(image, context)
        #expect(context.workspace.inUse == before)
    }

    @Test func inferenceSavesNothing() {
        let context = makeContext(.inference)
        #expect(layer().forward(x.tensor(in: context.workspace), context).saved == nil)
    }
}
