internal import TensorCore

extension WinogradConvolution {
    /// `y = epilogue(x * weight)`.
    func forward(
        _ x: Tensor, weight: UnsafePointer<Float>, epilogue: ConvolutionEpilogue, into y: Tensor,
        workspace: Workspace, pool: ThreadPool
    ) {
        WinogradPass(
            convolution: self, source: x, weight: weight, filters: WinogradFilters(geometry, .forward),
            epilogue: epilogue, target: y
        ).run(workspace, pool)
    }

    /// `dx = dy * weight` turned round: a convolution too, from output channels to input channels.
    func inputGradient(
        _ dy: Tensor, weight: UnsafePointer<Float>, into dx: Tensor, workspace: Workspace, pool: ThreadPool
    ) {
        WinogradPass(
            convolution: self, source: dy, weight: weight, filters: WinogradFilters(geometry, .turned),
            epilogue: ConvolutionEpilogue(), target: dx
        ).run(workspace, pool)
    }
}

/// Tiles of the source, their products with the filters, tiles of the target.
private struct WinogradPass {
    let convolution: WinogradConvolution
    let source: Tensor
    let weight: UnsafePointer<Float>
    let filters: WinogradFilters
    let epilogue: ConvolutionEpilogue
    let target: Tensor

    private var sourcePanels: Int { panelCount(source.shape.c) }
    private var targetPanels: Int { panelCount(target.shape.c) }

    func run(_ workspace: Workspace, _ pool: ThreadPool) {
        if filters.floats > largestCachedFilters { runTogether(workspace, pool) } else { runInChunks(workspace, pool) }
    }

    /// Tiles one thread takes through all steps: few, so that their coefficients stay in its cache, but not so few
    /// that the filters, read again for each chunk, are most of what is read.
    private var tilesPerChunk: Int {
        let (inputs, outputs) = (source.shape.c, target.shape.c)
        return convolution.products.padded(rows: max(1, inputs * outputs / (4 * (inputs + outputs))))
    }

    /// Each thread takes chunks of tiles through all three steps, in its own cache.
    private func runInChunks(_ workspace: Workspace, _ pool: ThreadPool) {
        let u = filters.transformed(weight, workspace, pool)
        let tilesPerChunk = tilesPerChunk
        let sourceFloats = convolution.planeFloats(tiles: tilesPerChunk, panels: sourcePanels)
        let floats = sourceFloats + convolution.planeFloats(tiles: tilesPerChunk, panels: targetPanels)
        let memory = workspace.tensor(Shape(pool.threadCount, 1, 1, floats))
        let scratch = TileScratch.memory(channels: max(source.shape.c, target.shape.c), workspace, pool)
        let chunks = convolution.tiles.pieces(of: tilesPerChunk)
        pool.parallelFor(chunks.count) { index, thread in
            let (tiles, part, start) = (chunks[index], TileScratch(scratch, thread: thread), thread * floats)
            let v = convolution.planes(in: memory, at: start, tiles: tiles.count, panels: sourcePanels)
            let m = convolution.planes(in: memory, at: start + sourceFloats, tiles: tiles.count, panels: targetPanels)
            convolution.transformInput(source, tiles, into: v, firstRow: 0, part)
            multiply(v, u, into: m)
            transformOutput(m, panels: 0..<targetPanels, tiles, part)
        }
    }

    /// All threads transform a block of tiles; then each takes some of the target's channels through the other steps.
    ///
    /// Large filters, in the transform domain larger than the tiles, thus never leave the cache of their thread.
    private func runTogether(_ workspace: Workspace, _ pool: ThreadPool) {
        let size = min(tilesPerBlock, convolution.tiles.count)
        let groups = (0..<targetPanels).pieces(of: panelsPerGroup(of: targetPanels, pool))
        let panels = groups.map(\.count).max() ?? 0
        let (filterFloats, scratchFloats) = (filters.floats(panels: panels), WinogradFilters.scratchFloats)
        let floats = filterFloats + scratchFloats + convolution.planeFloats(tiles: size, panels: panels)
        let memory = workspace.tensor(Shape(pool.threadCount, 1, 1, floats))
        let sourceFloats = convolution.planeFloats(tiles: size, panels: sourcePanels)
        let sourceMemory = workspace.tensor(Shape(1, 1, 1, sourceFloats))
        let scratch = TileScratch.memory(channels: max(source.shape.c, target.shape.c), workspace, pool)
        for tiles in convolution.tiles.pieces(of: size) {
            let v = convolution.planes(in: sourceMemory, tiles: tiles.count, panels: sourcePanels)
            convolution.forEachTask(tiles, pool) { part, firstRow, thread in
                convolution.transformInput(
                    source, part, into: v, firstRow: firstRow, TileScratch(scratch, thread: thread))
            }
            pool.parallelFor(groups.count) { index, thread in
                let (group, start) = (groups[index], thread * floats)
                let u = filters.planes(in: memory, at: start, panels: group.count)
                filters.transform(weight, group, into: u, memory.data + start + filterFloats)
                let m = convolution.planes(
                    in: memory, at: start + filterFloats + scratchFloats, tiles: tiles.count, panels: group.count)
                multiply(v, u, into: m)
                transformOutput(m, panels: group, tiles, TileScratch(scratch, thread: thread))
            }
        }
    }

    /// `M = V U`, coefficient by coefficient.
    private func multiply(_ v: WinogradPlanes, _ u: WinogradPlanes, into m: WinogradPlanes) {
        for coefficient in 0..<WinogradPlanes.count {
            convolution.products.multiply(
                v[coefficient], u[coefficient], into: m[coefficient], rows: v.rows, aPanels: v.panels,
                cPanels: m.panels)
        }
    }

    /// Transforms the products of some panels of the target's channels.
    private func transformOutput(
        _ m: WinogradPlanes, panels: Range<Int>, _ tiles: Range<Int>, _ scratch: TileScratch
    ) {
        let width = m.panels * PanelMatrix.width
        let first = panels.lowerBound * PanelMatrix.width
        let channels = first..<min(first + width, target.shape.c)
        let epilogue = epilogue.dropping(first)
        let pixels = TileView(data: scratch.window, rowStride: WinogradTiling.size * width, columnStride: width)
        for (tile, row) in zip(tiles, 0...) {
            if tile + 1 < tiles.upperBound {
                convolution.tiling.output(tile + 1).prefetch(target, channels, newColumns: 0)
            }
            OutputTransform.apply(row: row, of: m, to: pixels, scratch)
            convolution.tiling.output(tile).forEachPixel(in: target.shape) { i, j, pixel in
                guard let pixel else { return }
                epilogue.apply(
                    pixels.data + i * pixels.rowStride + j * pixels.columnStride,
                    to: target.data + pixel * target.shape.c + first, count: channels.count)
            }
        }
    }
}

/// Panels of channels that a thread takes at once: few, so that their filters stay in its cache, and fewer where there
/// are many threads. No result depends on it.
func panelsPerGroup(of panels: Int, _ pool: ThreadPool) -> Int {
    let share = panels / pool.threadCount
    return share >= 4 ? 4 : share >= 2 ? 2 : 1
}

/// Filters of more floats than this are used once for all tiles of a block, smaller ones again for each chunk of tiles.
private let largestCachedFilters = 3 << 20
/// Tiles all threads take through a step together.
private let tilesPerBlock = 1008
