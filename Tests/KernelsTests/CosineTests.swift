import Kernels
import TensorCore
import TestSupport
import Testing

@Suite struct CosineTests {
    @Test(arguments: [1, 3, 7, 13, 33], [1, 5, 700]) func rowsGetLengthOne(channels: Int, rows: Int) {
        let (x, dy) = (
            Volume(Shape(1, 1, rows, channels), formula: "x"), Volume(Shape(1, 1, rows, channels), formula: "dy")
        )
        let (y, norms, dx) = normalized(x, dy, makeContext())
        let tape = Tape()
        let variables = (0..<rows).map { row in tape.variables((0..<channels).map { x[0, 0, row, $0] }) }
        let unit = variables.map { $0.normalized() }
        let loss = unit.enumerated().map { row, vector in
            vector.dot((0..<channels).map { Real(dy[0, 0, row, $0]) })
        }.sum()
        #expect(relativeError(y, unit.flatMap(\.values)) < 1e-6)
        #expect(relativeError(norms, variables.map { Real.sqrt($0.dot($0)).value }) < 1e-6)
        if channels > 1 {
            #expect(relativeError(dx, tape.gradient(of: loss, by: variables.flatMap { $0 })) < 1e-5)
        }
        #expect(
            isIndependentOfThreads {
                let (y, norms, dx) = normalized(x, dy, $0); return y + norms + dx
            })
    }

    /// Lengths of at most 1e-12 count as 1e-12, a constant to the gradient.
    @Test func vectorsTooShortToHaveADirection() {
        var x = Volume(Shape(1, 1, 2, 3))
        x.values = [0, 0, 0, 3e-13, 0, 4e-13]
        let (y, norms, dx) = normalized(x, Volume(x.shape, [1, 2, 3, 1, 0, 0]), makeContext())
        #expect(relativeError(y, [0, 0, 0, 0.3, 0, 0.4]) < 1e-6)
        #expect(norms == [1e-12, 1e-12])
        #expect(relativeError(dx, [1e12, 2e12, 3e12, 1e12, 0, 0]) < 1e-6)
    }

    private func normalized(
        _ x: Volume, _ dy: Volume, _ context: StepContext
    ) -> (y: [Float], norms: [Float], dx: [Float]) {
        let (rows, channels) = (x.shape.pixels, x.shape.c)
        let (y, norms) = (context.workspace.tensor(x.shape), context.workspace.tensor(x.shape.with(channels: 1)))
        let dx = dy.tensor(in: context.workspace)
        let input = x.tensor(in: context.workspace)
        normalizeRows(
            input.floats, rows: rows, channels: channels, into: y.floats, norms: norms.floats, pool: context.pool)
        normalizeRowsGradient(
            dx.floats, normalized: y.floats, norms: norms.floats, rows: rows, channels: channels, pool: context.pool)
        withExtendedLifetime(input) {}
        return (y.elements, norms.elements, dx.elements)
    }
}
