import COpenBLAS
package import TensorCore

/// Whether a matrix is used as it lies in memory or transposed.
package enum Orientation: Sendable {
    case asStored, transposed
    var flag: CBLAS_TRANSPOSE { self == .asStored ? CblasNoTrans : CblasTrans }
}

/// A row-major matrix whose rows start `stride` floats apart.
package struct Matrix {
    package let data: UnsafeMutablePointer<Float>
    package let stride: Int
    package let orientation: Orientation

    /// The matrix at `data`; `transposed` uses its transpose without moving anything.
    package init(_ data: UnsafeMutablePointer<Float>, stride: Int, _ orientation: Orientation = .asStored) {
        (self.data, self.stride, self.orientation) = (data, stride, orientation)
    }

    /// An operand that is only read.
    package init(reading data: UnsafePointer<Float>, stride: Int, _ orientation: Orientation = .asStored) {
        self.init(UnsafeMutablePointer(mutating: data), stride: stride, orientation)
    }

    /// The part of the operand that starts at row `row` and column `column`.
    func from(row: Int, column: Int) -> UnsafeMutablePointer<Float> {
        orientation == .asStored ? data + row * stride + column : data + column * stride + row
    }
}

/// `c = a b`, or `c += a b`, on the calling thread. `a` is rows x inner, `b` inner x columns, `c` rows x columns.
package func multiply(
    _ a: Matrix, _ b: Matrix, into c: Matrix, rows: Int, columns: Int, inner: Int, accumulate: Bool = false
) {
    multiply(a, b, into: c, rows: 0..<rows, columns: 0..<columns, inner: inner, accumulate: accumulate)
}

/// The same on all threads: the result is cut into blocks by its shape, so the bits do not depend on their number.
package func multiply(
    _ a: Matrix, _ b: Matrix, into c: Matrix, rows: Int, columns: Int, inner: Int, accumulate: Bool = false,
    on pool: ThreadPool
) {
    let blocks = GEMMBlocks(rows: rows, columns: columns)
    pool.parallelFor(blocks.count) { block in
        let (rowRange, columnRange) = blocks[block]
        multiply(a, b, into: c, rows: rowRange, columns: columnRange, inner: inner, accumulate: accumulate)
    }
}

/// One thread does the arithmetic of one call: the threads are ours. Call once before the first product.
package func useOneBLASThread() {
    openblas_set_num_threads(1)
}

private func multiply(
    _ a: Matrix, _ b: Matrix, into c: Matrix, rows: Range<Int>, columns: Range<Int>, inner: Int, accumulate: Bool
) {
    guard !rows.isEmpty && !columns.isEmpty else { return }
    cblas_sgemm(
        CblasRowMajor, a.orientation.flag, b.orientation.flag,
        Int32(rows.count), Int32(columns.count), Int32(inner),
        1, a.from(row: rows.lowerBound, column: 0), Int32(a.stride),
        b.from(row: 0, column: columns.lowerBound), Int32(b.stride),
        accumulate ? 1 : 0, c.from(row: rows.lowerBound, column: columns.lowerBound), Int32(c.stride))
}

/// How a product's result is cut for the threads: tall results by rows, small ones by columns too.
private struct GEMMBlocks {
    let rows: Int, columns: Int, rowSize: Int, columnSize: Int

    init(rows: Int, columns: Int) {
        (self.rows, self.columns) = (rows, columns)
        rowSize = min(rows, 256)
        let rowBlocks = (rows + 255) / 256
        let wanted = max(1, 16 / max(1, rowBlocks))
        columnSize = max(64, (columns + wanted - 1) / wanted)
    }

    private var across: Int { (columns + columnSize - 1) / columnSize }
    var count: Int { rows == 0 ? 0 : (rows + rowSize - 1) / rowSize * across }

    subscript(_ block: Int) -> (rows: Range<Int>, columns: Range<Int>) {
        let (row, column) = (block / across * rowSize, block % across * columnSize)
        return (row..<min(rows, row + rowSize), column..<min(columns, column + columnSize))
    }
}
