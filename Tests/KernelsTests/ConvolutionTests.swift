import Kernels
import TensorCore
import TestSupport
import Testing

/// A convolution, the image it is tried on, and how.
struct ConvolutionCase: Sendable, CustomTestStringConvertible {
    let geometry: ConvolutionGeometry
    let image: Shape
    /// The rule's choice where `nil`.
    var algorithm: ConvolutionAlgorithm?

    init(
        _ n: Int, _ h: Int, _ w: Int, _ inputs: Int, to outputs: Int, kernel: Int, stride: Int = 1, dilation: Int = 1,
        padding: Int = 0
    ) {
        image = Shape(n, h, w, inputs)
        geometry = ConvolutionGeometry(
            kernel: kernel, stride: stride, dilation: dilation, padding: padding, inputChannels: inputs,
            outputChannels: outputs)
    }

    var testDescription: String {
        "\(image) to \(geometry.outputChannels), kernel \(geometry.kernel), stride \(geometry.stride), "
            + "dilation \(geometry.dilation), padding \(geometry.padding), \(algorithm.map { "\($0)" } ?? "by rule")"
    }

    /// The same convolution of a larger image, whose tiles may be of other sizes.
    var larger: ConvolutionCase {
        var test = ConvolutionCase(
            image.n, image.h + 3, image.w + 5, image.c, to: geometry.outputChannels, kernel: geometry.kernel,
            stride: geometry.stride, dilation: geometry.dilation, padding: geometry.padding)
        test.algorithm = algorithm
        return test
    }

    /// Every size by every algorithm that can compute it.
    static let all = sizes.flatMap { size in
        ConvolutionAlgorithm.allCases.filter { $0.fits(size.geometry) }.map { algorithm in
            var test = size
            test.algorithm = algorithm
            return test
        }
    }

    static let sizes = [
        // One pixel, one channel.
        ConvolutionCase(1, 1, 1, 1, to: 1, kernel: 1),
        ConvolutionCase(1, 1, 1, 1, to: 1, kernel: 3, padding: 1),
        // Channels that break vector tails.
        ConvolutionCase(2, 5, 7, 3, to: 7, kernel: 3, padding: 1),
        ConvolutionCase(1, 6, 4, 7, to: 13, kernel: 3, padding: 1),
        ConvolutionCase(1, 9, 5, 13, to: 33, kernel: 3, padding: 1),
        ConvolutionCase(1, 8, 8, 16, to: 16, kernel: 3, padding: 1),
        ConvolutionCase(3, 5, 3, 33, to: 1, kernel: 1),
        ConvolutionCase(1, 13, 11, 8, to: 32, kernel: 3, padding: 1),
        // Dilation up to and beyond the image.
        ConvolutionCase(1, 9, 10, 3, to: 5, kernel: 3, dilation: 2, padding: 2),
        ConvolutionCase(1, 7, 7, 3, to: 5, kernel: 3, dilation: 12, padding: 12),
        ConvolutionCase(2, 25, 14, 2, to: 3, kernel: 3, dilation: 6, padding: 6),
        ConvolutionCase(1, 11, 11, 4, to: 4, kernel: 3, dilation: 3, padding: 1),
        // Strides, with a rest and without; padding that is not "same".
        ConvolutionCase(2, 11, 8, 3, to: 6, kernel: 7, stride: 2, padding: 3),
        ConvolutionCase(1, 9, 8, 5, to: 3, kernel: 3, stride: 2, padding: 1),
        ConvolutionCase(1, 9, 8, 5, to: 3, kernel: 1, stride: 2),
        ConvolutionCase(1, 10, 7, 2, to: 3, kernel: 2, stride: 3, dilation: 2, padding: 1),
        ConvolutionCase(1, 4, 6, 3, to: 2, kernel: 3),
        ConvolutionCase(1, 3, 3, 2, to: 2, kernel: 1, padding: 2),
        ConvolutionCase(1, 3, 4, 3, to: 2, kernel: 3, padding: 4),
        // Tiles of 4x4: one, beside shorter ones, in several interleaved images.
        ConvolutionCase(1, 4, 4, 5, to: 6, kernel: 3, padding: 1),
        ConvolutionCase(2, 6, 9, 17, to: 5, kernel: 3, padding: 1),
        ConvolutionCase(1, 11, 10, 20, to: 33, kernel: 3, dilation: 2, padding: 2),
        ConvolutionCase(2, 41, 38, 3, to: 4, kernel: 3, dilation: 12, padding: 12),
        // Interleaved images of one pixel or two, alone and beside larger ones.
        ConvolutionCase(2, 41, 19, 17, to: 18, kernel: 3, dilation: 20, padding: 20),
        ConvolutionCase(2, 9, 10, 16, to: 16, kernel: 3, dilation: 4, padding: 4),
        ConvolutionCase(2, 41, 38, 3, to: 4, kernel: 3, dilation: 24, padding: 24),
        ConvolutionCase(1, 12, 20, 18, to: 17, kernel: 5, dilation: 4, padding: 8),
        ConvolutionCase(2, 6, 30, 5, to: 3, kernel: 3, dilation: 18, padding: 18),
        // Whole panels of channels; more rows and panels than are multiplied at once.
        ConvolutionCase(1, 1, 1, 16, to: 16, kernel: 1),
        ConvolutionCase(2, 13, 11, 48, to: 80, kernel: 1),
        ConvolutionCase(1, 9, 5, 96, to: 144, kernel: 1),
        ConvolutionCase(1, 3, 5, 768, to: 816, kernel: 1),
        ConvolutionCase(1, 40, 41, 16, to: 32, kernel: 1),
        // More pixels than one block of any loop.
        ConvolutionCase(1, 67, 61, 16, to: 18, kernel: 3, padding: 1),
        ConvolutionCase(2, 37, 41, 3, to: 4, kernel: 3, padding: 1),
        ConvolutionCase(1, 70, 75, 4, to: 5, kernel: 1),
    ]
}

