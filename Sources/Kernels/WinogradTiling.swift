import CVectors
import TensorCore

/// The output of a dilated 3x3 convolution, or a part of it, cut into tiles of at most 4x4 pixels.
///
/// With dilation d the pixels whose rows and columns leave the same remainders form d * d interleaved images, each
/// convolved on its own by a plain 3x3 filter. A tile takes its pixels, d apart, from one of them. The sides of an
/// interleaved image are cut into as few parts as can be, of nearly equal length: a tile that is a pixel shorter takes
/// one coefficient less. Sides of one pixel or two, alone between padding, have coefficients of their own kind; where
/// there are such sides and longer ones, each combination of kinds is a tiling.
///
/// Tiles are numbered from the largest size to the smallest, so that those that have a coefficient are few runs; in each
/// size, image by image. Of two tiles of one size in an interleaved image, the lower or, at equal height, the one further
/// right has the larger number.
struct WinogradTiling {
    /// Pixels of the images; input and output have the same.
    private let shape: Shape
    private let dilation: Int
    private let bands: [Band]

    /// All tiles of one size.
    private struct Band {
        let size: TileSize
        /// First pixels of the tiles along each axis.
        let rows: [Int]
        let columns: [Int]
        let tiles: Range<Int>
    }

    /// A part of a side of the image: its first pixel and what it is.
    private typealias Part = (first: Int, side: TileSide)

    /// The tilings that make up the whole of images with the pixels of `shape`.
    static func all(of shape: Shape, dilation: Int) -> [WinogradTiling] {
        let (rows, columns) = (parts(of: shape.h, dilation), parts(of: shape.w, dilation))
        let kinds = [false, true]
        return kinds.flatMap { down in
            kinds.map { along in
                WinogradTiling(
                    shape, dilation, rows: rows.filter { $0.side.isAlone == down },
                    columns: columns.filter { $0.side.isAlone == along })
            }
        }.filter { $0.count > 0 }
    }

    private init(_ shape: Shape, _ dilation: Int, rows: [Part], columns: [Part]) {
        (self.shape, self.dilation) = (shape, dilation)
        var bands: [Band] = []
        for height in TileSide.allCases {
            for width in TileSide.allCases {
                let (down, along) = (rows.filter { $0.side == height }, columns.filter { $0.side == width })
                let start = bands.last?.tiles.upperBound ?? 0
                bands.append(
                    Band(
                        size: TileSize(height: height, width: width), rows: down.map(\.first),
                        columns: along.map(\.first), tiles: start..<start + shape.n * down.count * along.count))
            }
        }
        self.bands = bands.filter { !$0.tiles.isEmpty }
    }

    /// Number of tiles.
    var count: Int { bands.last?.tiles.upperBound ?? 0 }

    /// As large as the largest tile along each axis: it has all coefficients there are.
    var largest: TileSize { bands.first?.size ?? .largest }

    /// The tile of that number.
    subscript(_ tile: Int) -> WinogradTile {
        var index = 0
        while tile >= bands[index].tiles.upperBound { index += 1 }
        let band = bands[index]
        let (place, column) = (tile - band.tiles.lowerBound).quotientAndRemainder(dividingBy: band.columns.count)
        let (image, row) = place.quotientAndRemainder(dividingBy: band.rows.count)
        return WinogradTile(
            size: band.size, image: image, row: band.rows[row], column: band.columns[column], step: dilation)
    }

    /// Calls `body` with each run of tiles that have a coefficient, as places among `tiles`.
    @inline(__always) func forEachRun(
        of tiles: Range<Int>, having coefficient: Int, _ body: (_ places: Range<Int>) -> Void
    ) {
        var run = 0..<0
        for band in bands where has(coefficient, band) && band.tiles.overlaps(tiles) {
            let part = band.tiles.clamped(to: tiles)
            let places = part.lowerBound - tiles.lowerBound..<part.upperBound - tiles.lowerBound
            if places.lowerBound == run.upperBound {
                run = run.lowerBound..<places.upperBound
            } else {
                if !run.isEmpty { body(run) }
                run = places
            }
        }
        if !run.isEmpty { body(run) }
    }

    /// Whether any of some tiles has a coefficient.
    func has(_ coefficient: Int, _ tiles: Range<Int>) -> Bool {
        bands.contains { has(coefficient, $0) && $0.tiles.overlaps(tiles) }
    }

    /// Whether a band's tiles have a coefficient: along each axis they have the first ones.
    private func has(_ coefficient: Int, _ band: Band) -> Bool {
        let (row, column) = coefficient.quotientAndRemainder(dividingBy: largest.width.coefficients)
        return row < band.size.height.coefficients && column < band.size.width.coefficients
    }

