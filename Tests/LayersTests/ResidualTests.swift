import Kernels
import Layers
import TensorCore
import TestSupport
import Testing

/// A block of two convolutions, with a convolution around them or nothing but the input.
private struct Block {
    let arena = ParameterArena()
    let (first, second): (Convolution, Convolution)
    let around: Convolution?
    let layer: Residual

    init(hasShortcut: Bool) {
        let (arena, stride) = (arena, hasShortcut ? 2 : 1)
        func convolution(_ name: String, _ geometry: ConvolutionGeometry, relu: Bool) -> Convolution {
            let shape = [geometry.outputs, geometry.inputs, geometry.kernel, geometry.kernel]
            return Convolution(geometry, weight: arena.formula(name, shape), bias: nil, relu: relu)
        }
        first = convolution("first", ConvolutionGeometry(kernel: 1, stride: stride, inputs: 4, outputs: 3), relu: true)
        second = convolution("second", ConvolutionGeometry(kernel: 3, padding: 1, inputs: 3, outputs: 4), relu: false)
        around =
            hasShortcut
            ? convolution("around", ConvolutionGeometry(kernel: 1, stride: 2, inputs: 4, outputs: 4), relu: false) : nil
        layer = Residual(body: [first, second], shortcut: around.map { [$0] })
    }
}

/// A block of a ResNet: convolutions with batch norm.
private func bottleneck(in arena: ParameterArena, _ mode: BatchNormMode = .batch) -> Residual {
    func unit(_ name: String, inputs: Int, outputs: Int, relu: Bool) -> [any Layer] {
        let geometry = ConvolutionGeometry(kernel: 1, inputs: inputs, outputs: outputs)
        let mean = arena.declareStatistics("\(name).mean", channels: outputs, start: 0)
        let variance = arena.declareStatistics("\(name).variance", channels: outputs, start: 1)
        variance.setValue(fileOrder: Formula.values(variance.name, count: outputs, scale: 0.5, offset: 1))
        return [
            Convolution(geometry, weight: arena.formula(name, [outputs, inputs, 1, 1]), bias: nil, relu: false),
            BatchNorm(
                weight: arena.formula("\(name).w", [outputs], role: .normWeight, scale: 0.2, offset: 1),
                // Few units near the kink, where a slope is no derivative.
                bias: arena.formula("\(name).b", [outputs], role: .normBias, offset: 2), runningMean: mean,
                runningVariance: variance, mode: mode, momentum: 0.1, relu: relu),
        ]
    }
    return Residual(
        body: unit("in", inputs: 4, outputs: 3, relu: true) + unit("out", inputs: 3, outputs: 4, relu: false),
        shortcut: nil)
}

@Suite struct ResidualTests {
    private let x = Volume(Shape(2, 6, 5, 4), formula: "x")

    private func gradient(of layer: some Layer) -> Volume { Volume(layer.outputShape(x.shape), formula: "dy") }