/// Winograd's transforms cost some accuracy; direct products stay far below.
private let tolerance = 2e-5

@Suite struct ConvolutionTests {
    /// VGG-16, the head of DeepLab v2, a first layer, a 1x1, a stride.
    @Test(arguments: [
        (3, 1, 64, ConvolutionAlgorithm.winograd), (3, 2, 512, .winograd), (3, 12, 512, .winograd),
        (3, 24, 2048, .winograd), (3, 1, 3, .patches), (1, 1, 1024, .panels),
    ])
    func theRuleLooksAtTheFilterAndTheChannels(
        _ kernel: Int, _ dilation: Int, _ inputs: Int, _ wanted: ConvolutionAlgorithm
    ) {
        let geometry = ConvolutionGeometry(
            kernel: kernel, dilation: dilation, padding: dilation * (kernel / 2), inputChannels: inputs,
            outputChannels: 64)
        #expect(ConvolutionAlgorithm(geometry) == wanted)
    }

    @Test(arguments: ConvolutionCase.all) func forwardIsItsDefinition(_ test: ConvolutionCase) {
        let (x, weight) = inputs(test)
        let wanted = NaiveConvolution(test.geometry).forward(x, weight: weight)
        #expect(test.geometry.outputShape(test.image) == wanted.shape)
        let context = makeContext()
        #expect(relativeError(forward(test, context, bias: false, relu: false), wanted.values) < tolerance)
        let biased = zip(wanted.values, wanted.positions).map { $0 + bias(test)[$1.c] }
        #expect(relativeError(forward(test, context, bias: true, relu: false), biased) < tolerance)
        let rectified = biased.map { max($0, 0) }
        #expect(relativeError(forward(test, context, bias: true, relu: true), rectified) < tolerance)
    }

    /// Kept filters serve every call, and images of other sizes, to the same bits.
    @Test(arguments: ConvolutionCase.all) func keptFiltersChangeNothing(_ test: ConvolutionCase) {
        let (context, kept) = (makeContext(), PreparedFilters())
        func forward(_ test: ConvolutionCase, keptIn kept: PreparedFilters?) -> [Float] {
            self.forward(test, context, bias: true, relu: false, keptIn: kept)
        }
        for size in [test, test.larger, test] {
            #expect(areBitwiseEqual(forward(size, keptIn: kept), forward(size, keptIn: nil)))
        }
    }

