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

/// A small constant matrix applied to the vectors of a line, one for each kind of side that a tile can have along it.
///
/// The three matrices of F(4x4, 3x3) and their transposes (Lavin and Gray 2016, section 4.3) for the points 0, 1, -1,
/// infinity, 2 and -2, those for sides of three or two pixels, which have the first five or four of these points, and
/// those for sides that are alone; the article <doc:Winograd> derives what they are for.
protocol LineTransform {
    /// Vectors that are read, and written.
    static func inputs(_ side: TileSide) -> Int
    static func outputs(_ side: TileSide) -> Int
    static func apply(_ x: TileLine, to y: TileLine, _ side: TileSide)
}

extension LineTransform {
    /// Transforms a tile along both axes: `y = T x T^T`. `between` holds 36 vectors.
    @inline(__always) static func apply(
        _ x: TileView, to y: TileView, size: TileSize, between: UnsafeMutablePointer<Float>
    ) {
        let half = TileView(data: between, rowStride: TileSide.most * Vector.count, columnStride: Vector.count)
        for column in 0..<inputs(size.width) { apply(x.column(column), to: half.column(column), size.height) }
        for row in 0..<outputs(size.height) { apply(half.row(row), to: y.row(row), size.width) }
    }
}

/// B^T: pixels of the input to as many coefficients.
enum InputTransform: LineTransform {
    @inline(__always) static func inputs(_ side: TileSide) -> Int { side.inputs }
    @inline(__always) static func outputs(_ side: TileSide) -> Int { side.coefficients }

    @inline(__always) static func apply(_ x: TileLine, to y: TileLine, _ side: TileSide) {
        switch side {
        case .four:
            let (x0, x1, x2, x3, x4, x5) = (x[0], x[1], x[2], x[3], x[4], x[5])
            let (even1, odd1) = (x4.addingProduct(-4, x2), x3.addingProduct(-4, x1))
            let (even2, odd2) = (x4 - x2, x3 - x1)
            y[0] = x4.addingProduct(-5, x2).addingProduct(4, x0)
            y[1] = even1 + odd1
            y[2] = even1 - odd1
            y[3] = x5.addingProduct(-5, x3).addingProduct(4, x1)
            y[4] = even2.addingProduct(2, odd2)
            y[5] = even2.addingProduct(-2, odd2)
        case .three:
            let (x0, x1, x2, x3, x4) = (x[0], x[1], x[2], x[3], x[4])
            y[0] = (4 * (x0 - x2)).addingProduct(2, x3 - x1)
            y[1] = (3 * (x3 - x2)).addingProduct(-6, x1)
            y[2] = x3.addingProduct(-3, x2).addingProduct(2, x1)
            y[3] = (x4 - x2).addingProduct(-2, x3 - x1)
            y[4] = 4 * (x3 - x1)
        case .two:
            let (x0, x1, x2, x3) = (x[0], x[1], x[2], x[3])
            y[0] = 4 * (x0 - x2)
            y[1] = -3 * (x1 + x2)
            y[2] = 3 * (x1 - x2)
            y[3] = x3 - x1
        case .pair:
            let (x0, x1) = (x[0], x[1])
            y[0] = x0 + x1
            y[1] = x0
            y[2] = x1
        case .single:
            y[0] = x[0]
        }
    }
}

/// A^T: products to pixels of the output.
enum OutputTransform: LineTransform {
    @inline(__always) static func inputs(_ side: TileSide) -> Int { side.coefficients }
    @inline(__always) static func outputs(_ side: TileSide) -> Int { side.pixels }

    @inline(__always) static func apply(_ x: TileLine, to y: TileLine, _ side: TileSide) {
        let x0 = x[0]
        switch side {
        case .four:
            let (sum1, difference1) = (x[1] + x[2], x[1] - x[2])
            let (sum2, difference2) = (x[4] + x[5], x[4] - x[5])
            y[0] = x0 + sum1 + sum2
            y[1] = difference1.addingProduct(2, difference2)
            y[2] = sum1.addingProduct(4, sum2)
            y[3] = (difference1 + x[3]).addingProduct(8, difference2)
        case .three:
            let (sum1, difference1, x4) = (x[1] + x[2], x[1] - x[2], x[4])
            y[0] = x0 + sum1 + x4
            y[1] = difference1.addingProduct(2, x4)
            y[2] = (sum1 + x[3]).addingProduct(4, x4)
        case .two:
            y[0] = x0 + (x[1] + x[2])
            y[1] = (x[1] - x[2]) + x[3]
        case .pair:
            y[0] = x0 + x[2]
            y[1] = x0 + x[1]
        case .single:
            y[0] = x0
        }
    }
}

