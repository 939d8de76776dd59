/// Vectors of sixteen channels, `stride` floats apart: one line through a tile.
struct TileLine {
    let data: UnsafeMutablePointer<Float>
    let stride: Int

    @inline(__always) subscript(_ position: Int) -> Vector {
        get { data.vector(position * stride) }
        nonmutating set { data.store(newValue, at: position * stride) }
    }
}

/// Sixteen channels of a tile of any size, wherever its vectors lie.
struct TileView {
    let data: UnsafeMutablePointer<Float>
    let rowStride: Int
    let columnStride: Int

    @inline(__always) func row(_ row: Int) -> TileLine { TileLine(data: data + row * rowStride, stride: columnStride) }
    @inline(__always) func column(_ column: Int) -> TileLine {
        TileLine(data: data + column * columnStride, stride: rowStride)
    }

    /// The same tile some channels further on.
    @inline(__always) func channels(from channel: Int) -> TileView {
        TileView(data: data + channel, rowStride: rowStride, columnStride: columnStride)
    }
}

/// A small constant matrix applied to the vectors of a line.
///
/// The three matrices of F(4x4, 3x3) and their transposes, for the points 0, 1, -1, 2, -2 and infinity (Lavin and Gray
/// 2016, section 4.3); the article <doc:Winograd> derives what they are for.
protocol LineTransform {
    static var inputs: Int { get }
    static var outputs: Int { get }
    static func apply(_ x: TileLine, to y: TileLine)
}

extension LineTransform {
    /// Transforms a tile along both axes: `y = T x T^T`. `between` holds `outputs * inputs` vectors.
    @inline(__always) static func apply(_ x: TileView, to y: TileView, between: UnsafeMutablePointer<Float>) {
        let half = TileView(data: between, rowStride: inputs * Vector.count, columnStride: Vector.count)
        for column in 0..<inputs { apply(x.column(column), to: half.column(column)) }
        for row in 0..<outputs { apply(half.row(row), to: y.row(row)) }
    }
}

/// B^T: six pixels of the input to six coefficients.
enum InputTransform: LineTransform {
    static var inputs: Int { 6 }
    static var outputs: Int { 6 }

    @inline(__always) static func apply(_ x: TileLine, to y: TileLine) {
        let (x0, x1, x2, x3, x4, x5) = (x[0], x[1], x[2], x[3], x[4], x[5])
        let (even1, odd1) = (x4.adding(-4, times: x2), x3.adding(-4, times: x1))
        let (even2, odd2) = (x4 - x2, x3 - x1)
        y[0] = x4.adding(-5, times: x2).adding(4, times: x0)
        y[1] = even1 + odd1
        y[2] = even1 - odd1
        y[3] = even2.adding(2, times: odd2)
        y[4] = even2.adding(-2, times: odd2)
        y[5] = x5.adding(-5, times: x3).adding(4, times: x1)
    }
}

/// A^T: six products to four pixels of the output.
enum OutputTransform: LineTransform {
    static var inputs: Int { 6 }
    static var outputs: Int { 4 }

    @inline(__always) static func apply(_ x: TileLine, to y: TileLine) {
        let (x1, x2, x3, x4) = (x[1], x[2], x[3], x[4])
        let (sum1, difference1) = (x1 + x2, x1 - x2)
        let (sum2, difference2) = (x3 + x4, x3 - x4)
        y[0] = x[0] + sum1 + sum2
        y[1] = difference1.adding(2, times: difference2)
        y[2] = sum1.adding(4, times: sum2)
        y[3] = (difference1 + x[5]).adding(8, times: difference2)
    }
}

/// A: the gradients of four pixels of the output to those of the six products.
enum OutputAdjoint: LineTransform {
    static var inputs: Int { 4 }
    static var outputs: Int { 6 }

    @inline(__always) static func apply(_ x: TileLine, to y: TileLine) {
        let (x0, x1, x2, x3) = (x[0], x[1], x[2], x[3])
        let (even1, odd1) = (x0 + x2, x1 + x3)
        let (even2, odd2) = (x0.adding(4, times: x2), (2 * x1).adding(8, times: x3))
        y[0] = x0
        y[1] = even1 + odd1
        y[2] = even1 - odd1
        y[3] = even2 + odd2
        y[4] = even2 - odd2
        y[5] = x3
    }
}

/// G: three taps of the filter to six coefficients.
enum FilterTransform: LineTransform {
    static var inputs: Int { 3 }
    static var outputs: Int { 6 }

    @inline(__always) static func apply(_ x: TileLine, to y: TileLine) {
        let (x0, x1, x2) = (x[0], x[1], x[2])
        let (even1, odd1) = (-1 / 6 * (x0 + x2), -1 / 6 * x1)
        let (even2, odd2) = ((1 / 24 * x0).adding(1 / 6, times: x2), 1 / 12 * x1)
        y[0] = 0.25 * x0
        y[1] = even1 + odd1
        y[2] = even1 - odd1
        y[3] = even2 + odd2
        y[4] = even2 - odd2
        y[5] = x2
    }
}

/// G^T: the gradients of six coefficients to those of the filter's three taps.
enum FilterAdjoint: LineTransform {
    static var inputs: Int { 6 }
    static var outputs: Int { 3 }

    @inline(__always) static func apply(_ x: TileLine, to y: TileLine) {
        let (x1, x2, x3, x4) = (x[1], x[2], x[3], x[4])
        let (sum1, difference1) = (x1 + x2, x1 - x2)
        let (sum2, difference2) = (x3 + x4, x3 - x4)
        y[0] = (0.25 * x[0]).adding(-1 / 6, times: sum1).adding(1 / 24, times: sum2)
        y[1] = (1 / 12 * difference2).adding(-1 / 6, times: difference1)
        y[2] = x[5].adding(1 / 6, times: sum2 - sum1)
    }
}
