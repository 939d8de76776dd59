import TensorCore

extension TiledConvolution {
    func addWeightGradient(
        _ x: Tensor, _ dy: Tensor, where y: Tensor?, to dWeight: UnsafeMutablePointer<Float>,
        _ dBias: UnsafeMutablePointer<Float>?, workspace: Workspace, pool: ThreadPool
    ) {
        let filters = transformedFilters(.turned)
        let slices = slices.map { tiles in
            let sums = filters.planes(workspace)
            pool.parallelFor(sums.count) { coefficient in
                if !tiling.has(coefficient, tiles) { sums.clear(coefficient: coefficient) }
            }
            return Slice(tiles: tiles, sums: sums, biasSums: workspace.zeros(sliceBias))
        }
        GradientPass(convolution: self, work: gradientWork(slices.count), x: x, dy: dy, y: y)
            .run(slices, workspace, pool)
        filters.addGradient(of: slices.map(\.sums), to: dWeight, workspace, pool)
        guard let dBias else { return }
        for slice in slices { add(slice.biasSums.floats, to: dBias, count: dy.shape.c) }
    }

    /// Floats that the gradient books at once: the sums, and what it takes to make them or to turn them back.
    func weightGradientFloats(_ threads: Int) -> Int {
        let (filters, slices) = (transformedFilters(.turned), slices.count)
        let passing = max(gradientWork(slices).floats(threads), filters.blocksMemory(threads).count)
        return slices * (filters.floats + sliceBias.count) + passing
    }

    /// The tiles that have sums of their own.
    private var slices: [Range<Int>] {
        switch WeightGradientSums(filterFloats: transformedFilters(.turned).floats, .winograd) {
        case .inSlices: tiles.summationSlices(8, atLeast: tilesPerChunk)
        case .together: [tiles]
        }
    }

    private var sliceBias: Shape { Shape(1, 1, 1, panelCount(geometry.outputChannels) * PanelMatrix.width) }

    /// Threads take slices, if there are several, or work together on the one.
    private func gradientWork(_ slices: Int) -> TileWork {
        TileWork(
            self, geometry.inputChannels, geometry.outputChannels,
            slices > 1 ? .eachThread(tiles: tilesPerChunk) : .together)
    }
}

/// Some tiles of the batch and their sums, which are kept apart so that threads can work on several at once.
private struct Slice {
    let tiles: Range<Int>
    /// dU, a row for each output channel.
    let sums: WinogradPlanes
    let biasSums: Tensor
}

/// Tiles of input and gradient, and the sums of their products.
private struct GradientPass {
    let convolution: TiledConvolution
    let work: TileWork
    let x: Tensor
    let dy: Tensor
    let y: Tensor?

    private var xPanels: Int { panelCount(x.shape.c) }
    private var dyPanels: Int { panelCount(dy.shape.c) }

    func run(_ slices: [Slice], _ workspace: Workspace, _ pool: ThreadPool) {
        let memory = workspace.tensor(work.planesMemory(pool.threadCount))
        let scratch = workspace.tensor(work.scratchMemory(pool.threadCount))
        if work.isTogether {
            for slice in slices { runTogether(slice, memory, scratch, pool) }
        } else {
            runAlone(slices, memory, scratch, pool)
        }
    }

    /// Each thread takes slices, chunk by chunk.
    private func runAlone(_ slices: [Slice], _ memory: Tensor, _ scratch: Tensor, _ pool: ThreadPool) {
        pool.parallelFor(slices.count) { index, thread in
            let (slice, part) = (slices[index], TileScratch(scratch, thread: thread))
            for tiles in slice.tiles.equalParts(ofAtMost: work.tiles) {
                let (v, dm) = work.planes(in: memory, tiles.count, thread: thread)
                transform(tiles, into: v, dm, firstRow: 0, part)
                addBias(dm, tiles.count, to: slice)
                for coefficient in 0..<v.count {
                    multiply(v, dm, tiles, 0..<xPanels, into: slice, coefficient)
                }
            }
        }
    }

    /// All threads transform a block of tiles, then each sums the products of some coefficients: one sum for the batch.
    private func runTogether(_ slice: Slice, _ memory: Tensor, _ scratch: Tensor, _ pool: ThreadPool) {
        let groups = (0..<xPanels).equalParts(ofAtMost: panelsPerTask)
        for tiles in slice.tiles.equalParts(ofAtMost: work.tiles) {
            let (v, dm) = work.planes(in: memory, tiles.count)
            convolution.forEachTask(tiles, pool) { part, firstRow, thread in
                transform(part, into: v, dm, firstRow: firstRow, TileScratch(scratch, thread: thread))
            }
            addBias(dm, tiles.count, to: slice)
            pool.parallelFor(v.count * groups.count) { task in
                let (coefficient, group) = task.quotientAndRemainder(dividingBy: groups.count)
                multiply(v, dm, tiles, groups[group], into: slice, coefficient)
            }
        }
    }

    private func transform(
        _ tiles: Range<Int>, into v: WinogradPlanes, _ dm: WinogradPlanes, firstRow: Int, _ scratch: TileScratch
    ) {
        convolution.transformInput(x, tiles, into: v, firstRow: firstRow, scratch)
        let tiling = convolution.tiling
        for (index, row) in zip(tiles, firstRow...) {
            if index + 1 < tiles.upperBound {
                let next = tiling[index + 1].output
                next.prefetch(dy, newColumns: 0)
                if let y { next.prefetch(y, newColumns: 0) }
            }
            let tile = tiling[index]
            if let y { mask(tile.output, y) }
            OutputAdjoint.apply(scratch.view(of: tile.output, in: dy), size: tile.size, toRow: row, of: dm, scratch)
        }
    }

    private func mask(_ window: TileWindow, _ y: Tensor) {
        window.forEachPixel(in: dy.shape) { _, _, pixel in
            guard let pixel else { return }
            let start = pixel * dy.shape.c
            copy(dy.floats + start, wherePositive: y.floats + start, to: dy.floats + start, count: dy.shape.c)
        }
    }

    /// A row of A and a column are all ones: their coefficient is the sum over the tile.
    private func addBias(_ dm: WinogradPlanes, _ tiles: Int, to slice: Slice) {
        for panel in 0..<dm.panels {
            let rows = dm[dm.size.sum].dropping(panel).data
            let sum = slice.biasSums.floats + panel * PanelMatrix.width
            for row in 0..<tiles { add(rows + row * PanelMatrix.width, to: sum, count: PanelMatrix.width) }
        }
    }

    /// `dU += dM^T V` for some panels of input channels, over those tiles that have the coefficient.
    private func multiply(
        _ v: WinogradPlanes, _ dm: WinogradPlanes, _ tiles: Range<Int>, _ panels: Range<Int>, into slice: Slice,
        _ coefficient: Int
    ) {
        let tiling = convolution.tiling
        tiling.forEachRun(of: tiles, having: coefficient) { places in
            let earlier = slice.tiles.lowerBound..<tiles.lowerBound + places.lowerBound
            convolution.products.multiplyTransposed(
                dm[coefficient].droppingRows(places.lowerBound),
                v[coefficient].dropping(panels.lowerBound).droppingRows(places.lowerBound),
                into: slice.sums[coefficient].dropping(panels.lowerBound), rows: places.count, aPanels: dyPanels,
                cPanels: panels.count, accumulate: tiling.has(coefficient, earlier))
        }
    }
}

/// Tiles of a slice that are transformed and multiplied in cache.
private let tilesPerChunk = 28
/// Panels of input channels in a thread's product.
private let panelsPerTask = 8
