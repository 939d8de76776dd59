import TensorCore

/// How many tiles a pass takes through its steps at once, and the memory in which it does: planes of what it reads, planes
/// of what it makes of them or reads with them, and what a thread needs to transform a tile.
struct TileWork {
    enum Sharing {
        /// Each thread takes tiles of its own through all steps, so many at once, in its own cache.
        case eachThread(tiles: Int)
        /// All threads take a block of tiles through one step after the other.
        case together
    }

    private let size: TileSize
    private let products: PanelProducts
    private let channels: (first: Int, second: Int)
    /// Tiles at once, at most.
    let tiles: Int
    /// Whether all threads work on the same planes.
    let isTogether: Bool

    /// The work on tensors of so many channels.
    init(_ convolution: TiledConvolution, _ first: Int, _ second: Int, _ sharing: Sharing) {
        (size, products, channels) = (convolution.tiling.largest, convolution.products, (first, second))
        switch sharing {
        case .eachThread(let tiles): (self.tiles, isTogether) = (tiles, false)
        case .together:
            let floatsPerTile = (panelCount(first) + panelCount(second)) * PanelMatrix.width * size.coefficients
            tiles = min(convolution.tiling.count, max(64, mostFloatsPerBlock / floatsPerTile))
            isTogether = true
        }
    }

    /// The floats it books.
    func floats(_ threads: Int) -> Int { planesMemory(threads).count + scratchMemory(threads).count }

    /// Planes for each thread, or for all.
    func planesMemory(_ threads: Int) -> Shape {
        Shape(isTogether ? 1 : threads, 1, 1, planeFloats(channels.first) + planeFloats(channels.second))
    }

    /// What each thread needs.
    func scratchMemory(_ threads: Int) -> Shape {
        TileScratch.memory(channels: max(channels.first, channels.second), threads)
    }

    /// The planes of both tensors, of `count` tiles and of rows that fill the last block: a thread's, or those of all.
    func planes(in memory: Tensor, _ count: Int, thread: Int = 0) -> (first: WinogradPlanes, second: WinogradPlanes) {
        let (start, rows) = (thread * memory.shape.c, products.padded(rows: count))
        func planes(at offset: Int, _ channels: Int) -> WinogradPlanes {
            WinogradPlanes(size, in: memory, at: start + offset, rows: rows, panels: panelCount(channels))
        }
        return (planes(at: 0, channels.first), planes(at: planeFloats(channels.first), channels.second))
    }

    private func planeFloats(_ channels: Int) -> Int {
        WinogradPlanes.floats(size, rows: products.padded(rows: tiles), panels: panelCount(channels))
    }
}

/// 128 MB.
private let mostFloatsPerBlock = 32 << 20

/// What one thread needs to take a tile apart and to put one together.
struct TileScratch {
    /// The pixels of a window, `[pixel][channel]`.
    let window: UnsafeMutablePointer<Float>
    /// A half-done transform.
    let between: UnsafeMutablePointer<Float>

    /// The memory of each of some threads.
    static func memory(channels: Int, _ threads: Int) -> Shape {
        let floats = TileSize.largest.coefficients * (panelCount(channels) * PanelMatrix.width + Vector.count)
        return Shape(threads, 1, 1, floats)
    }

    init(_ memory: Tensor, thread: Int) {
        between = memory.floats + thread * memory.shape.c
        window = between + TileSize.largest.coefficients * Vector.count
    }

    /// The pixels of a window: where they lie, or a copy in whole panels with zeros for what is outside the image.
    func view(of window: TileWindow, in x: Tensor) -> TileView {
        let channels = x.shape.c
        if channels % PanelMatrix.width == 0 && window.isInside(x.shape) {
            return TileView(
                data: x.floats + window.firstPixel(in: x.shape) * channels,
                rowStride: window.step * x.shape.w * channels, columnStride: window.step * channels)
        }
        let width = panelCount(channels) * PanelMatrix.width
        window.forEachPixel(in: x.shape) { i, j, pixel in
            let copy = self.window + (i * window.width + j) * width
            guard let pixel else { return copy.update(repeating: 0, count: width) }
            copy.update(from: x.floats + pixel * channels, count: channels)
            (copy + channels).update(repeating: 0, count: width - channels)
        }
        return TileView(data: self.window, rowStride: window.width * width, columnStride: width)
    }
}
