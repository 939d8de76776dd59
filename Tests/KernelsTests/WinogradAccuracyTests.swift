import Kernels
import TensorCore
import TestSupport
import Testing

/// As many channels as the networks have: rounding errors of the transforms grow with the sums behind them.
@Suite struct WinogradAccuracyTests {
    /// Enough filters for every way of sharing the work, and for accuracy as in the networks' deepest layers.
    @Test(arguments: [(512, 512, 1), (512, 64, 2), (64, 512, 1)])
    func gradientsAndResultsAreAccurate(inputs: Int, outputs: Int, dilation: Int) {
        let geometry = ConvolutionGeometry(
            kernel: 3, dilation: dilation, padding: dilation, inputChannels: inputs, outputChannels: outputs)
        let x = Volume(Shape(1, 3, 5, inputs), formula: "x")
        let dy = Volume(Shape(1, 3, 5, outputs), formula: "dy")
        let arena = ParameterArena()
        let filters = arena.declare("w", [outputs, inputs, 3, 3], role: .weight, start: .heNormal)
        let weight = Formula.values("w", count: filters.count)
        filters.setValue(fileOrder: weight)

        let context = makeContext()
        let (y, dx) = (context.workspace.tensor(dy.shape), context.workspace.tensor(x.shape))
        let plan = ConvolutionPlan(geometry, x.shape, by: .winograd)
        plan.forward(
            x.tensor(in: context.workspace), ConvolutionFilters(filters.value), ConvolutionEpilogue(), into: y,
            workspace: context.workspace, pool: context.pool)
        plan.backward(
            dy.tensor(in: context.workspace), x.tensor(in: context.workspace), ConvolutionFilters(filters.value),
            into: ConvolutionGradients(input: dx, weight: filters.gradient), workspace: context.workspace,
            pool: context.pool)

        let naive = NaiveConvolution(geometry)
        let wanted = naive.backward(x, weight: weight.map { Double($0) }, dy)
        #expect(relativeL2(y.elements, naive.forward(x, weight: weight.map { Double($0) }).values) < 1e-5)
        #expect(relativeL2(dx.elements, wanted.dx.values) < 1e-5)
        #expect(relativeL2(filters.fileOrder(filters.gradient), wanted.dWeight) < 1e-5)
    }

    /// As in the head of DeepLab v2: more tiles than are transformed at once; interleaved images of three pixels and two,
    /// and of two and one.
    @Test(arguments: [(3, 12), (1, 18), (1, 24)]) func theHeadOfDeepLabIsWhatPatchesMakeOfIt(
        images: Int, dilation: Int
    ) {
        let geometry = ConvolutionGeometry(
            kernel: 3, dilation: dilation, padding: dilation, inputChannels: 2048, outputChannels: 256)
        let context = makeContext()
        let x = context.workspace.tensor(Shape(images, 41, 41, 2048))
        let gradient = context.workspace.tensor(geometry.outputShape(x.shape))
        for (index, value) in Formula.values("x", count: 4099).enumerated() {
            // A prime period: no two pixels are alike.
            for place in stride(from: index, to: x.count, by: 4099) { x.floats[place] = value }
            for place in stride(from: index, to: gradient.count, by: 4099) { gradient.floats[place] = value }
        }
        let weight = context.workspace.tensor(Shape(256, 3, 3, 2048), Formula.values("w", count: 256 * 9 * 2048))
        func results(by algorithm: ConvolutionAlgorithm) -> [[Float]] {
            let (y, dx) = (context.workspace.tensor(gradient.shape), context.workspace.tensor(x.shape))
            let dy = context.workspace.tensor(gradient.shape, gradient.elements)
            let dWeight = context.workspace.zeros(weight.shape)
            let plan = ConvolutionPlan(geometry, x.shape, by: algorithm)
            plan.forward(
                x, ConvolutionFilters(weight.floats), ConvolutionEpilogue(), into: y, workspace: context.workspace,
                pool: context.pool)
            plan.backward(
                dy, x, ConvolutionFilters(weight.floats), into: ConvolutionGradients(input: dx, weight: dWeight.floats),
                workspace: context.workspace, pool: context.pool)
            return [y.elements, dx.elements, dWeight.elements]
        }
        for (found, wanted) in zip(results(by: .winograd), results(by: .patches)) {
            #expect(relativeL2(found, wanted.map { Double($0) }) < 1e-5)
        }
    }

    private func relativeL2(_ found: [Float], _ wanted: [Double]) -> Double {
        guard found.count == wanted.count else { return .infinity }
        let deviation = zip(found, wanted).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
        return (deviation / wanted.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }
}
