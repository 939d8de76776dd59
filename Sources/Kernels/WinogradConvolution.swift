import TensorCore

/// A 3x3 convolution of stride 1 by Winograd's minimal filtering F(4x4, 3x3): a quarter of the multiplications.
///
/// Tiles of the input become rows of up to 36 matrices, which are multiplied with those of the filters; the products become
/// tiles of the output. <doc:Winograd> derives it.
struct WinogradConvolution: ConvolutionMethod {
    /// Which share the output.
    private let parts: [TiledConvolution]

    /// The convolution of images with the pixels of `shape`.
    init(_ geometry: ConvolutionGeometry, _ shape: Shape) {
        precondition(ConvolutionAlgorithm.winograd.fits(geometry), "\(geometry) is not Winograd's")
        parts = WinogradTiling.all(of: shape, dilation: geometry.dilation).map {
            TiledConvolution(geometry: geometry, tiling: $0)
        }
    }

    /// The parts are computed one after the other.
    func scratchFloats(_ pass: ConvolutionPass, threads: Int) -> Int {
        parts.map { $0.scratchFloats(pass, threads: threads) }.max() ?? 0
    }

    func forward(
        _ x: Tensor, _ filters: ConvolutionFilters, epilogue: ConvolutionEpilogue, into y: Tensor,
        workspace: Workspace, pool: ThreadPool
    ) {
        for part in parts {
            part.forward(x, filters, epilogue: epilogue, into: y, workspace: workspace, pool: pool)
        }
    }

    func inputGradient(
        _ dy: Tensor, _ filters: ConvolutionFilters, into dx: Tensor, accumulate: Bool, workspace: Workspace,
        pool: ThreadPool
    ) {
        for part in parts {
            part.inputGradient(dy, filters, into: dx, accumulate: accumulate, workspace: workspace, pool: pool)
        }
    }

    func addWeightGradient(
        _ x: Tensor, _ dy: Tensor, where y: Tensor?, to dWeight: UnsafeMutablePointer<Float>,
        _ dBias: UnsafeMutablePointer<Float>?, workspace: Workspace, pool: ThreadPool
    ) {
        for part in parts {
            part.addWeightGradient(x, dy, where: y, to: dWeight, dBias, workspace: workspace, pool: pool)
        }
    }
}

/// The part of a convolution that one tiling computes.
struct TiledConvolution {
    let geometry: ConvolutionGeometry
    let tiling: WinogradTiling
    let products = PanelProducts.chosen

    /// All tiles of the batch.
    var tiles: Range<Int> { 0..<tiling.count }

    func scratchFloats(_ pass: ConvolutionPass, threads: Int) -> Int {
        switch pass {
        case .forward: multiplicationFloats(.forward, threads)
        case .inputGradient: multiplicationFloats(.turned, threads)
        case .weightGradient: weightGradientFloats(threads)
        }
    }

    /// The filters for its own tiles.
    func transformedFilters(_ use: WinogradFilters.Use) -> WinogradFilters {
        WinogradFilters(geometry, for: tiling.largest, use)
    }

    /// Spreads the tiles of a block over the threads; `firstRow` is the place of a task's first tile in the block.
    func forEachTask(
        _ block: Range<Int>, _ pool: ThreadPool, _ body: (_ tiles: Range<Int>, _ firstRow: Int, _ thread: Int) -> Void
    ) {
        pool.parallelFor(block.count, by: TiledConvolution.tilesPerTask) { rows, thread in
            body(block.lowerBound + rows.lowerBound..<block.lowerBound + rows.upperBound, rows.lowerBound, thread)
        }
    }

    private static let tilesPerTask = 8

    /// Transforms the windows of some tiles into rows `firstRow`... of the planes.
    func transformInput(
        _ x: Tensor, _ tiles: Range<Int>, into v: WinogradPlanes, firstRow: Int, _ scratch: TileScratch
    ) {
        for (index, row) in zip(tiles, firstRow...) {
            let tile = tiling[index]
            if index + 1 < tiles.upperBound {
                let next = tiling[index + 1]
                next.input.prefetch(x, newColumns: next.isRight(of: tile) ? 2 : 0)
            }
            InputTransform.apply(scratch.view(of: tile.input, in: x), size: tile.size, toRow: row, of: v, scratch)
        }
    }
}

extension LineTransform {
    /// Transforms all channels of a tile into a row of the planes.
    @inline(__always) static func apply(
        _ pixels: TileView, size: TileSize, toRow row: Int, of planes: WinogradPlanes, _ scratch: TileScratch
    ) {
        forEachPanel(of: planes, row, size) { panel, size in
            let source = pixels.channels(from: panel * PanelMatrix.width)
            apply(source, to: planes.view(row: row, panel: panel), size: size, between: scratch.between)
        }
    }

    /// Transforms a row of the planes into all channels of a tile.
    @inline(__always) static func apply(
        row: Int, of planes: WinogradPlanes, size: TileSize, to pixels: TileView, _ scratch: TileScratch
    ) {
        forEachPanel(of: planes, row, size) { panel, size in
            let target = pixels.channels(from: panel * PanelMatrix.width)
            apply(planes.view(row: row, panel: panel), to: target, size: size, between: scratch.between)
        }
    }

    /// Written twice over, so that the compiler knows the size that most tiles have where the image is large.
    @inline(__always) private static func forEachPanel(
        of planes: WinogradPlanes, _ row: Int, _ size: TileSize, _ body: (_ panel: Int, _ size: TileSize) -> Void
    ) {
        if size == .largest {
            for panel in 0..<planes.panels {
                planes.prefetch(afterRow: row, panel: panel)
                body(panel, .largest)
            }
        } else {
            for panel in 0..<planes.panels {
                planes.prefetch(afterRow: row, panel: panel)
                body(panel, size)
            }
        }
    }
}