    /// A side of `length` pixels as parts, whose pixels lie `dilation` apart.
    private static func parts(of length: Int, _ dilation: Int) -> [Part] {
        (0..<min(dilation, length)).flatMap { remainder -> [Part] in
            let pixels = (length - remainder + dilation - 1) / dilation
            if pixels <= 2 { return [(remainder, pixels == 2 ? .pair : .single)] }
            return (0..<pixels).equalParts(ofAtMost: TileSide.four.pixels).map { piece in
                let side: TileSide = piece.count == 4 ? .four : piece.count == 3 ? .three : .two
                return (remainder + piece.lowerBound * dilation, side)
            }
        }
    }
}

/// A tile's pixels along one axis, and how they are computed.
enum TileSide: CaseIterable {
    /// Some of the pixels of a longer side, with a neighbour at each end: those of Winograd's minimal filtering.
    case four, three, two
    /// All there are, between padding: two pixels, or one.
    case pair, single

    /// Pixels of the output.
    var pixels: Int {
        switch self {
        case .four: 4
        case .three: 3
        case .two, .pair: 2
        case .single: 1
        }
    }

    /// Multiplications.
    var coefficients: Int {
        switch self {
        case .four: 6
        case .three: 5
        case .two: 4
        case .pair: 3
        case .single: 1
        }
    }

    /// Whether nothing but padding is beside its pixels.
    var isAlone: Bool { self == .pair || self == .single }

    /// The side whose first coefficients it has: it or a longer one.
    var largestOfItsKind: TileSide { isAlone ? .pair : .four }

    /// Pixels of the input that are read.
    var inputs: Int { isAlone ? pixels : pixels + 2 }

    /// The coefficient that, of gradients, is the sum of the pixels.
    var sum: Int { isAlone ? 0 : 1 }

    /// The most inputs, and coefficients, that a side can have.
    static let most = 6
}

/// The pixels of the output that a tile computes, along each axis.
struct TileSize: Hashable {
    let height: TileSide
    let width: TileSide

    static var largest: TileSize { TileSize(height: .four, width: .four) }

    /// The size whose coefficients along each axis begin with its own.
    var largestOfItsKind: TileSize { TileSize(height: height.largestOfItsKind, width: width.largestOfItsKind) }

    /// The number of its coefficients.
    var coefficients: Int { height.coefficients * width.coefficients }

    /// The coefficient that, of gradients, is the sum over the tile.
    var sum: Int { height.sum * width.coefficients + width.sum }
}

/// A tile: what it computes, what it reads.
struct WinogradTile {
    let size: TileSize
    let image: Int
    /// The first pixel of the output.
    let row: Int
    let column: Int
    /// From pixel to pixel.
    let step: Int

    /// The pixels of the output.
    var output: TileWindow {
        TileWindow(
            image: image, row: row, column: column, height: size.height.pixels, width: size.width.pixels, step: step)
    }

    /// The pixels of the input: those of the output, and one more at each end of a side that has neighbours.
    var input: TileWindow {
        TileWindow(
            image: image, row: size.height.isAlone ? row : row - step,
            column: size.width.isAlone ? column : column - step,
            height: size.height.inputs, width: size.width.inputs, step: step)
    }

    /// Whether the other tile ends where this one begins.
    func isRight(of other: WinogradTile) -> Bool {
        (image, row, column) == (other.image, other.row, other.column + other.size.width.pixels * step)
    }
}

/// A rectangle of pixels, `step` apart, that may reach over the edges of its image.
struct TileWindow {
    let image: Int
    /// The first row; may be negative.
    let row: Int
    /// The first column; may be negative.
    let column: Int
    let height: Int
    let width: Int
    let step: Int

    /// Whether all its pixels lie in images of `shape`.
    func isInside(_ shape: Shape) -> Bool {
        row >= 0 && row + (height - 1) * step < shape.h && column >= 0 && column + (width - 1) * step < shape.w
    }

    /// The first pixel's place among the pixels of `shape`; where the window is not inside, it may not exist.
    func firstPixel(in shape: Shape) -> Int { (image * shape.h + row) * shape.w + column }

    /// Asks for its pixels ahead of their use: too many rows are read in turn for the processor to foresee them.
    ///
    /// The columns before `newColumns` are left out, where the window before has them.
    @inline(__always) func prefetch(_ x: Tensor, newColumns: Int) {
        forEachPixel(in: x.shape) { _, j, pixel in
            guard let pixel, j >= newColumns else { return }
            let first = x.floats + pixel * x.shape.c
            for channel in stride(from: 0, to: x.shape.c, by: floatsPerCacheLine) { bana_prefetch(first + channel) }
        }
    }

    /// Calls `body` with each pixel of the window and its place in `shape`, `nil` outside the image.
    @inline(__always) func forEachPixel(
        in shape: Shape, _ body: (_ i: Int, _ j: Int, _ pixel: Int?) -> Void
    ) {
        for i in 0..<height {
            let y = row + i * step
            let isRow = y >= 0 && y < shape.h
            for j in 0..<width {
                let x = column + j * step
                let isInside = isRow && x >= 0 && x < shape.w
                body(i, j, isInside ? (image * shape.h + y) * shape.w + x : nil)
            }
        }
    }
}

private let floatsPerCacheLine = 16
