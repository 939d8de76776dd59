import TensorCore

extension TiledConvolution {
    func forward(
        _ x: Tensor, _ filters: ConvolutionFilters, epilogue: ConvolutionEpilogue, into y: Tensor,
        workspace: Workspace, pool: ThreadPool
    ) {
        // Kept filters serve images of other sizes too, whose tiles may be larger.
        let size = filters.kept == nil ? tiling.largest : tiling.largest.largestOfItsKind
        let transform = WinogradFilters(geometry, for: size, .forward)
        let memory = filters.prepared(.winograd(size), floats: transform.floats, workspace) {
            transform.write(filters.weight, to: transform.planes(in: $0), workspace, pool)
        }
        WinogradPass(convolution: self, source: x, filters: transform.planes(in: memory), epilogue: epilogue, target: y)
            .run(workspace, pool)
    }

    /// A convolution too, with the filters turned round, from output channels to input channels.
    func inputGradient(
        _ dy: Tensor, _ filters: ConvolutionFilters, into dx: Tensor, accumulate: Bool, workspace: Workspace,
        pool: ThreadPool
    ) {
        let transform = WinogradFilters(geometry, for: tiling.largest, .turned)
        let planes = transform.planes(workspace)
        transform.write(filters.weight, to: planes, workspace, pool)
        WinogradPass(
            convolution: self, source: dy, filters: planes, epilogue: .gradient(accumulate: accumulate), target: dx
        ).run(workspace, pool)
    }
}

/// Tiles of the source, their products with the filters, tiles of the target.
private struct WinogradPass {
    let convolution: TiledConvolution
    let source: Tensor
    let filters: WinogradPlanes
    let epilogue: ConvolutionEpilogue
    let target: Tensor

    private var sourcePanels: Int { panelCount(source.shape.c) }
    private var targetPanels: Int { panelCount(target.shape.c) }

    func run(_ workspace: Workspace, _ pool: ThreadPool) {
        let floats = WinogradPlanes.floats(convolution.tiling.largest, rows: filters.rows, panels: filters.panels)
        if floats > largestCachedFilters { runTogether(workspace, pool) } else { runInChunks(workspace, pool) }
    }

    /// Tiles one thread takes through all steps: few, so that their coefficients stay in its cache, but not so few
    /// that the filters, read again for each chunk, are most of what is read.
    private var tilesPerChunk: Int {
        let (inputs, outputs) = (source.shape.c, target.shape.c)
        return convolution.products.padded(rows: max(1, inputs * outputs / (4 * (inputs + outputs))))
    }

    /// Each thread takes chunks of tiles through all three steps, in its own cache.
    private func runInChunks(_ workspace: Workspace, _ pool: ThreadPool) {
        let tilesPerChunk = tilesPerChunk
        let sourceFloats = convolution.planeFloats(tiles: tilesPerChunk, panels: sourcePanels)
        let floats = sourceFloats + convolution.planeFloats(tiles: tilesPerChunk, panels: targetPanels)
        let memory = workspace.tensor(Shape(pool.threadCount, 1, 1, floats))
        let scratch = TileScratch.memory(channels: max(source.shape.c, target.shape.c), workspace, pool)
        let chunks = convolution.tiles.equalParts(ofAtMost: tilesPerChunk)
        pool.parallelFor(chunks.count) { index, thread in
            let (tiles, part, start) = (chunks[index], TileScratch(scratch, thread: thread), thread * floats)
            let v = convolution.planes(in: memory, at: start, tiles: tiles.count, panels: sourcePanels)
            let m = convolution.planes(in: memory, at: start + sourceFloats, tiles: tiles.count, panels: targetPanels)
            convolution.transformInput(source, tiles, into: v, firstRow: 0, part)
            for coefficient in 0..<v.count { multiply(v, tiles, into: m, coefficient) }
            transformOutput(m, firstRow: 0, tiles, part)
        }
    }

    /// All threads take a block of tiles through one step after the other: large filters are read once.
    private func runTogether(_ workspace: Workspace, _ pool: ThreadPool) {
        let size = convolution.tilesPerBlock(panels: sourcePanels + targetPanels)
        func memory(_ panels: Int) -> Tensor {
            workspace.tensor(Shape(1, 1, 1, convolution.planeFloats(tiles: size, panels: panels)))
        }
        let (sourceMemory, targetMemory) = (memory(sourcePanels), memory(targetPanels))
        let scratch = TileScratch.memory(channels: max(source.shape.c, target.shape.c), workspace, pool)
        for tiles in convolution.tiles.equalParts(ofAtMost: size) {
            let v = convolution.planes(in: sourceMemory, tiles: tiles.count, panels: sourcePanels)
            let m = convolution.planes(in: targetMemory, tiles: tiles.count, panels: targetPanels)
            convolution.forEachTask(tiles, pool) { part, firstRow, thread in
                convolution.transformInput(
                    source, part, into: v, firstRow: firstRow, TileScratch(scratch, thread: thread))
            }
            pool.parallelFor(v.count) { multiply(v, tiles, into: m, $0) }
            convolution.forEachTask(tiles, pool) { part, firstRow, thread in
                transformOutput(m, firstRow: firstRow, part, TileScratch(scratch, thread: thread))
            }
        }
    }

    /// The products of those tiles that have the coefficient, in whole blocks of rows: what else lies in a block is
    /// multiplied with them, and never read.
    private func multiply(_ v: WinogradPlanes, _ tiles: Range<Int>, into m: WinogradPlanes, _ coefficient: Int) {
        let products = convolution.products
        let factor = filters.matrix(of: coefficient, in: v.size)
        convolution.tiling.forEachRun(of: tiles, having: coefficient) { places in
            let first = places.lowerBound - places.lowerBound % products.rowsAtOnce
            products.multiply(
                v[coefficient].droppingRows(first), factor, into: m[coefficient].droppingRows(first),
                rows: products.padded(rows: places.upperBound - first), aPanels: v.panels, cPanels: m.panels)
        }
    }

    private func transformOutput(_ m: WinogradPlanes, firstRow: Int, _ tiles: Range<Int>, _ scratch: TileScratch) {
        let width = m.panels * PanelMatrix.width
        let pixels = TileView(data: scratch.window, rowStride: TileSide.four.pixels * width, columnStride: width)
        for (index, row) in zip(tiles, firstRow...) {
            if index + 1 < tiles.upperBound { convolution.tiling[index + 1].output.prefetch(target, newColumns: 0) }
            let tile = convolution.tiling[index]
            OutputTransform.apply(row: row, of: m, size: tile.size, to: pixels, scratch)
            tile.output.forEachPixel(in: target.shape) { i, j, pixel in
                guard let pixel else { return }
                epilogue.apply(
                    pixels.data + i * pixels.rowStride + j * pixels.columnStride,
                    to: target.floats + pixel * target.shape.c, count: target.shape.c)
            }
        }
    }
}

/// Filters of more floats than this are read once for all tiles, smaller ones again for each chunk of tiles.
private let largestCachedFilters = 3 << 20
