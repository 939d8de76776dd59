import Kernels
import TensorCore
import TestSupport
import Testing

/// A convolution of bfloat16, and a way to compute it.
struct HalfPrecisionCase: Sendable, CustomTestStringConvertible {
    let test: ConvolutionCase
    let way: Way

    enum Way: Sendable, CaseIterable {
        /// By the kernels of float32.
        case widened
        /// With tiles as AMX has them, and as AVX-512 has.
        case tiles, narrowTiles
        /// By this processor's own instructions, where it has any.
        case native
    }

    /// Those of float32, and some that meet every way to lay out and to cut.
    static let all = (ConvolutionCase.sizes + more).flatMap { test in
        Way.allCases.filter { $0 != .native || TileProducts.available[0].isNative }.map {
            HalfPrecisionCase(test: test, way: $0)
        }
    }

    private static let more = [
        // Channels that are no multiple of 32, in several blocks of columns.
        ConvolutionCase(1, 20, 37, 40, to: 70, kernel: 3, padding: 1),
        ConvolutionCase(2, 13, 11, 64, to: 96, kernel: 1),
        ConvolutionCase(2, 13, 11, 33, to: 31, kernel: 1),
        // Taps that see nothing of the image from some rows, or from some columns.
        ConvolutionCase(2, 41, 41, 33, to: 35, kernel: 3, dilation: 12, padding: 12),
        ConvolutionCase(1, 45, 41, 32, to: 32, kernel: 3, dilation: 24, padding: 24),
        // Pixels that are jumped over.
        ConvolutionCase(1, 21, 19, 40, to: 48, kernel: 3, stride: 2, padding: 1),
        ConvolutionCase(2, 20, 21, 64, to: 40, kernel: 1, stride: 2),
        ConvolutionCase(1, 22, 25, 34, to: 33, kernel: 2, stride: 3, dilation: 2, padding: 3),
        // Patches of few channels.
        ConvolutionCase(1, 65, 63, 3, to: 64, kernel: 7, stride: 2, padding: 3),
        ConvolutionCase(2, 33, 30, 3, to: 64, kernel: 3, padding: 1),
        // Several bands, and several chunks of what a weight gradient sums.
        ConvolutionCase(1, 101, 70, 32, to: 32, kernel: 3, padding: 1),
        ConvolutionCase(1, 90, 100, 256, to: 64, kernel: 1),
        ConvolutionCase(2, 150, 120, 64, to: 8, kernel: 3, padding: 1),
        ConvolutionCase(0, 6, 6, 16, to: 16, kernel: 3, padding: 1),
        ConvolutionCase(0, 6, 6, 64, to: 64, kernel: 1),
    ]

    var testDescription: String { "\(test.testDescription), \(way)" }

    var plan: ConvolutionPlan {
        let (geometry, products) = (test.geometry, TileProducts.available)
        return switch way {
        case .widened: ConvolutionPlan(geometry, test.image, .bfloat16, by: nil)
        case .tiles: ConvolutionPlan(geometry, test.image, by: products[products.count - 2])
        case .narrowTiles: ConvolutionPlan(geometry, test.image, by: products[products.count - 1])
        case .native: ConvolutionPlan(geometry, test.image, by: products[0])
        }
    }
}

/// What a layer may be off where its result is rounded to bfloat16.
private let tolerance = 4e-3
/// Sums that are kept in float32.
private let sumTolerance = 1e-4

@Suite struct HalfPrecisionConvolutionTests {
    @Test(arguments: HalfPrecisionCase.all) func forwardIsItsDefinition(_ half: HalfPrecisionCase) {
        let (x, weight) = inputs(half.test)
        let wanted = NaiveConvolution(half.test.geometry).forward(x, weight: weight)
        let context = makeContext()
        #expect(relativeDistance(forward(half, context, bias: false, relu: false), wanted.values) < tolerance)
        let finished = zip(wanted.values, wanted.positions).map { max($0 + bias(half.test)[$1.c], 0) }
        #expect(relativeDistance(forward(half, context, bias: true, relu: true), finished) < tolerance)
    }

