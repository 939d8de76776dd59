import TensorCore

extension TiledConvolution {
    func forward(
        _ x: Tensor, _ filters: ConvolutionFilters, epilogue: ConvolutionEpilogue, into y: Tensor,
        workspace: Workspace, pool: ThreadPool
    ) {
        // Kept filters serve images of other sizes too, whose tiles may be larger.
        let size = filters.kept == nil ? tiling.largest : tiling.largest.largestOfItsKind
        let transform = WinogradFilters(geometry, for: size, .forward)
        let memory = filters.prepared(.winograd(size), count: transform.floats, workspace) {
            transform.write(filters.weight, to: transform.planes(in: $0), workspace, pool)
        }
        WinogradPass(
            convolution: self, work: work(.forward), source: x, filters: transform.planes(in: memory),
            epilogue: epilogue, target: y
        ).run(workspace, pool)
    }

    /// A convolution too, with the filters turned round, from output channels to input channels.
    func inputGradient(
        _ dy: Tensor, _ filters: ConvolutionFilters, into dx: Tensor, accumulate: Bool, workspace: Workspace,
        pool: ThreadPool
    ) {
        let transform = transformedFilters(.turned)
        let planes = transform.planes(workspace)
        transform.write(filters.weight, to: planes, workspace, pool)
        WinogradPass(
            convolution: self, work: work(.turned), source: dy, filters: planes,
            epilogue: .gradient(accumulate: accumulate), target: dx
        ).run(workspace, pool)
    }

    /// Floats that either books at once: the filters, and what it takes to prepare them or to use them.
    func multiplicationFloats(_ use: WinogradFilters.Use, _ threads: Int) -> Int {
        let filters = transformedFilters(use)
        return filters.floats + max(filters.blocksMemory(threads).count, work(use).floats(threads))
    }

    /// How tiles are multiplied with the filters: each thread's in its own cache, or all together where filters are so
    /// large that they had better be read once.
    fileprivate func work(_ use: WinogradFilters.Use) -> TileWork {
        let (inputs, outputs) = (geometry.inputChannels, geometry.outputChannels)
        // Few tiles, so that their coefficients stay in the cache, but not so few that the filters, read again for each
        // chunk, are most of what is read.
        let few = products.padded(rows: max(1, inputs * outputs / (4 * (inputs + outputs))))
        let areLarge = transformedFilters(use).floats > largestCachedFilters
        let sharing = areLarge ? TileWork.Sharing.together : .eachThread(tiles: few)
        return use == .forward
            ? TileWork(self, inputs, outputs, sharing) : TileWork(self, outputs, inputs, sharing)
    }
}

/// Tiles of the source, their products with the filters, tiles of the target.
private struct WinogradPass {
    let convolution: TiledConvolution
    let work: TileWork
    let source: Tensor
    let filters: WinogradPlanes
    let epilogue: ConvolutionEpilogue
    let target: Tensor

    func run(_ workspace: Workspace, _ pool: ThreadPool) {
        let memory = workspace.tensor(work.planesMemory(pool.threadCount))
        let scratch = workspace.tensor(work.scratchMemory(pool.threadCount))
        let parts = convolution.tiles.equalParts(ofAtMost: work.tiles)
        if work.isTogether { runTogether(parts, memory, scratch, pool) } else { runAlone(parts, memory, scratch, pool) }
    }

    /// Each thread takes chunks of tiles through all three steps.
    private func runAlone(_ chunks: [Range<Int>], _ memory: Tensor, _ scratch: Tensor, _ pool: ThreadPool) {
        pool.parallelFor(chunks.count) { index, thread in
            let (tiles, part) = (chunks[index], TileScratch(scratch, thread: thread))
            let (v, m) = work.planes(in: memory, tiles.count, thread: thread)
            convolution.transformInput(source, tiles, into: v, firstRow: 0, part)
            for coefficient in 0..<v.count { multiply(v, tiles, into: m, coefficient) }
            transformOutput(m, firstRow: 0, tiles, part)
        }
    }

    /// All threads take a block of tiles through one step after the other.
    private func runTogether(_ blocks: [Range<Int>], _ memory: Tensor, _ scratch: Tensor, _ pool: ThreadPool) {
        for tiles in blocks {
            let (v, m) = work.planes(in: memory, tiles.count)
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