    @Test(arguments: [false, true]) func isItsDefinition(hasShortcut: Bool) {
        let block = Block(hasShortcut: hasShortcut)
        defer { withExtendedLifetime(block) {} }
        let dy = gradient(of: block.layer)
        let run = LayerRun(block.layer, x, dy, makeContext())
        func relu(_ x: Volume) -> Volume { Volume(x.shape, x.values.map { max(0, $0) }) }
        func masked(_ dy: Volume, _ y: Volume) -> Volume {
            Volume(dy.shape, zip(dy.values, y.values).map { $1 > 0 ? $0 : 0 })
        }
        let (first, second) = (NaiveConvolution(block.first.geometry), NaiveConvolution(block.second.geometry))
        let hidden = relu(first.forward(x, weight: block.first.weight.doubles))
        var sum = second.forward(hidden, weight: block.second.weight.doubles)
        let skipped = block.around.map { NaiveConvolution($0.geometry).forward(x, weight: $0.weight.doubles) } ?? x
        for index in sum.values.indices { sum.values[index] += skipped.values[index] }
        #expect(relativeError(run.y, relu(sum).values) < 1e-5)

        let dSum = masked(dy, relu(sum))
        let (dHidden, dSecond) = second.backward(hidden, weight: block.second.weight.doubles, dSum)
        var (dx, dFirst) = first.backward(x, weight: block.first.weight.doubles, masked(dHidden, hidden))
        var dAround: [Double] = []
        var dSkipped = dSum
        if let around = block.around {
            (dSkipped, dAround) = NaiveConvolution(around.geometry).backward(x, weight: around.weight.doubles, dSum)
        }
        for index in dx.values.indices { dx.values[index] += dSkipped.values[index] }
        #expect(relativeError(run.dx ?? [], dx.values) < 1e-5)
        #expect(relativeError(run.gradients[0], dFirst) < 1e-5)
        #expect(relativeError(run.gradients[1], dSecond) < 1e-5)
        if hasShortcut { #expect(relativeError(run.gradients[2], dAround) < 1e-5) }
    }

    @Test(arguments: [BatchNormMode.batch, .frozen]) func gradientsAreSlopes(_ mode: BatchNormMode) {
        let arena = ParameterArena()
        let errors = withExtendedLifetime(arena) { slopeErrors(bottleneck(in: arena, mode), x) }
        #expect(errors.max() ?? 1 < 1e-2)
    }

    @Test func gradientsOfParametersAccumulate() {
        let block = Block(hasShortcut: true)
        #expect(withExtendedLifetime(block) { accumulates(block.layer, x, gradient(of: block.layer)) })
    }

    /// Whatever of a block is frozen, its input gets its gradient.
    @Test(arguments: [["first"], ["first", "second"], ["first", "around"], ["first", "second", "around"]])
    func gradientsPassWhatIsFrozen(_ frozen: [String]) {
        let block = Block(hasShortcut: true)
        defer { withExtendedLifetime(block) {} }
        let dy = gradient(of: block.layer)
        let free = LayerRun(block.layer, x, dy, makeContext())
        for parameter in block.layer.parameters where frozen.contains(parameter.name) { parameter.learns = false }
        let run = LayerRun(block.layer, x, dy, makeContext())
        #expect(run.y == free.y && run.dx == free.dx)
        for (index, parameter) in block.layer.parameters.enumerated() {
            #expect(
                frozen.contains(parameter.name)
                    ? run.gradients[index].allSatisfy { $0 == 0 } : run.gradients[index] == free.gradients[index])
        }
    }

    @Test func aBlockIsAnnouncedAsAWhole() {
        let block = Block(hasShortcut: true)
        var (context, announced) = (makeContext(), [[String]]())
        context.gradientReady = { announced.append($0.map(\.name)) }
        defer { withExtendedLifetime(block) {} }
        let stack = Sequential([block.layer])
        _ = LayerRun(stack, x, gradient(of: stack), context, wantsInput: false)
        #expect(announced == [["first", "second", "around"]])
    }

    @Test func inferenceSavesNothingAndGivesTheSame() {
        let arena = ParameterArena()
        let (layer, context) = (bottleneck(in: arena, .frozen), makeContext(.inference))
        defer { withExtendedLifetime(arena) {} }
        let (y, saved) = layer.forward(x.tensor(in: context.workspace), context)
        #expect(saved == nil)
        let run = LayerRun(layer, x, gradient(of: layer), makeContext())
        #expect(relativeError(y.elements, run.y.map { Double($0) }) < 1e-5)
    }

    @Test func anEmptyBatchPasses() {
        let block = Block(hasShortcut: true)
        let run = withExtendedLifetime(block) {
            LayerRun(block.layer, Volume(Shape(0, 6, 5, 4)), Volume(Shape(0, 3, 3, 4)), makeContext())
        }
        #expect(run.all.allSatisfy { $0 == 0 })
    }

    @Test func theBitsDoNotDependOnTheThreads() {
        let (arena, x) = (ParameterArena(), Volume(Shape(2, 60, 70, 4), formula: "x"))
        let layer = bottleneck(in: arena)
        defer { withExtendedLifetime(arena) {} }
        let dy = Volume(x.shape, formula: "dy")
        #expect(isIndependentOfThreads { LayerRun(layer, x, dy, $0).all })
    }
}