    @Test(arguments: HalfPrecisionCase.all) func gradientsAreThoseOfTheDefinition(_ half: HalfPrecisionCase) {
        let (x, weight) = inputs(half.test)
        var dy = outputGradient(half.test)
        let y = Volume(dy.shape, formula: "y").rounded
        for index in dy.values.indices where y.values[index] <= 0 { dy.values[index] = 0 }
        let wanted = NaiveConvolution(half.test.geometry).backward(x, weight: weight, dy)
        var dBias = [Double](repeating: 0, count: half.test.geometry.outputChannels)
        for (value, place) in zip(dy.values, dy.positions) { dBias[place.c] += value }
        let found = backward(half, makeContext(), where: y)
        #expect(relativeDistance(found.dx, wanted.dx.values) < tolerance)
        // They started at 1: they must have been added to.
        #expect(relativeDistance(found.dWeight, wanted.dWeight.map { $0 + 1 }) < sumTolerance)
        #expect(relativeDistance(found.dBias, dBias.map { $0 + 1 }) < sumTolerance)
    }

    @Test(arguments: HalfPrecisionCase.all) func theInputsGradientCanBeAdded(_ half: HalfPrecisionCase) {
        let first = Volume(half.test.image, formula: "first").rounded
        let alone = backward(half, makeContext()).dx
        let added = backward(half, makeContext(), addingTo: first).dx
        #expect(relativeDistance(added, zip(first.values, alone).map { $0 + Double($1) }) < tolerance)
    }