/// A: the gradients of pixels of the output to those of the products.
enum OutputAdjoint: LineTransform {
    @inline(__always) static func inputs(_ side: TileSide) -> Int { side.pixels }
    @inline(__always) static func outputs(_ side: TileSide) -> Int { side.coefficients }

    @inline(__always) static func apply(_ x: TileLine, to y: TileLine, _ side: TileSide) {
        let x0 = x[0]
        switch side {
        case .four:
            let (x1, x2, x3) = (x[1], x[2], x[3])
            y[0] = x0
            let (even1, odd1) = (x0 + x2, x1 + x3)
            let (even2, odd2) = (x0.addingProduct(4, x2), (2 * x1).addingProduct(8, x3))
            y[1] = even1 + odd1
            y[2] = even1 - odd1
            y[3] = x3
            y[4] = even2 + odd2
            y[5] = even2 - odd2
        case .three:
            let (x1, x2) = (x[1], x[2])
            y[0] = x0
            y[1] = x0 + x2 + x1
            y[2] = x0 + x2 - x1
            y[3] = x2
            y[4] = x0.addingProduct(4, x2).addingProduct(2, x1)
        case .two:
            let x1 = x[1]
            y[0] = x0
            y[1] = x0 + x1
            y[2] = x0 - x1
            y[3] = x1
        case .pair:
            let x1 = x[1]
            y[0] = x0 + x1
            y[1] = x1
            y[2] = x0
        case .single:
            y[0] = x0
        }
    }
}

/// G: three taps of the filter to the coefficients of the longest sides of a kind, and so to those of the shorter ones.
enum FilterTransform: LineTransform {
    @inline(__always) static func inputs(_ side: TileSide) -> Int { 3 }
    @inline(__always) static func outputs(_ side: TileSide) -> Int { side.coefficients }

    @inline(__always) static func apply(_ x: TileLine, to y: TileLine, _ side: TileSide) {
        let (x0, x1, x2) = (x[0], x[1], x[2])
        if side.isAlone {
            y[0] = x1
            guard side == .pair else { return }
            y[1] = x0 - x1
            y[2] = x2 - x1
            return
        }
        let (even1, odd1) = (-1 / 6 * (x0 + x2), -1 / 6 * x1)
        y[0] = 0.25 * x0
        y[1] = even1 + odd1
        y[2] = even1 - odd1
        y[3] = x2
        guard side != .two else { return }
        let (even2, odd2) = ((1 / 24 * x0).addingProduct(1 / 6, x2), 1 / 12 * x1)
        y[4] = even2 + odd2
        guard side != .three else { return }
        y[5] = even2 - odd2
    }
}

/// G^T: the gradients of the coefficients to those of the filter's three taps.
enum FilterAdjoint: LineTransform {
    @inline(__always) static func inputs(_ side: TileSide) -> Int { side.coefficients }
    @inline(__always) static func outputs(_ side: TileSide) -> Int { 3 }

    @inline(__always) static func apply(_ x: TileLine, to y: TileLine, _ side: TileSide) {
        switch side {
        case .four, .three, .two:
            let (sum1, difference1) = (x[1] + x[2], x[1] - x[2])
            let x4 = side == .two ? Vector(repeating: 0) : x[4]
            let x5 = side == .four ? x[5] : Vector(repeating: 0)
            let (sum2, difference2) = (x4 + x5, x4 - x5)
            y[0] = (0.25 * x[0]).addingProduct(-1 / 6, sum1).addingProduct(1 / 24, sum2)
            y[1] = (1 / 12 * difference2).addingProduct(-1 / 6, difference1)
            y[2] = x[3].addingProduct(1 / 6, sum2 - sum1)
        case .pair:
            y[0] = x[1]
            y[1] = x[0] - (x[1] + x[2])
            y[2] = x[2]
        case .single:
            y[0] = Vector(repeating: 0)
            y[1] = x[0]
            y[2] = Vector(repeating: 0)
        }
    }
}
