import Kernels
import Layers
import TensorCore
import TestSupport
import Testing

/// A layer of every kind, and what it is given wrong: each mistake must end the process and not reach unchecked code.
private struct Mistakes {
    let arena = ParameterArena()
    let context = makeContext(positions: [1])

    private func zeros(_ n: Int, _ h: Int, _ w: Int, _ c: Int) -> Tensor { context.workspace.zeros(Shape(n, h, w, c)) }

    private var convolution: Convolution {
        let geometry = ConvolutionGeometry(kernel: 3, inputChannels: 3, outputChannels: 7)
        return Convolution(geometry, weight: arena.formula("w", [7, 3, 3, 3]), bias: nil, relu: false)
    }

    private var batchNorm: BatchNorm {
        BatchNorm(
            weight: arena.formula("w", [3]), bias: arena.formula("b", [3]),
            runningMean: arena.declareStatistics("mean", channels: 3, start: 0),
            runningVariance: arena.declareStatistics("variance", channels: 3, start: 1), mode: .batch, momentum: 0.1,
            relu: false)
    }

    /// Forward on an image of `shape`, then backward with a gradient of `gradient`.
    private func pass<L: Layer>(_ layer: L, _ shape: Shape, _ gradient: Shape? = nil) {
        let (_, saved) = layer.forward(context.workspace.zeros(shape), context)
        guard let saved, let gradient else { return }
        _ = layer.backward(context.workspace.zeros(gradient), saved, context, needsInputGradient: true)
    }

    func makeNone() {
        pass(convolution, Shape(1, 5, 5, 3), Shape(1, 3, 3, 7))
        pass(batchNorm, Shape(1, 5, 5, 3), Shape(1, 5, 5, 3))
        pass(MaxPool(PoolingGeometry(kernel: 3, stride: 2, padding: 0)), Shape(1, 5, 5, 3), Shape(1, 2, 2, 3))
        pass(AveragePool(PoolingGeometry(kernel: 3, stride: 2, padding: 0)), Shape(1, 5, 5, 3), Shape(1, 2, 2, 3))
        pass(ChannelDropout(probability: 0.5, number: 1), Shape(1, 5, 5, 3), Shape(1, 5, 5, 3))
        pass(CosineClassifier(weight: arena.formula("w", [4, 3, 1, 1])), Shape(1, 5, 5, 3), Shape(1, 5, 5, 4))
        _ = ClassificationLoss.sums(zeros(1, 1, 2, 5), labels: [0, 4])
    }

    func convolveOtherChannels() { pass(convolution, Shape(1, 5, 5, 2)) }
    func convolveTooSmallAnImage() { pass(convolution, Shape(1, 2, 5, 3)) }
    func convolveBackOtherRows() { pass(convolution, Shape(1, 5, 5, 3), Shape(1, 4, 3, 7)) }
    func poolTooSmallAnImage() { pass(MaxPool(PoolingGeometry(kernel: 3, stride: 2, padding: 0)), Shape(1, 2, 5, 3)) }
    func poolBackOtherRows() {
        pass(MaxPool(PoolingGeometry(kernel: 3, stride: 2, padding: 0)), Shape(1, 5, 5, 3), Shape(1, 3, 2, 3))
    }
    func averageBackOtherRows() {
        pass(AveragePool(PoolingGeometry(kernel: 3, stride: 2, padding: 0)), Shape(1, 5, 5, 3), Shape(1, 3, 2, 3))
    }
    func normalizeOtherChannels() { pass(batchNorm, Shape(1, 5, 5, 4)) }
    func normalizeBackOtherRows() { pass(batchNorm, Shape(1, 5, 5, 3), Shape(1, 6, 5, 3)) }
    func dropBackOtherRows() {
        pass(ChannelDropout(probability: 0.5, number: 1), Shape(1, 5, 5, 3), Shape(1, 5, 5, 4))
    }
    func classifyBackOtherRows() {
        pass(CosineClassifier(weight: arena.formula("w", [4, 3, 1, 1])), Shape(1, 5, 5, 3), Shape(1, 6, 5, 4))
    }
    func lossOfAnUnknownClass() { _ = ClassificationLoss.sums(zeros(1, 1, 1, 5), labels: [5]) }
    func lossOfTooManyLabels() { _ = ClassificationLoss.sums(zeros(1, 1, 1, 5), labels: [1, 2]) }
}

@Suite struct ShapeChecksTests {
    @Test func whatIsRightPasses() async { await #expect(processExitsWith: .success) { Mistakes().makeNone() } }

    @Test func convolutionsCheck() async {
        await #expect(processExitsWith: .failure) { Mistakes().convolveOtherChannels() }
        await #expect(processExitsWith: .failure) { Mistakes().convolveTooSmallAnImage() }
        await #expect(processExitsWith: .failure) { Mistakes().convolveBackOtherRows() }
    }

    @Test func poolingsCheck() async {
        await #expect(processExitsWith: .failure) { Mistakes().poolTooSmallAnImage() }
        await #expect(processExitsWith: .failure) { Mistakes().poolBackOtherRows() }
        await #expect(processExitsWith: .failure) { Mistakes().averageBackOtherRows() }
    }

    @Test func otherLayersCheck() async {
        await #expect(processExitsWith: .failure) { Mistakes().normalizeOtherChannels() }
        await #expect(processExitsWith: .failure) { Mistakes().normalizeBackOtherRows() }
        await #expect(processExitsWith: .failure) { Mistakes().dropBackOtherRows() }
        await #expect(processExitsWith: .failure) { Mistakes().classifyBackOtherRows() }
    }

    @Test func lossesCheck() async {
        await #expect(processExitsWith: .failure) { Mistakes().lossOfAnUnknownClass() }
        await #expect(processExitsWith: .failure) { Mistakes().lossOfTooManyLabels() }
    }
}
