import TensorCore

/// Pixels of a convolution's result, or of its input's gradient, whose taps lie alike: all of a result; of a gradient those
/// whose rows and columns leave the same remainder by the stride.
///
/// Its pixel `(u, v)` is that in row `firstRow + step u` of the target and column `firstColumn + step v`; a tap of it sees
/// the source in row `sourceStep u + tap.row` and column `sourceStep v + tap.column`, if it has such a pixel.
struct TilePart {
    let firstRow: Int
    let firstColumn: Int
    let step: Int
    let rows: Int
    let columns: Int
    let sourceStep: Int
    let taps: [Tap]

    struct Tap {
        /// Its number in the filter.
        let number: Int
        let row: Int
        let column: Int
    }

    /// Which way the taps look: from output to input, or from input back to output.
    enum Direction { case forward, backward }

    /// The parts of a target that are not empty.
    static func all(_ geometry: ConvolutionGeometry, _ input: Shape, _ direction: Direction) -> [TilePart] {
        switch direction {
        case .forward:
            let output = geometry.outputShape(input)
            let part = TilePart(
                firstRow: 0, firstColumn: 0, step: 1, rows: output.h, columns: output.w, sourceStep: geometry.stride,
                taps: taps(geometry) {
                    $0 * geometry.dilation - geometry.padding
                } columns: {
                    $0 * geometry.dilation - geometry.padding
                })
            return [part]
        case .backward:
            return (0..<min(geometry.stride, input.h)).flatMap { row in
                (0..<min(geometry.stride, input.w)).map { column in
                    TilePart(
                        firstRow: row, firstColumn: column, step: geometry.stride,
                        rows: (input.h - row + geometry.stride - 1) / geometry.stride,
                        columns: (input.w - column + geometry.stride - 1) / geometry.stride, sourceStep: 1,
                        taps: taps(geometry) {
                            backward(geometry, row, $0)
                        } columns: {
                            backward(geometry, column, $0)
                        })
                }
            }
        }
    }

    /// The taps that see something from these rows and columns.
    private static func taps(
        _ geometry: ConvolutionGeometry, rows: (Int) -> Int?, columns: (Int) -> Int?
    ) -> [Tap] {
        (0..<geometry.kernel).flatMap { tapRow in
            (0..<geometry.kernel).compactMap { tapColumn in
                guard let row = rows(tapRow), let column = columns(tapColumn) else { return nil }
                return Tap(number: tapRow * geometry.kernel + tapColumn, row: row, column: column)
            }
        }
    }

    /// Where the tap of a row (or column) of a filter looked from, for the input's row that is the first of its part.
    private static func backward(_ geometry: ConvolutionGeometry, _ first: Int, _ tap: Int) -> Int? {
        let position = first + geometry.padding - tap * geometry.dilation
        return position % geometry.stride == 0 ? position / geometry.stride : nil
    }

    /// The place among `image`'s pixels of `(u, v)`.
    @inline(__always) func pixel(_ u: Int, _ v: Int, in image: Shape) -> Int {
        (firstRow + step * u) * image.w + firstColumn + step * v
    }
}

/// Some positions side by side, from `first` on, so many.
struct TileBlock {
    let first: Int
    let count: Int
}
