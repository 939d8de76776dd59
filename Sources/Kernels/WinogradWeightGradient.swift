internal import TensorCore

extension WinogradConvolution {
    /// `dWeight += dy * x` and `dBias += dy`, summed over the tiles in a fixed order.
    ///
    /// - Parameters:
    ///   - y: where it is not positive, `dy` becomes 0 first, in place.
    func addWeightGradient(
        _ x: Tensor, _ dy: Tensor, where y: Tensor?, to dWeight: UnsafeMutablePointer<Float>,
        _ dBias: UnsafeMutablePointer<Float>?, workspace: Workspace, pool: ThreadPool
    ) {
        guard !tiles.isEmpty else { return }
        let filters = WinogradFilters(geometry, .turned)
        let pass = GradientPass(convolution: self, filters: filters, x: x, dy: dy, y: y, dWeight: dWeight)
        let biasSums =
            filters.floats > largestSlicedFilters
            ? pass.runTogether(workspace, pool) : pass.runInSlices(workspace, pool)
        guard let dBias else { return }
        for sums in biasSums { add(sums.data, to: dBias, count: dy.shape.c) }
    }
}

/// A part of the batch and its sums, which are kept apart so that threads can work on several at once.
private struct Slice {
    let tiles: Range<Int>
    /// dU, a row for each output channel.
    let sums: WinogradPlanes
    let biasSums: Tensor
}

/// Tiles of input and gradient, and the sums of their products.
private struct GradientPass {
    let convolution: WinogradConvolution
    let filters: WinogradFilters
    let x: Tensor
    let dy: Tensor
    let y: Tensor?
    let dWeight: UnsafeMutablePointer<Float>

    private var xPanels: Int { panelCount(x.shape.c) }
    private var dyPanels: Int { panelCount(dy.shape.c) }

    /// Room for the sums of dY.
    private func biasSums(_ workspace: Workspace) -> Tensor {
        workspace.zeros(Shape(1, 1, 1, dyPanels * PanelMatrix.width))
    }

    /// Each thread takes slices, chunk by chunk, in its own cache. Returns the sums of dY.
    func runInSlices(_ workspace: Workspace, _ pool: ThreadPool) -> [Tensor] {
        let sliceCount = min(mostSlices, floatsOfSlices / filters.floats)
        let size = max(tilesPerChunk, (convolution.tiles.count + sliceCount - 1) / sliceCount)
        let slices = convolution.tiles.pieces(of: size).map { tiles in
            Slice(tiles: tiles, sums: filters.planes(workspace), biasSums: biasSums(workspace))
        }
        let xFloats = convolution.planeFloats(tiles: tilesPerChunk, panels: xPanels)
        let floats = xFloats + convolution.planeFloats(tiles: tilesPerChunk, panels: dyPanels)
        let memory = workspace.tensor(Shape(pool.threadCount, 1, 1, floats))
        let scratch = TileScratch.memory(channels: max(x.shape.c, dy.shape.c), workspace, pool)
        pool.parallelFor(slices.count) { index, thread in
            let (slice, part, start) = (slices[index], TileScratch(scratch, thread: thread), thread * floats)
            for tiles in slice.tiles.pieces(of: tilesPerChunk) {
                let v = convolution.planes(in: memory, at: start, tiles: tiles.count, panels: xPanels)
                let dm = convolution.planes(in: memory, at: start + xFloats, tiles: tiles.count, panels: dyPanels)
                transform(tiles, into: v, dm, firstRow: 0, part)
                addBias(dm, tiles.count, to: slice.biasSums)
                multiply(
                    v, dm, 0..<xPanels, tiles.count, into: slice.sums,
                    accumulate: tiles.lowerBound > slice.tiles.lowerBound)
            }
        }
        filters.addGradient(of: slices.map(\.sums), to: dWeight, workspace, pool)
        return slices.map(\.biasSums)
    }

