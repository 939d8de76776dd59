import Kernels
import TensorCore
import TestSupport
import Testing

/// A pooling and the image it is tried on.
struct PoolingCase: Sendable, CustomTestStringConvertible {
    let geometry: PoolingGeometry
    let image: Shape

    init(_ n: Int, _ h: Int, _ w: Int, _ c: Int, kernel: Int, stride: Int, padding: Int, ceil: Bool = false) {
        image = Shape(n, h, w, c)
        geometry = PoolingGeometry(kernel: kernel, stride: stride, padding: padding, ceil: ceil)
    }

    var testDescription: String {
        "\(image), kernel \(geometry.kernel), stride \(geometry.stride), padding \(geometry.padding)"
            + (geometry.ceil ? ", ceil" : "")
    }

    static let all = [
        PoolingCase(1, 1, 1, 1, kernel: 3, stride: 2, padding: 1),
        PoolingCase(1, 1, 1, 1, kernel: 3, stride: 2, padding: 1, ceil: true),
        PoolingCase(2, 5, 8, 3, kernel: 3, stride: 2, padding: 1),
        PoolingCase(2, 5, 8, 7, kernel: 3, stride: 2, padding: 1, ceil: true),
        PoolingCase(1, 8, 9, 13, kernel: 3, stride: 1, padding: 1),
        PoolingCase(1, 7, 6, 33, kernel: 2, stride: 2, padding: 0),
        PoolingCase(1, 7, 6, 2, kernel: 2, stride: 2, padding: 0, ceil: true),
        PoolingCase(1, 11, 4, 2, kernel: 2, stride: 3, padding: 0),
        PoolingCase(1, 11, 4, 2, kernel: 2, stride: 3, padding: 1, ceil: true),
        PoolingCase(1, 8, 9, 48, kernel: 3, stride: 2, padding: 1),
        PoolingCase(1, 6, 5, 37, kernel: 3, stride: 1, padding: 1),
        PoolingCase(1, 9, 9, 4, kernel: 5, stride: 3, padding: 2),
        PoolingCase(2, 41, 23, 5, kernel: 3, stride: 2, padding: 1),
    ]
}

@Suite struct PoolingTests {
    @Test(arguments: PoolingCase.all) func maximaAndTheirGradients(_ test: PoolingCase) {
        let (twin, x) = (NaivePooling(test.geometry), Volume(test.image, formula: "x"))
        let wanted = twin.maximum(x)
        #expect(test.geometry.outputShape(test.image) == wanted.y.shape)
        let dy = Volume(wanted.y.shape, formula: "dy")
        let (y, yWithoutTaps, dx) = maximum(x, dy, test.geometry, makeContext())
        #expect(y == wanted.y.floats && yWithoutTaps == y)
        #expect(relativeError(dx, twin.maximumGradient(x, dy).values) < 1e-6)
    }

    @Test(arguments: PoolingCase.all.filter { !$0.geometry.ceil }) func meansAndTheirGradients(_ test: PoolingCase) {
        let (twin, x) = (NaivePooling(test.geometry), Volume(test.image, formula: "x"))
        let dy = Volume(twin.outputShape(test.image), formula: "dy")
        let (y, dx) = average(x, dy, test.geometry, makeContext())
        #expect(relativeError(y, twin.average(x).values) < 1e-6)
        #expect(relativeError(dx, twin.averageGradient(x, dy).values) < 1e-6)
    }

    /// Where a relu left many zeros, the first of the equal ones wins, as in PyTorch.
    @Test func theFirstOfEqualsWins() {
        let test = PoolingCase(1, 9, 9, 5, kernel: 3, stride: 2, padding: 1)
        var x = Volume(test.image, formula: "x")
        x.values = x.values.map { ($0 * 2).rounded() }
        let twin = NaivePooling(test.geometry)
        let dy = Volume(twin.outputShape(test.image), formula: "dy")
        #expect(
            relativeError(maximum(x, dy, test.geometry, makeContext()).dx, twin.maximumGradient(x, dy).values) < 1e-6)
    }

    /// Padding is not a zero that could win.
    @Test func negativeMaximaAtTheBorder() {
        let test = PoolingCase(1, 4, 4, 3, kernel: 3, stride: 2, padding: 1)
        let x = Volume(test.image, formula: "x", scale: 0.5, offset: -5)
        let wanted = NaivePooling(test.geometry).maximum(x).y
        #expect(maximum(x, wanted, test.geometry, makeContext()).y == wanted.floats)
    }

    @Test(arguments: PoolingCase.all) func theBitsDoNotDependOnTheThreads(_ test: PoolingCase) {
        let x = Volume(test.image, formula: "x")
        let dy = Volume(NaivePooling(test.geometry).outputShape(test.image), formula: "dy")
        #expect(
            isIndependentOfThreads {
                let (y, _, dx) = maximum(x, dy, test.geometry, $0); return y + dx
            })
        #expect(
            isIndependentOfThreads {
                let (y, dx) = average(x, dy, test.geometry, $0); return y + dx
            })
    }

    /// The sizes of the networks: three strides of 2 and no more.
    @Test func vggSizes() {
        let halving = PoolingGeometry(kernel: 3, stride: 2, padding: 1)
        var shape = Shape(1, 321, 321, 64)
        for size in [161, 81, 41] {
            shape = halving.outputShape(shape)
            #expect(shape == Shape(1, size, size, 64))
        }
        #expect(PoolingGeometry(kernel: 3, stride: 1, padding: 1).outputShape(shape) == shape)
    }

    private func maximum(
        _ x: Volume, _ dy: Volume, _ geometry: PoolingGeometry, _ context: StepContext
    ) -> (y: [Float], yWithoutTaps: [Float], dx: [Float]) {
        let (workspace, pool) = (context.workspace, context.pool)
        let (input, gradient) = (Guarded(x, in: workspace), Guarded(dy, in: workspace))
        let (y, other) = (Guarded(dy.shape, in: workspace), Guarded(dy.shape, in: workspace))
        let dx = Guarded(x.shape, in: workspace)
        let taps = workspace.buffer(of: UInt8.self, count: dy.shape.count)
        maxPool(input.tensor, geometry: geometry, into: y.tensor, taps: taps.data, pool: pool)
        maxPool(input.tensor, geometry: geometry, into: other.tensor, taps: nil, pool: pool)
        maxPoolGradient(gradient.tensor, taps: taps.data, geometry: geometry, into: dx.tensor, pool: pool)
        withExtendedLifetime((input, gradient, taps)) {}
        return (y.elements, other.elements, dx.elements)
    }

    private func average(
        _ x: Volume, _ dy: Volume, _ geometry: PoolingGeometry, _ context: StepContext
    ) -> (y: [Float], dx: [Float]) {
        let (workspace, pool) = (context.workspace, context.pool)
        let (input, gradient) = (Guarded(x, in: workspace), Guarded(dy, in: workspace))
        let (y, dx) = (Guarded(dy.shape, in: workspace), Guarded(x.shape, in: workspace))
        averagePool(input.tensor, geometry: geometry, into: y.tensor, pool: pool)
        averagePoolGradient(gradient.tensor, geometry: geometry, into: dx.tensor, pool: pool)
        withExtendedLifetime((input, gradient)) {}
        return (y.elements, dx.elements)
    }
}