    @Test(arguments: ConvolutionCase.all) func gradientsAreThoseOfTheDefinition(_ test: ConvolutionCase) {
        let (x, weight) = inputs(test)
        let wanted = NaiveConvolution(test.geometry).backward(x, weight: weight, outputGradient(test))
        let (dx, dWeight, _) = backward(test, makeContext())
        #expect(relativeError(dx, wanted.dx.values) < tolerance)
        // The weights' gradient started at 1: it must have been added to.
        #expect(relativeError(dWeight, wanted.dWeight.map { $0 + 1 }) < tolerance)
    }

    @Test(arguments: ConvolutionCase.all) func theBitsDoNotDependOnTheThreads(_ test: ConvolutionCase) {
        #expect(isIndependentOfThreads { forward(test, $0, bias: true, relu: true) })
        #expect(
            isIndependentOfThreads {
                let (dx, dWeight, dBias) = backward(test, $0); return dx + dWeight + dBias
            })
    }

    /// Where the result was not positive, no gradient passes: not to the input, the weights or the biases.
    @Test(arguments: ConvolutionCase.all) func theReLUHoldsGradientsBack(_ test: ConvolutionCase) {
        let (x, weight) = inputs(test)
        var dy = outputGradient(test)
        let y = Volume(dy.shape, formula: "y")
        for index in dy.values.indices where y.values[index] <= 0 { dy.values[index] = 0 }
        let wanted = NaiveConvolution(test.geometry).backward(x, weight: weight, dy)
        var dBias = [Double](repeating: 1, count: test.geometry.outputChannels)
        for (value, place) in zip(dy.values, dy.positions) { dBias[place.c] += value }
        let found = backward(test, makeContext(), where: y)
        #expect(relativeError(found.dx, wanted.dx.values) < tolerance)
        #expect(relativeError(found.dWeight, wanted.dWeight.map { $0 + 1 }) < tolerance)
        #expect(relativeError(found.dBias, dBias) < tolerance)
    }

    /// Where an input is used twice, the second gradient is added to the first.
    @Test(arguments: ConvolutionCase.all) func theInputsGradientCanBeAdded(_ test: ConvolutionCase) {
        let first = Volume(test.image, formula: "first")
        let alone = backward(test, makeContext()).dx
        let added = backward(test, makeContext()) {
            $0.addsToInput = true
            $0.input?.floats.update(from: first.floats, count: first.floats.count)
        }
        #expect(relativeError(added.dx, zip(first.values, alone).map { $0 + Double($1) }) < 1e-6)
    }

    /// A gradient that is not asked for is not needed for the others.
    @Test(arguments: ConvolutionCase.all) func eachGradientCanBeHadAlone(_ test: ConvolutionCase) {
        let together = backward(test, makeContext())
        let input = backward(test, makeContext()) { $0.weight = nil }
        let filters = backward(test, makeContext()) { ($0.input, $0.bias) = (nil, nil) }
        #expect(areBitwiseEqual(input.dx, together.dx) && areBitwiseEqual(filters.dWeight, together.dWeight))
        #expect(relativeError(input.dBias, together.dBias.map { Double($0) }) < tolerance)
        #expect(input.dWeight.allSatisfy { $0 == 1 } && filters.dBias.allSatisfy { $0 == 1 })
    }

    @Test(arguments: [1, 3, 7, 13, 33]) func biasGradientsAreSumsOverPixels(channels: Int) {
        let dy = Volume(Shape(2, 67, 71, channels), formula: "dy")
        var wanted = [Double](repeating: 1, count: channels)
        for (value, place) in zip(dy.values, dy.positions) { wanted[place.c] += value }
        func found(_ context: StepContext) -> [Float] {
            let sums = context.workspace.tensor(Shape(1, 1, 1, channels), [Float](repeating: 1, count: channels))
            let x = context.workspace.zeros(dy.shape.with(channels: 1))
            let weight = context.workspace.zeros(sums.shape)
            let geometry = ConvolutionGeometry(kernel: 1, inputChannels: 1, outputChannels: channels)
            ConvolutionPlan(geometry, x.shape).backward(
                dy.tensor(in: context.workspace), x, ConvolutionFilters(weight.floats),
                into: ConvolutionGradients(bias: sums.floats), workspace: context.workspace, pool: context.pool)
            return sums.elements
        }
        #expect(relativeError(found(makeContext()), wanted) < 1e-5)
        #expect(isIndependentOfThreads(found))
    }

    /// A rank without a sample joins in: nothing is computed and nothing changes, by any way to share the work.
    @Test(arguments: [1, 3], [4, 16, 512]) func aBatchMayBeEmpty(kernel: Int, channels: Int) {
        let test = ConvolutionCase(
            0, 6, 6, channels, to: channels == 4 ? 5 : channels, kernel: kernel, padding: kernel / 2)
        let (dx, dWeight, _) = backward(test, makeContext())
        #expect(forward(test, makeContext(), bias: true, relu: true).isEmpty && dx.isEmpty)
        #expect(dWeight.allSatisfy { $0 == 1 })
    }

    // MARK: - One case

    private func inputs(_ test: ConvolutionCase) -> (x: Volume, weight: [Double]) {
        let count = test.geometry.filterCount * test.geometry.outputChannels
        return (Volume(test.image, formula: "x"), Formula.values("weight", count: count).map { Double($0) })
    }

    private func bias(_ test: ConvolutionCase) -> [Double] {
        Formula.values("bias", count: test.geometry.outputChannels).map { Double($0) }
    }

    private func outputGradient(_ test: ConvolutionCase) -> Volume {
        Volume(NaiveConvolution(test.geometry).outputShape(test.image), formula: "dy")
    }

    /// The filters as they lie in memory.
    private func filters(_ test: ConvolutionCase) -> Parameter {
        let geometry = test.geometry
        let parameter = arena.declare(
            "weight", [geometry.outputChannels, geometry.inputChannels, geometry.kernel, geometry.kernel],
            role: .weight,
            start: .heNormal)
        parameter.setValue(fileOrder: Formula.values("weight", count: parameter.count))
        return parameter
    }

    private let arena = ParameterArena()

    private func forward(
        _ test: ConvolutionCase, _ context: StepContext, bias: Bool, relu: Bool, keptIn kept: PreparedFilters? = nil
    ) -> [Float] {
        let x = inputs(test).x.tensor(in: context.workspace)
        let y = context.workspace.tensor(outputGradient(test).shape)
        let biases = context.workspace.tensor(
            Shape(1, 1, 1, test.geometry.outputChannels), self.bias(test).map { Float($0) })
        ConvolutionPlan(test.geometry, test.image, by: test.algorithm).forward(
            x, ConvolutionFilters(filters(test).value, keptIn: kept),
            ConvolutionEpilogue(bias: bias ? UnsafePointer(biases.floats) : nil, relu: relu), into: y,
            workspace: context.workspace, pool: context.pool)
        withExtendedLifetime(biases) {}
        return y.elements
    }

    /// The gradients asked for; those of filters and biases are added to ones.
    private func backward(
        _ test: ConvolutionCase, _ context: StepContext, where y: Volume? = nil,
        _ choose: (inout ConvolutionGradients) -> Void = { _ in }
    ) -> (dx: [Float], dWeight: [Float], dBias: [Float]) {
        let (x, dy) = (inputs(test).x.tensor(in: context.workspace), outputGradient(test).tensor(in: context.workspace))
        let (filters, dx) = (filters(test), context.workspace.tensor(test.image))
        for index in 0..<filters.count { filters.gradient[index] = 1 }
        let dBias = context.workspace.tensor(
            Shape(1, 1, 1, test.geometry.outputChannels), [Float](repeating: 1, count: test.geometry.outputChannels))
        var gradients = ConvolutionGradients(input: dx, weight: filters.gradient, bias: dBias.floats)
        choose(&gradients)
        ConvolutionPlan(test.geometry, test.image, by: test.algorithm).backward(
            dy, where: y?.tensor(in: context.workspace), x, ConvolutionFilters(filters.value), into: gradients,
            workspace: context.workspace, pool: context.pool)
        return (dx.elements, filters.fileOrder(filters.gradient), dBias.elements)
    }
}
