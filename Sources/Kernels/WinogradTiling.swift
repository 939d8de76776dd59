internal import CVectors
internal import TensorCore

/// The output of a dilated 3x3 convolution, cut into tiles of 4x4 pixels.
///
/// With dilation d the pixels whose rows and columns leave the same remainders form d * d interleaved images, each
/// convolved on its own by a plain 3x3 filter. A tile takes its sixteen pixels, d apart, from one of them.
///
/// Tiles are numbered image by image. Of two tiles of one interleaved image, the lower or, at equal height, the one
/// further right has the larger number.
struct WinogradTiling {
    /// Pixels of the images; input and output have the same.
    let shape: Shape
    let dilation: Int
    /// First pixels of the tiles along each axis.
    private let rows: [Int]
    private let columns: [Int]

    init(_ shape: Shape, dilation: Int) {
        (self.shape, self.dilation) = (shape, dilation)
        rows = WinogradTiling.firstPixels(of: shape.h, dilation)
        columns = WinogradTiling.firstPixels(of: shape.w, dilation)
    }

    /// Pixels of the output along each side of a tile.
    static let size = 4
    /// Pixels of the input along each side that a tile looks at.
    static let window = 6

    /// Number of tiles.
    var count: Int { shape.n * countPerImage }
    /// Number of tiles of each image.
    var countPerImage: Int { rows.count * columns.count }

    /// Number of tiles of images of `height` x `width` pixels, each.
    static func countPerImage(height: Int, width: Int, dilation: Int) -> Int {
        firstPixels(of: height, dilation).count * firstPixels(of: width, dilation).count
    }

    /// The pixels of the output that a tile computes.
    func output(_ tile: Int) -> TileWindow {
        let (image, rest) = tile.quotientAndRemainder(dividingBy: countPerImage)
        let (row, column) = rest.quotientAndRemainder(dividingBy: columns.count)
        return TileWindow(
            image: image, row: rows[row], column: columns[column], size: WinogradTiling.size, step: dilation)
    }

    /// The pixels of the input that it reads: one more on each side.
    func input(_ tile: Int) -> TileWindow {
        let output = output(tile)
        return TileWindow(
            image: output.image, row: output.row - dilation, column: output.column - dilation,
            size: WinogradTiling.window, step: dilation)
    }

    private static func firstPixels(of size: Int, _ dilation: Int) -> [Int] {
        (0..<min(dilation, size)).flatMap { Array(stride(from: $0, to: size, by: WinogradTiling.size * dilation)) }
    }
}

/// A square of pixels, `step` apart, that may reach over the edges of its image.
struct TileWindow {
    let image: Int
    /// The first row; may be negative.
    let row: Int
    /// The first column; may be negative.
    let column: Int
    /// Pixels along each side.
    let size: Int
    let step: Int

    private var reach: Int { (size - 1) * step }

    /// Whether all its pixels lie in images of `shape`.
    func isInside(_ shape: Shape) -> Bool {
        row >= 0 && column >= 0 && row + reach < shape.h && column + reach < shape.w
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
        for i in 0..<size {
            let y = row + i * step
            let isRow = y >= 0 && y < shape.h
            for j in 0..<size {
                let x = column + j * step
                let isInside = isRow && x >= 0 && x < shape.w
                body(i, j, isInside ? (image * shape.h + y) * shape.w + x : nil)
            }
        }
    }
}

private let floatsPerCacheLine = 16
