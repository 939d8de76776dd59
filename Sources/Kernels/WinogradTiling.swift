internal import CVectors
internal import TensorCore

/// The output of a dilated 3x3 convolution, cut into tiles of at most 4x4 pixels.
///
/// With dilation d the pixels whose rows and columns leave the same remainders form d * d interleaved images, each
/// convolved on its own by a plain 3x3 filter. A tile takes its pixels, d apart, from one of them. The sides of an
/// interleaved image are cut into as few parts as can be, of nearly equal length: a tile that is a pixel shorter takes
/// one coefficient less.
///
/// Tiles are numbered from the largest size to the smallest, so that those that have a coefficient are few runs; in each
/// size, image by image. Of two tiles of one size in an interleaved image, the lower or, at equal height, the one further
/// right has the larger number.
struct WinogradTiling {
    /// Pixels of the images; input and output have the same.
    let shape: Shape
    let dilation: Int
    private let bands: [Band]

    /// All tiles of one size.
    private struct Band {
        let size: TileSize
        /// First pixels of the tiles along each axis.
        let rows: [Int]
        let columns: [Int]
        let tiles: Range<Int>
    }

    init(_ shape: Shape, dilation: Int) {
        (self.shape, self.dilation) = (shape, dilation)
        let rows = WinogradTiling.parts(of: shape.h, dilation)
        let columns = WinogradTiling.parts(of: shape.w, dilation)
        var bands: [Band] = []
        for height in WinogradTiling.sizes {
            for width in WinogradTiling.sizes {
                let (down, along) = (rows.filter { $0.size == height }, columns.filter { $0.size == width })
                let start = bands.last?.tiles.upperBound ?? 0
                bands.append(
                    Band(
                        size: TileSize(height: height, width: width), rows: down.map(\.first),
                        columns: along.map(\.first), tiles: start..<start + shape.n * down.count * along.count))
            }
        }
        self.bands = bands.filter { !$0.tiles.isEmpty }
    }

    /// Pixels of the output along a side of the largest tile.
    static let size = 4
    /// Coefficients along each side of the largest tile: one for each pixel of the input that it looks at.
    static let window = 6
    private static let sizes = [4, 3, 2]

    /// Number of tiles.
    var count: Int { bands.last?.tiles.upperBound ?? 0 }

    /// Number of coefficients of all tiles of an image of `height` x `width` pixels.
    static func coefficientsPerImage(height: Int, width: Int, dilation: Int) -> Int {
        func alongSide(_ size: Int) -> Int { parts(of: size, dilation).reduce(0) { $0 + $1.size + 2 } }
        return alongSide(height) * alongSide(width)
    }

    /// The pixels of the output that a tile computes.
    func output(_ tile: Int) -> TileWindow {
        var index = 0
        while tile >= bands[index].tiles.upperBound { index += 1 }
        let band = bands[index]
        let (place, column) = (tile - band.tiles.lowerBound).quotientAndRemainder(dividingBy: band.columns.count)
        let (image, row) = place.quotientAndRemainder(dividingBy: band.rows.count)
        return TileWindow(
            image: image, row: band.rows[row], column: band.columns[column], size: band.size, step: dilation)
    }

    /// Calls `body` with each run of tiles that have a coefficient, as places among `tiles`.
    @inline(__always) func forEachRun(
        of tiles: Range<Int>, having coefficient: Int, _ body: (_ places: Range<Int>) -> Void
    ) {
        var run = 0..<0
        for band in bands where band.size.has(coefficient) && band.tiles.overlaps(tiles) {
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
        bands.contains { $0.size.has(coefficient) && $0.tiles.overlaps(tiles) }
    }

    /// A side of `length` pixels as parts, each with its first pixel and its number of pixels, `dilation` apart. A side of
    /// one pixel is a part of two, the second of which is outside.
    private static func parts(of length: Int, _ dilation: Int) -> [(first: Int, size: Int)] {
        (0..<min(dilation, length)).flatMap { remainder in
            let pixels = (length - remainder + dilation - 1) / dilation
            return (0..<pixels).pieces(of: size).map { (remainder + $0.lowerBound * dilation, max($0.count, 2)) }
        }
    }
}

/// Pixels of the output that a tile computes, along each axis: two to four.
struct TileSize: Equatable {
    let height: Int
    let width: Int

    static var largest: TileSize { TileSize(height: 4, width: 4) }

    /// Whether tiles of this size have a coefficient: they have those of their first points.
    @inline(__always) func has(_ coefficient: Int) -> Bool {
        coefficient / WinogradTiling.window < height + 2 && coefficient % WinogradTiling.window < width + 2
    }
}

/// A rectangle of pixels, `step` apart, that may reach over the edges of its image.
struct TileWindow {
    let image: Int
    /// The first row; may be negative.
    let row: Int
    /// The first column; may be negative.
    let column: Int
    let size: TileSize
    let step: Int

    /// Whether the other window ends where this one begins.
    func isRight(of other: TileWindow) -> Bool {
        (image, row, column) == (other.image, other.row, other.column + other.size.width * step)
    }

    /// What a tile reads of the input: one more pixel on each side.
    func widened() -> TileWindow {
        TileWindow(
            image: image, row: row - step, column: column - step,
            size: TileSize(height: size.height + 2, width: size.width + 2), step: step)
    }

    /// Whether all its pixels lie in images of `shape`.
    func isInside(_ shape: Shape) -> Bool {
        row >= 0 && row + (size.height - 1) * step < shape.h
            && column >= 0 && column + (size.width - 1) * step < shape.w
    }

    /// The first pixel's place among the pixels of `shape`; where the window is not inside, it may not exist.
    func firstPixel(in shape: Shape) -> Int { (image * shape.h + row) * shape.w + column }

    /// Asks for its pixels ahead of their use: too many rows are read in turn for the processor to foresee them.
    ///
    /// The columns before `newColumns` are left out, where the window before has them.
    @inline(__always) func prefetch(_ x: Tensor, newColumns: Int) {
        forEachPixel(in: x.shape) { _, j, pixel in
            guard let pixel, j >= newColumns else { return }
            let first = x.data + pixel * x.shape.c
            for channel in stride(from: 0, to: x.shape.c, by: floatsPerCacheLine) { bana_prefetch(first + channel) }
        }
    }

    /// Calls `body` with each pixel of the window and its place in `shape`, `nil` outside the image.
    @inline(__always) func forEachPixel(
        in shape: Shape, _ body: (_ i: Int, _ j: Int, _ pixel: Int?) -> Void
    ) {
        for i in 0..<size.height {
            let y = row + i * step
            let isRow = y >= 0 && y < shape.h
            for j in 0..<size.width {
                let x = column + j * step
                let isInside = isRow && x >= 0 && x < shape.w
                body(i, j, isInside ? (image * shape.h + y) * shape.w + x : nil)
            }
        }
    }
}

private let floatsPerCacheLine = 16
