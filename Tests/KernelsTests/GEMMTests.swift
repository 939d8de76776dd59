import Kernels
import TensorCore
import TestSupport
import Testing

struct ProductSize: Sendable, CustomTestStringConvertible {
    let rows: Int, columns: Int, inner: Int
    var testDescription: String { "\(rows)x\(inner) times \(inner)x\(columns)" }

    static let all = [
        ProductSize(rows: 1, columns: 1, inner: 1), ProductSize(rows: 3, columns: 7, inner: 13),
        ProductSize(rows: 33, columns: 65, inner: 5), ProductSize(rows: 257, columns: 129, inner: 17),
        ProductSize(rows: 600, columns: 3, inner: 2), ProductSize(rows: 2, columns: 300, inner: 9),
        ProductSize(rows: 5, columns: 6, inner: 0), ProductSize(rows: 0, columns: 6, inner: 3),
    ]
}

@Suite struct GEMMTests {
    /// Rows lie this much further apart than they are long.
    private let gap = 3

    @Test(
        arguments: ProductSize.all,
        [
            (Orientation.asStored, Orientation.asStored), (.transposed, .asStored),
            (.asStored, .transposed), (.transposed, .transposed),
        ])
    func multipliesByRowsAndColumns(size: ProductSize, orientations: (Orientation, Orientation)) {
        let a = Volume(Shape(1, 1, size.rows, size.inner), formula: "a")
        let b = Volume(Shape(1, 1, size.inner, size.columns), formula: "b")
        let before = Volume(Shape(1, 1, size.rows, size.columns), formula: "c")
        var product = Volume(before.shape)
        for place in product.positions {
            product[0, 0, place.x, place.c] = (0..<size.inner).reduce(0) {
                $0 + a[0, 0, place.x, $1] * b[0, 0, $1, place.c]
            }
        }
        let sum = zip(product.values, before.values).map { $0 + $1 }
        for threads in [1, 3] {
            let context = makeContext(threads: threads)
            func found(accumulate: Bool) -> [Float] {
                multiplied(a, orientations.0, b, orientations.1, onto: before, accumulate: accumulate, context)
            }
            #expect(relativeError(found(accumulate: false), product.values) < 1e-5)
            #expect(relativeError(found(accumulate: true), sum) < 1e-5)
        }
    }

    @Test func theBitsDoNotDependOnTheThreads() {
        let a = Volume(Shape(1, 1, 700, 90), formula: "a")
        let b = Volume(Shape(1, 1, 90, 201), formula: "b")
        let start = Volume(Shape(1, 1, 700, 201))
        #expect(isIndependentOfThreads { multiplied(a, .asStored, b, .asStored, onto: start, accumulate: true, $0) })
    }

    /// The product written over, or added to, a matrix whose rows lie apart; what lies between them must stay.
    private func multiplied(
        _ a: Volume, _ aOrientation: Orientation, _ b: Volume, _ bOrientation: Orientation, onto c: Volume,
        accumulate: Bool, _ context: StepContext
    ) -> [Float] {
        let (left, right) = (stored(a, aOrientation, context), stored(b, bOrientation, context))
        let result = stored(c, .asStored, context)
        let stride = result.shape.c
        multiply(
            Matrix(left.floats, stride: left.shape.c, aOrientation),
            Matrix(right.floats, stride: right.shape.c, bOrientation), into: Matrix(result.floats, stride: stride),
            rows: c.shape.w, columns: c.shape.c, inner: a.shape.c, accumulate: accumulate, on: context.pool)
        withExtendedLifetime((left, right)) {}
        let rows = (0..<c.shape.w).map { Array(result.elements[$0 * stride..<($0 + 1) * stride]) }
        #expect(rows.allSatisfy { $0.suffix(gap) == [77, 77, 77] })
        return rows.flatMap { $0.dropLast(gap) }
    }

    /// The matrix as it lies in memory, 77 between its rows.
    private func stored(_ matrix: Volume, _ orientation: Orientation, _ context: StepContext) -> Tensor {
        let (rows, columns) = (matrix.shape.w, matrix.shape.c)
        let isTransposed = orientation == .transposed
        let shape = Shape(1, 1, isTransposed ? columns : rows, (isTransposed ? rows : columns) + gap)
        let tensor = context.workspace.tensor(shape)
        tensor.fill(77)
        for row in 0..<rows {
            for column in 0..<columns {
                let index = isTransposed ? column * shape.c + row : row * shape.c + column
                tensor.floats[index] = Float(matrix[0, 0, row, column])
            }
        }
        return tensor
    }
}
