import Kernels
import Layers
import TensorCore
import TestSupport
import Testing

/// A block of a 1x1 and a 3x3 convolution and a batch norm, with a convolution around them or nothing but the input.
private struct Block {
    let arena = ParameterArena()
    let (first, second): (Convolution, Convolution)
    let around: Convolution?
    let layer: Residual

    init(hasShortcut: Bool, _ mode: BatchNormMode = .batch, bias: Double = 0) {
        let (arena, stride) = (arena, hasShortcut ? 2 : 1)
        func convolution(_ name: String, _ geometry: ConvolutionGeometry, relu: Bool) -> Convolution {
            let shape = [geometry.outputChannels, geometry.inputChannels, geometry.kernel, geometry.kernel]
            return Convolution(geometry, weight: arena.formula(name, shape), bias: nil, relu: relu)
        }
        first = convolution(
            "first", ConvolutionGeometry(kernel: 1, stride: stride, inputChannels: 4, outputChannels: 3), relu: true)
        second = convolution(
            "second", ConvolutionGeometry(kernel: 3, padding: 1, inputChannels: 3, outputChannels: 4), relu: false)
        around =
            hasShortcut
            ? convolution(
                "around", ConvolutionGeometry(kernel: 1, stride: 2, inputChannels: 4, outputChannels: 4), relu: false)
            : nil
        let mean = arena.declareStatistics("mean", channels: 4, start: 0)
        let variance = arena.declareStatistics("variance", channels: 4, start: 1)
        variance.setValue(fileOrder: Formula.values("variance", count: 4, scale: 0.5, offset: 1))
        let norm = BatchNorm(
            weight: arena.formula("w", [4], role: .normWeight, scale: 0.2, offset: 1),
            bias: arena.formula("b", [4], role: .normBias, offset: bias), runningMean: mean, runningVariance: variance,
            mode: mode, momentum: 0.1, relu: true)
        layer = Residual(body: [first, second], norm: norm, shortcut: around.map { [$0] })
    }
}

@Suite struct ResidualTests {
    private let x = Volume(Shape(2, 6, 5, 4), formula: "x")

    private func gradient(of layer: some Layer) -> Volume { Volume(layer.outputShape(x.shape), formula: "dy") }

    /// The sum and its ReLU are made apart; the batch norm is the layer that its own tests know.
    @Test(arguments: [false, true], [BatchNormMode.batch, .frozen])
    func isItsDefinition(hasShortcut: Bool, _ mode: BatchNormMode) {
        let block = Block(hasShortcut: hasShortcut, mode)
        defer { withExtendedLifetime(block) {} }
        let (norm, dy) = (block.layer.norm, gradient(of: block.layer))
        let plain = BatchNorm(
            weight: norm.weight, bias: norm.bias, runningMean: norm.runningMean, runningVariance: norm.runningVariance,
            mode: mode, momentum: 0.1, relu: false)
        let run = LayerRun(block.layer, x, dy, makeContext())

        let (first, second) = (NaiveConvolution(block.first.geometry), NaiveConvolution(block.second.geometry))
        let hidden = relu(first.forward(x, weight: block.first.weight.doubles))
        let inner = second.forward(hidden, weight: block.second.weight.doubles)
        let skipped = block.around.map { NaiveConvolution($0.geometry).forward(x, weight: $0.weight.doubles) } ?? x
        let normalized = LayerRun(plain, inner, dy, makeContext()).y.map { Double($0) }
        let y = relu(Volume(dy.shape, zip(normalized, skipped.values).map(+)))
        #expect(relativeError(run.y, y.values) < 1e-5)

        let dSum = masked(dy, y)
        let normRun = LayerRun(plain, inner, dSum, makeContext())
        let dInner = Volume(dy.shape, (normRun.dx ?? []).map { Double($0) })
        let (dHidden, dSecond) = second.backward(hidden, weight: block.second.weight.doubles, dInner)
        var (dx, dFirst) = first.backward(x, weight: block.first.weight.doubles, masked(dHidden, hidden))
        var (dSkipped, dAround) = (dSum, [Double]())
        if let around = block.around {
            (dSkipped, dAround) = NaiveConvolution(around.geometry).backward(x, weight: around.weight.doubles, dSum)
        }
        for index in dx.values.indices { dx.values[index] += dSkipped.values[index] }
        #expect(relativeError(run.dx ?? [], dx.values) < 2e-5)
        let wanted =
            [dFirst, dSecond] + normRun.gradients.map { $0.map { Double($0) } } + (hasShortcut ? [dAround] : [])
        for (found, wanted) in zip(run.gradients, wanted) { #expect(relativeError(found, wanted) < 2e-5) }
        #expect(run.gradients.count == wanted.count)
    }

    private func relu(_ x: Volume) -> Volume { Volume(x.shape, x.values.map { max(0, $0) }) }

    private func masked(_ dy: Volume, _ y: Volume) -> Volume {
        Volume(dy.shape, zip(dy.values, y.values).map { $1 > 0 ? $0 : 0 })
    }

    /// Few units near the kink, where a slope is no derivative.
    @Test(arguments: [BatchNormMode.batch, .frozen]) func gradientsAreSlopes(_ mode: BatchNormMode) {
        let block = Block(hasShortcut: true, mode, bias: 4)
        let errors = withExtendedLifetime(block) { slopeErrors(block.layer, x) }
        #expect(errors.max() ?? 1 < 2e-2)
    }

    @Test func gradientsOfParametersAccumulate() {
        let block = Block(hasShortcut: true)
        #expect(withExtendedLifetime(block) { accumulates(block.layer, x, gradient(of: block.layer)) })
    }

    /// Whatever of a block is frozen, its input gets its gradient.
    @Test(arguments: [
        ["first"], ["first", "second", "w"], ["first", "around"], ["first", "second", "w", "b", "around"],
    ])
    func gradientsPassWhatIsFrozen(_ frozen: [String]) {
        let block = Block(hasShortcut: true)
        defer { withExtendedLifetime(block) {} }
        let dy = gradient(of: block.layer)
        let free = LayerRun(block.layer, x, dy, makeContext())
        for parameter in block.layer.parameters where frozen.contains(parameter.name) { parameter.isTrainable = false }
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
        _ = LayerRun(stack, x, gradient(of: stack), context, needsInputGradient: false)
        #expect(announced == [["first", "second", "w", "b", "around"]])
    }

    @Test func inferenceSavesNothingAndGivesTheSame() {
        let (block, context) = (Block(hasShortcut: false, .frozen), makeContext(.inference))
        defer { withExtendedLifetime(block) {} }
        let (y, saved) = block.layer.forward(x.tensor(in: context.workspace), context)
        #expect(saved == nil)
        let run = LayerRun(block.layer, x, gradient(of: block.layer), makeContext())
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
        let (block, x) = (Block(hasShortcut: false), Volume(Shape(2, 60, 70, 4), formula: "x"))
        defer { withExtendedLifetime(block) {} }
        let dy = Volume(x.shape, formula: "dy")
        #expect(isIndependentOfThreads { LayerRun(block.layer, x, dy, $0).all })
    }
}
