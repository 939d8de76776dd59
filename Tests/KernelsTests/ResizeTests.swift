import Kernels
import TensorCore
import TestSupport
import Testing

/// A size and another to resize it to.
struct ResizeCase: Sendable, CustomTestStringConvertible {
    let source: Shape, height: Int, width: Int
    var testDescription: String { "\(source) to \(height)x\(width)" }

    static let all = [
        ResizeCase(source: Shape(1, 1, 1, 1), height: 1, width: 1),
        ResizeCase(source: Shape(1, 1, 1, 3), height: 4, width: 3),
        ResizeCase(source: Shape(2, 1, 5, 7), height: 3, width: 9),
        ResizeCase(source: Shape(1, 5, 6, 13), height: 1, width: 1),
        ResizeCase(source: Shape(2, 6, 5, 3), height: 41, width: 37),
        ResizeCase(source: Shape(1, 33, 17, 3), height: 9, width: 4),
        ResizeCase(source: Shape(1, 9, 9, 33), height: 9, width: 9),
        ResizeCase(source: Shape(1, 41, 41, 2), height: 321, width: 321),
    ]
}

@Suite struct ResizeTests {
    @Test(arguments: ResizeCase.all) func blendsNeighboursAndScattersGradients(_ test: ResizeCase) {
        let x = Volume(test.source, formula: "x")
        let wanted = NaiveResize.bilinear(x, height: test.height, width: test.width)
        let dy = Volume(wanted.shape, formula: "dy")
        let (y, dx) = resized(x, dy, makeContext())
        // A place's fraction is rounded in single precision.
        #expect(relativeError(y, wanted.values) < 1e-5)
        #expect(relativeError(dx, NaiveResize.bilinearGradient(dy, source: test.source).values) < 2e-5)
    }

    @Test func cornersStayCorners() {
        let x = Volume(Shape(1, 41, 33, 1), formula: "x")
        let y = Volume(
            Shape(1, 321, 500, 1), resized(x, Volume(Shape(1, 321, 500, 1)), makeContext()).y.map { Double($0) })
        #expect(abs(y[0, 320, 499, 0] - x[0, 40, 32, 0]) < 1e-4)
        #expect(y[0, 0, 0, 0] == x[0, 0, 0, 0])
    }

    /// <resize(x), dy> = <x, gradient(dy)>.
    @Test(arguments: ResizeCase.all) func theGradientIsTheAdjoint(_ test: ResizeCase) {
        let x = Volume(test.source, formula: "x")
        let dy = Volume(Shape(test.source.n, test.height, test.width, test.source.c), formula: "dy")
        let (y, dx) = resized(x, dy, makeContext())
        func dot(_ a: [Float], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * $1.1 } }
        let size = (dot(y, y.map { Double($0) }) * dot(dy.floats, dy.values)).squareRoot()
        #expect(abs(dot(y, dy.values) - dot(dx, x.values)) < 1e-6 * size)
    }

    @Test(arguments: ResizeCase.all) func theBitsDoNotDependOnTheThreads(_ test: ResizeCase) {
        let x = Volume(test.source, formula: "x")
        let dy = Volume(Shape(test.source.n, test.height, test.width, test.source.c), formula: "dy")
        #expect(
            isIndependentOfThreads {
                let (y, dx) = resized(x, dy, $0); return y + dx
            })
    }

    private func resized(_ x: Volume, _ dy: Volume, _ context: StepContext) -> (y: [Float], dx: [Float]) {
        let (workspace, pool) = (context.workspace, context.pool)
        let (input, gradient) = (Guarded(x, in: workspace), Guarded(dy, in: workspace))
        let (y, dx) = (Guarded(dy.shape, in: workspace), Guarded(x.shape, in: workspace))
        resizeBilinear(input.tensor, into: y.tensor, pool: pool)
        resizeBilinearGradient(gradient.tensor, into: dx.tensor, workspace: workspace, pool: pool)
        withExtendedLifetime((input, gradient)) {}
        return (y.elements, dx.elements)
    }
}
