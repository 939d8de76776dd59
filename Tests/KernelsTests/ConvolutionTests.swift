import Kernels
import TensorCore
import TestSupport
import Testing

/// A convolution and the image it is tried on.
struct ConvolutionCase: Sendable, CustomTestStringConvertible {
    let geometry: ConvolutionGeometry
    let image: Shape

    init(
        _ n: Int, _ h: Int, _ w: Int, _ inputs: Int, to outputs: Int, kernel: Int, stride: Int = 1, dilation: Int = 1,
        padding: Int = 0
    ) {
        image = Shape(n, h, w, inputs)
        geometry = ConvolutionGeometry(
            kernel: kernel, stride: stride, dilation: dilation, padding: padding, inputs: inputs, outputs: outputs)
    }

    var testDescription: String {
        "\(image) to \(geometry.outputs), kernel \(geometry.kernel), stride \(geometry.stride), "
            + "dilation \(geometry.dilation), padding \(geometry.padding)"
    }

    static let all = [
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
        // More pixels than one block of any loop.
        ConvolutionCase(2, 37, 41, 3, to: 4, kernel: 3, padding: 1),
        ConvolutionCase(1, 70, 75, 4, to: 5, kernel: 1),
    ]
}

/// Winograd's transforms cost some accuracy; direct products stay far below.
private let tolerance = 2e-5

@Suite struct ConvolutionTests {
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

    @Test(arguments: ConvolutionCase.all) func gradientsAreThoseOfTheDefinition(_ test: ConvolutionCase) {
        let (x, weight) = inputs(test)
        let wanted = NaiveConvolution(test.geometry).backward(x, weight: weight, outputGradient(test))
        let (dx, dWeight) = backward(test, makeContext())
        #expect(relativeError(dx, wanted.dx.values) < tolerance)
        // The weights' gradient started at 1: it must have been added to.
        #expect(relativeError(dWeight, wanted.dWeight.map { $0 + 1 }) < tolerance)
    }

    @Test(arguments: ConvolutionCase.all) func theBitsDoNotDependOnTheThreads(_ test: ConvolutionCase) {
        #expect(isIndependentOfThreads { forward(test, $0, bias: true, relu: true) })
        #expect(
            isIndependentOfThreads {
                let (dx, dWeight) = backward(test, $0); return dx + dWeight
            })
    }

    @Test(arguments: [1, 3, 7, 13, 33]) func biasGradientsAreSumsOverPixels(channels: Int) {
        let dy = Volume(Shape(2, 67, 71, channels), formula: "dy")
        var wanted = [Double](repeating: 1, count: channels)
        for (value, place) in zip(dy.values, dy.positions) { wanted[place.c] += value }
        func found(_ context: StepContext) -> [Float] {
            let sums = context.workspace.tensor(Shape(1, 1, 1, channels), [Float](repeating: 1, count: channels))
            sumOverPixels(
                dy.tensor(in: context.workspace), into: sums.data, workspace: context.workspace, pool: context.pool)
            return sums.elements
        }
        #expect(relativeError(found(makeContext()), wanted) < 1e-5)
        #expect(isIndependentOfThreads(found))
    }

    /// A rank without a sample joins in: nothing is computed and nothing changes.
    @Test(arguments: [1, 3]) func aBatchMayBeEmpty(kernel: Int) {
        let test = ConvolutionCase(0, 6, 6, 4, to: 5, kernel: kernel, padding: kernel / 2)
        let (dx, dWeight) = backward(test, makeContext())
        #expect(forward(test, makeContext(), bias: true, relu: true).isEmpty && dx.isEmpty)
        #expect(dWeight.allSatisfy { $0 == 1 })
    }

    // MARK: - One case

    private func inputs(_ test: ConvolutionCase) -> (x: Volume, weight: [Double]) {
        let count = test.geometry.filterCount * test.geometry.outputs
        return (Volume(test.image, formula: "x"), Formula.values("weight", count: count).map { Double($0) })
    }

    private func bias(_ test: ConvolutionCase) -> [Double] {
        Formula.values("bias", count: test.geometry.outputs).map { Double($0) }
    }

    private func outputGradient(_ test: ConvolutionCase) -> Volume {
        Volume(NaiveConvolution(test.geometry).outputShape(test.image), formula: "dy")
    }

    /// The filters as they lie in memory.
    private func filters(_ test: ConvolutionCase) -> Parameter {
        let geometry = test.geometry
        let parameter = arena.declare(
            "weight", [geometry.outputs, geometry.inputs, geometry.kernel, geometry.kernel], role: .weight,
            start: .heNormal)
        parameter.setValue(fileOrder: Formula.values("weight", count: parameter.count))
        return parameter
    }

    private let arena = ParameterArena()

    private func forward(_ test: ConvolutionCase, _ context: StepContext, bias: Bool, relu: Bool) -> [Float] {
        let x = Guarded(inputs(test).x, in: context.workspace)
        let y = Guarded(outputGradient(test).shape, in: context.workspace)
        let biases = context.workspace.tensor(
            Shape(1, 1, 1, test.geometry.outputs), self.bias(test).map { Float($0) })
        convolve(
            x.tensor, weight: filters(test).value, geometry: test.geometry,
            epilogue: ConvolutionEpilogue(bias: bias ? UnsafePointer(biases.data) : nil, relu: relu), into: y.tensor,
            workspace: context.workspace, pool: context.pool)
        withExtendedLifetime((x, biases)) {}
        return y.elements
    }

    private func backward(_ test: ConvolutionCase, _ context: StepContext) -> (dx: [Float], dWeight: [Float]) {
        let workspace = context.workspace
        let (x, dy) = (Guarded(inputs(test).x, in: workspace), Guarded(outputGradient(test), in: workspace))
        let (filters, dx) = (filters(test), Guarded(test.image, in: workspace))
        convolveInputGradient(
            dy.tensor, weight: filters.value, geometry: test.geometry, into: dx.tensor, workspace: workspace,
            pool: context.pool)
        for index in 0..<filters.count { filters.gradient[index] = 1 }
        convolveWeightGradient(
            x.tensor, dy.tensor, geometry: test.geometry, into: filters.gradient, workspace: workspace,
            pool: context.pool)
        withExtendedLifetime((x, dy)) {}
        return (dx.elements, filters.fileOrder(filters.gradient))
    }
}