    @Test(arguments: HalfPrecisionCase.all) func theBitsDoNotDependOnTheThreads(_ half: HalfPrecisionCase) {
        #expect(isIndependentOfThreads { forward(half, $0, bias: true, relu: true) })
        #expect(
            isIndependentOfThreads {
                let (dx, dWeight, dBias) = backward(half, $0); return dx + dWeight + dBias
            })
    }

    @Test(arguments: HalfPrecisionCase.all) func keptFiltersChangeNothing(_ half: HalfPrecisionCase) {
        let (context, kept) = (makeContext(), PreparedFilters())
        let fresh = forward(half, context, bias: true, relu: false)
        for _ in 0..<2 {
            #expect(areBitwiseEqual(forward(half, context, bias: true, relu: false, keptIn: kept), fresh))
        }
    }

    @Test(arguments: HalfPrecisionCase.all, [1, 2])
    func aPlanKnowsWhatItBooks(_ half: HalfPrecisionCase, threads: Int) {
        let plan = half.plan
        for pass in ConvolutionPass.allCases {
            let context = makeContext(threads: threads)
            let booked = bytesBooked(pass, by: plan, context)
            let told = 4 * plan.scratchFloats(pass, threads: threads)
            #expect(told - 16...told + 19 * 256 ~= booked, "\(pass) books \(booked), told \(told)")
        }
    }

    // MARK: - One case

    private let arena = ParameterArena()

    private func inputs(_ test: ConvolutionCase) -> (x: Volume, weight: [Double]) {
        (Volume(test.image, formula: "x").rounded, weights(test).map { Double(BFloat16($0).float) })
    }

    /// Not rounded: that is the kernels' work.
    private func weights(_ test: ConvolutionCase) -> [Float] {
        Formula.values("weight", count: test.geometry.filterCount * test.geometry.outputChannels)
    }

    private func bias(_ test: ConvolutionCase) -> [Double] {
        Formula.values("bias", count: test.geometry.outputChannels).map { Double($0) }
    }

    private func outputGradient(_ test: ConvolutionCase) -> Volume {
        Volume(NaiveConvolution(test.geometry).outputShape(test.image), formula: "dy").rounded
    }

    /// The filters as they lie in memory.
    private func filters(_ test: ConvolutionCase) -> Parameter {
        let geometry = test.geometry
        let parameter = arena.declare(
            "weight", [geometry.outputChannels, geometry.inputChannels, geometry.kernel, geometry.kernel],
            role: .weight, start: .heNormal)
        parameter.setValue(fileOrder: weights(test))
        return parameter
    }

    private func forward(
        _ half: HalfPrecisionCase, _ context: StepContext, bias: Bool, relu: Bool, keptIn kept: PreparedFilters? = nil
    ) -> [Float] {
        let (test, workspace) = (half.test, context.workspace)
        let y = workspace.tensor(outputGradient(test).shape, .bfloat16)
        let biases = workspace.tensor(
            Shape(1, 1, 1, test.geometry.outputChannels), self.bias(test).map { Float($0) })
        half.plan.forward(
            inputs(test).x.tensor(in: workspace, as: .bfloat16),
            ConvolutionFilters(filters(test).value, keptIn: kept),
            ConvolutionEpilogue(bias: bias ? UnsafePointer(biases.floats) : nil, relu: relu), into: y,
            workspace: workspace, pool: context.pool)
        withExtendedLifetime(biases) {}
        return y.elements
    }

    /// All gradients; those of filters and biases are added to ones.
    private func backward(
        _ half: HalfPrecisionCase, _ context: StepContext, where y: Volume? = nil, addingTo first: Volume? = nil
    ) -> (dx: [Float], dWeight: [Float], dBias: [Float]) {
        let (test, workspace) = (half.test, context.workspace)
        let filters = filters(test)
        for index in 0..<filters.count { filters.gradient[index] = 1 }
        let channels = test.geometry.outputChannels
        let dBias = workspace.tensor(Shape(1, 1, 1, channels), [Float](repeating: 1, count: channels))
        let dx = first?.tensor(in: workspace, as: .bfloat16) ?? workspace.tensor(test.image, .bfloat16)
        let gradients = ConvolutionGradients(
            input: dx, addsToInput: first != nil, weight: filters.gradient, bias: dBias.floats)
        half.plan.backward(
            outputGradient(test).tensor(in: workspace, as: .bfloat16),
            where: y?.tensor(in: workspace, as: .bfloat16), inputs(test).x.tensor(in: workspace, as: .bfloat16),
            ConvolutionFilters(filters.value), into: gradients, workspace: workspace, pool: context.pool)
        return (dx.elements, filters.fileOrder(filters.gradient), dBias.elements)
    }

    /// Bytes of the workspace that a pass takes at its most, beside what it is given.
    private func bytesBooked(_ pass: ConvolutionPass, by plan: ConvolutionPlan, _ context: StepContext) -> Int {
        let workspace = Workspace(byteCount: 1 << 30)
        let (x, y) = (workspace.zeros(plan.input, .bfloat16), workspace.zeros(plan.output, .bfloat16))
        let (channels, count) = (plan.output.c, plan.geometry.filterCount * plan.output.c)
        let (weight, gradient) = (workspace.zeros(Shape(1, 1, 1, count)), workspace.zeros(Shape(1, 1, 1, count)))
        let bias = workspace.zeros(Shape(1, 1, 1, channels))
        let (given, filters) = (workspace.inUse, ConvolutionFilters(weight.floats))
        switch pass {
        case .forward:
            plan.forward(
                x, filters, ConvolutionEpilogue(bias: bias.floats), into: y, workspace: workspace, pool: context.pool)
        case .inputGradient:
            plan.backward(
                y, x, filters, into: ConvolutionGradients(input: x), workspace: workspace, pool: context.pool)
        case .weightGradient:
            plan.backward(
                y, x, filters, into: ConvolutionGradients(weight: gradient.floats, bias: bias.floats),
                workspace: workspace, pool: context.pool)
        }
        withExtendedLifetime((x, y, weight, gradient, bias)) {}
        return workspace.highWater - given
    }
}