    /// All threads transform a block of tiles, then each takes some of the input's channels to the end: large sums never
    /// leave its cache. Returns the sums of dY.
    func runTogether(_ workspace: Workspace, _ pool: ThreadPool) -> [Tensor] {
        let size = min(tilesPerBlock, convolution.tiles.count)
        let groups = (0..<xPanels).pieces(of: panelsPerGroup(of: xPanels, pool))
        let filterFloats = filters.floats(panels: groups.map(\.count).max() ?? 0)
        let floats = filterFloats + WinogradFilters.scratchFloats
        let memory = workspace.tensor(Shape(pool.threadCount, 1, 1, floats))
        func planeMemory(_ panels: Int) -> Tensor {
            workspace.tensor(Shape(1, 1, 1, convolution.planeFloats(tiles: size, panels: panels)))
        }
        let (xMemory, dyMemory) = (planeMemory(xPanels), planeMemory(dyPanels))
        let scratch = TileScratch.memory(channels: max(x.shape.c, dy.shape.c), workspace, pool)
        let biasSums = biasSums(workspace)
        for tiles in convolution.tiles.pieces(of: size) {
            let v = convolution.planes(in: xMemory, tiles: tiles.count, panels: xPanels)
            let dm = convolution.planes(in: dyMemory, tiles: tiles.count, panels: dyPanels)
            convolution.forEachTask(tiles, pool) { part, firstRow, thread in
                transform(part, into: v, dm, firstRow: firstRow, TileScratch(scratch, thread: thread))
            }
            addBias(dm, tiles.count, to: biasSums)
            pool.parallelFor(groups.count) { index, thread in
                let (group, start) = (groups[index], thread * floats)
                let sums = filters.planes(in: memory, at: start, panels: group.count)
                multiply(v, dm, group, tiles.count, into: sums, accumulate: false)
                filters.addGradient(of: sums, group, to: dWeight, memory.data + start + filterFloats)
            }
        }
        return [biasSums]
    }

    private func transform(
        _ tiles: Range<Int>, into v: WinogradPlanes, _ dm: WinogradPlanes, firstRow: Int, _ scratch: TileScratch
    ) {
        convolution.transformInput(x, tiles, into: v, firstRow: firstRow, scratch)
        let tiling = convolution.tiling
        for (tile, row) in zip(tiles, firstRow...) {
            if tile + 1 < tiles.upperBound {
                tiling.output(tile + 1).prefetch(dy, 0..<dy.shape.c, newColumns: 0)
                if let y { tiling.output(tile + 1).prefetch(y, 0..<y.shape.c, newColumns: 0) }
            }
            if let y { mask(tiling.output(tile), y) }
            OutputAdjoint.apply(scratch.view(of: tiling.output(tile), in: dy), toRow: row, of: dm, scratch)
        }
    }

    private func mask(_ window: TileWindow, _ y: Tensor) {
        window.forEachPixel(in: dy.shape) { _, _, pixel in
            guard let pixel else { return }
            let start = pixel * dy.shape.c
            copy(dy.data + start, wherePositive: y.data + start, to: dy.data + start, count: dy.shape.c)
        }
    }

    /// The row and column of A that belong to the point 1 are all ones: their coefficient is the sum over the tile.
    private func addBias(_ dm: WinogradPlanes, _ tiles: Int, to sums: Tensor) {
        for panel in 0..<dm.panels {
            let rows = dm[WinogradTiling.window + 1].dropping(panel).data
            let sum = sums.data + panel * PanelMatrix.width
            for row in 0..<tiles { add(rows + row * PanelMatrix.width, to: sum, count: PanelMatrix.width) }
        }
    }

    /// `dU = dM^T V`, or `dU += dM^T V`, for some panels of input channels.
    private func multiply(
        _ v: WinogradPlanes, _ dm: WinogradPlanes, _ panels: Range<Int>, _ tiles: Int, into sums: WinogradPlanes,
        accumulate: Bool
    ) {
        for coefficient in 0..<WinogradPlanes.count {
            convolution.products.multiplyTransposed(
                dm[coefficient], v[coefficient].dropping(panels.lowerBound), into: sums[coefficient], rows: tiles,
                aPanels: dyPanels, cPanels: panels.count, accumulate: accumulate)
        }
    }
}

/// Filters of more floats than this have one sum for each block of tiles, smaller ones one for each slice of the batch.
private let largestSlicedFilters = 600 << 10
/// Slices that threads can work on at once: as many as fit this memory, but not more than are of use.
private let floatsOfSlices = 8 * largestSlicedFilters
private let mostSlices = 16
/// Tiles of a slice that are transformed and multiplied in cache.
private let tilesPerChunk = 28
/// Tiles all threads transform together.
private let tilesPerBlock = 504
