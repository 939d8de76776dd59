import Kernels
import Layers
import TensorCore
import TestSupport
import Testing

/// Two convolutions with a pooling between them.
private struct Stack {
    let arena = ParameterArena()
    let (first, second): (Convolution, Convolution)
    let pool = MaxPool(PoolingGeometry(kernel: 3, stride: 2, padding: 1))
    let layers: Sequential

    init() {
        first = Convolution(
            ConvolutionGeometry(kernel: 3, padding: 1, inputChannels: 3, outputChannels: 6),
            weight: arena.formula("first.weight", [6, 3, 3, 3]), bias: arena.formula("first.bias", [6], role: .bias),
            relu: true)
        second = Convolution(
            ConvolutionGeometry(kernel: 1, inputChannels: 6, outputChannels: 4),
            weight: arena.formula("second.weight", [4, 6, 1, 1]),
            bias: nil, relu: false)
        layers = Sequential([first, pool, second])
    }

    func freezeFirst() {
        first.weight.isTrainable = false
        first.bias?.isTrainable = false
    }
}

@Suite struct SequentialTests {
    private let stack = Stack()
    private let x = Volume(Shape(2, 7, 6, 3), formula: "x")
    private let dy = Volume(Shape(2, 4, 3, 4), formula: "dy")

    @Test func passesThroughAllLayers() throws {
        let run = LayerRun(stack.layers, x, dy, makeContext())
        var hidden = NaiveConvolution(stack.first.geometry).forward(x, weight: stack.first.weight.doubles)
        let bias = try #require(stack.first.bias).doubles
        for (index, place) in hidden.positions.enumerated() {
            hidden.values[index] = max(0, hidden.values[index] + bias[place.c])
        }
        let pooling = NaivePooling(stack.pool.geometry)
        let pooled = pooling.maximum(hidden).y
        let last = NaiveConvolution(stack.second.geometry)
        #expect(relativeError(run.y, last.forward(pooled, weight: stack.second.weight.doubles).values) < 2e-5)
        let (dPooled, dLast) = last.backward(pooled, weight: stack.second.weight.doubles, dy)
        var dHidden = pooling.maximumGradient(hidden, dPooled)
        for index in hidden.values.indices where hidden.values[index] == 0 { dHidden.values[index] = 0 }
        let first = NaiveConvolution(stack.first.geometry).backward(x, weight: stack.first.weight.doubles, dHidden)
        #expect(relativeError(run.dx ?? [], first.dx.values) < 2e-5)
        #expect(relativeError(run.gradients[0], first.dWeight) < 2e-5)
        #expect(relativeError(run.gradients[2], dLast) < 2e-5)
    }

    @Test func announcesGradientsFromTheTop() throws {
        var (context, announced) = (makeContext(), [[String]]())
        context.gradientReady = { announced.append($0.map(\.name)) }
        _ = LayerRun(stack.layers, x, dy, context)
        #expect(announced == [["second.weight"], ["first.weight", "first.bias"]])
    }

    @Test func belowTheLowestThatLearnsNothingHappens() {
        var (context, announced) = (makeContext(), [[String]]())
        context.gradientReady = { announced.append($0.map(\.name)) }
        let free = LayerRun(stack.layers, x, dy, makeContext())
        stack.freezeFirst()
        let frozen = LayerRun(stack.layers, x, dy, context, needsInputGradient: false)
        #expect(frozen.y == free.y && frozen.dx == nil)
        #expect(frozen.gradients[2] == free.gradients[2])
        #expect(frozen.gradients[0].allSatisfy { $0 == 0 } && frozen.gradients[1].allSatisfy { $0 == 0 })
        #expect(announced == [["second.weight"]])
    }

    /// What the frozen layers computed is given back during forward.
    @Test func frozenLayersKeepNoMemory() throws {
        func memoryHeld() -> Int {
            let context = makeContext()
            let before = context.workspace.highWater
            let large = Volume(Shape(1, 200, 200, 3), formula: "x").tensor(in: context.workspace)
            let step = stack.layers.forward(large, context)
            // What a request of this size needs beyond what is held.
            let probe = context.workspace.tensor(Shape(1, 1, 1, 64 << 20))
            withExtendedLifetime((step.y, step.saved, probe, large)) {}
            return context.workspace.highWater - before - 4 * probe.count
        }
        let free = memoryHeld()
        stack.freezeFirst()
        let hidden = 4 * 200 * 200 * 6
        #expect(free - memoryHeld() >= hidden)
    }

    /// With nothing to learn there is no gradient to hand down.
    @Test func nothingLearnsNothingIsSaved() throws {
        stack.freezeFirst()
        stack.second.weight.isTrainable = false
        let run = LayerRun(stack.layers, x, dy, makeContext(), needsInputGradient: false)
        #expect(run.dx == nil)
        #expect(run.gradients.allSatisfy { $0.allSatisfy { $0 == 0 } })
    }

    @Test func inferenceSavesNothing() {
        let context = makeContext(.inference)
        #expect(stack.layers.forward(x.tensor(in: context.workspace), context).saved == nil)
    }

    /// Backward gives memory back as it goes down: a second step needs no more than the first.
    @Test func stepsReuseMemory() {
        let context = makeContext()
        _ = LayerRun(stack.layers, x, dy, context)
        let highWater = context.workspace.highWater
        for _ in 0..<3 { _ = LayerRun(stack.layers, x, dy, context) }
        #expect(context.workspace.highWater == highWater)
    }

    @Test func anEmptyBatchPasses() {
        let run = LayerRun(
            stack.layers, Volume(Shape(0, 7, 6, 3)), Volume(Shape(0, 4, 3, 4)), makeContext(), needsInputGradient: false
        )
        #expect(run.y.isEmpty && run.gradients.allSatisfy { $0.allSatisfy { $0 == 0 } })
    }
}
