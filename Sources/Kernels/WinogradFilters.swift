import CVectors
import TensorCore

/// Filters in the transform domain: a row for each channel that is read, a column for each that is written.
struct WinogradFilters {
    private let geometry: ConvolutionGeometry
    private let size: TileSize
    private let use: Use

    enum Use {
        /// From input channels to output channels.
        case forward
        /// From output channels to input channels, the filters turned by 180 degrees.
        case turned
    }

    /// The filters for tiles of at most `size`.
    init(_ geometry: ConvolutionGeometry, for size: TileSize, _ use: Use) {
        (self.geometry, self.size, self.use) = (geometry, size, use)
    }

    private var rowCount: Int { use == .forward ? geometry.inputChannels : geometry.outputChannels }
    private var columnCount: Int { use == .forward ? geometry.outputChannels : geometry.inputChannels }
    private var rowPanels: Int { panelCount(rowCount) }
    private var columnPanels: Int { panelCount(columnCount) }

    /// The memory their planes take.
    var floats: Int { WinogradPlanes.floats(size, rows: rowPanels * PanelMatrix.width, panels: columnPanels) }

    /// What threads need, a block each, to transform them.
    func blocksMemory(_ threads: Int) -> Shape { Shape(threads, 1, 1, FilterBlock.floats) }

    /// Planes of undefined contents.
    func planes(_ workspace: Workspace) -> WinogradPlanes {
        planes(in: workspace.tensor(Shape(1, 1, 1, floats)))
    }

    /// The planes that lie in `floats` floats of memory.
    func planes(in memory: Tensor) -> WinogradPlanes {
        WinogradPlanes(size, in: memory, rows: rowPanels * PanelMatrix.width, panels: columnPanels)
    }

    /// Writes `G g G^T` of every filter g; channels beyond the filters' are zeros.
    func write(
        _ weight: UnsafePointer<Float>, to planes: WinogradPlanes, _ workspace: Workspace, _ pool: ThreadPool
    ) {
        forEachBlock(workspace, pool) { block, rowPanel, panel in
            load(weight, rowPanel, panel, into: block)
            for row in 0..<PanelMatrix.width {
                let planeRow = rowPanel * PanelMatrix.width + row
                planes.prefetch(row: planeRow + rowsAhead, panel: panel)
                let target = planes.view(row: planeRow, panel: panel)
                FilterTransform.apply(block.taps(row), to: target, size: size, between: block.between)
            }
        }
    }

    /// `dWeight += G^T dU G`; dU is the sum of `parts`, with a row for each output channel, and not turned.
    func addGradient(
        of parts: [WinogradPlanes], to dWeight: UnsafeMutablePointer<Float>, _ workspace: Workspace, _ pool: ThreadPool
    ) {
        precondition(use == .turned, "gradients with a row for each input channel")
        forEachBlock(workspace, pool) { block, rowPanel, panel in
            forEachTap(rowPanel, panel) { _, _, start, _ in bana_prefetch(dWeight + start) }
            for row in 0..<PanelMatrix.width {
                let planeRow = rowPanel * PanelMatrix.width + row
                for part in parts { part.prefetch(row: planeRow + rowsAhead, panel: panel) }
                let sum = sum(of: parts, row: planeRow, panel: panel, in: block)
                FilterAdjoint.apply(sum, to: block.taps(row), size: size, between: block.between)
            }
            addTaps(of: block, rowPanel, panel, to: dWeight)
        }
    }

    /// The coefficients of a row: where they lie if there is one part, otherwise added up in the block.
    private func sum(of parts: [WinogradPlanes], row: Int, panel: Int, in block: FilterBlock) -> TileView {
        let first = parts[0].view(row: row, panel: panel)
        guard parts.count > 1 else { return first }
        let rest = parts[1...].map { $0.view(row: row, panel: panel).data }
        let coefficients = block.coefficients(of: size)
        for coefficient in 0..<size.coefficients {
            let offset = coefficient * first.columnStride
            let sum = rest.reduce(first.data.vector(offset)) { $0 + $1.vector(offset) }
            coefficients.data.store(sum, at: coefficient * Vector.count)
        }
        return coefficients
    }

    private func forEachBlock(
        _ workspace: Workspace, _ pool: ThreadPool,
        _ body: (_ block: FilterBlock, _ rowPanel: Int, _ panel: Int) -> Void
    ) {
        let scratch = workspace.tensor(blocksMemory(pool.threadCount))
        pool.parallelFor(rowPanels * columnPanels) { index, thread in
            let (panel, rowPanel) = index.quotientAndRemainder(dividingBy: rowPanels)
            body(FilterBlock(scratch.floats + thread * FilterBlock.floats), rowPanel, panel)
        }
    }

    /// Copies sixteen rows of sixteen filters, so that the columns' channels are contiguous.
    private func load(_ weight: UnsafePointer<Float>, _ rowPanel: Int, _ panel: Int, into block: FilterBlock) {
        let isWhole = (rowPanel + 1) * PanelMatrix.width <= rowCount && (panel + 1) * PanelMatrix.width <= columnCount
        if use == .forward && isWhole { return loadWhole(weight, rowPanel, panel, into: block) }
        if !isWhole { block.clear() }
        forEachTap(rowPanel, panel) { tap, row, start, columns in
            let target = block.vector(use == .turned ? FilterBlock.tapCount - 1 - tap : tap, row)
            let step = use == .turned ? 1 : geometry.filterCount
            if step == 1 && columns == Vector.count { return target.store(weight.vector(start), at: 0) }
            for column in 0..<columns { target[column] = weight[start + column * step] }
        }
    }

    /// The same for filters whose rows are contiguous in memory, not their columns.
    private func loadWhole(_ weight: UnsafePointer<Float>, _ rowPanel: Int, _ panel: Int, into block: FilterBlock) {
        let first = weight + panel * PanelMatrix.width * geometry.filterCount + rowPanel * PanelMatrix.width
        for tap in 0..<FilterBlock.tapCount {
            for column in stride(from: 0, to: PanelMatrix.width, by: 8) {
                for row in stride(from: 0, to: PanelMatrix.width, by: 8) {
                    bana_transpose_8x8(
                        first + column * geometry.filterCount + tap * geometry.inputChannels + row,
                        geometry.filterCount,
                        block.vector(tap, row) + column, PanelMatrix.width)
                }
            }
        }
    }

    private func addTaps(
        of block: FilterBlock, _ rowPanel: Int, _ panel: Int, to dWeight: UnsafeMutablePointer<Float>
    ) {
        forEachTap(rowPanel, panel) { tap, row, start, columns in
            add(block.vector(tap, row), to: dWeight + start, count: columns)
        }
    }

    /// Calls `body` with each row of a block, tap by tap: where its first filter's element lies, and how many there are.
    private func forEachTap(
        _ rowPanel: Int, _ panel: Int, _ body: (_ tap: Int, _ row: Int, _ start: Int, _ columns: Int) -> Void
    ) {
        let (firstRow, firstColumn) = (rowPanel * PanelMatrix.width, panel * PanelMatrix.width)
        let columns = min(PanelMatrix.width, columnCount - firstColumn)
        for tap in 0..<FilterBlock.tapCount {
            for row in 0..<min(PanelMatrix.width, rowCount - firstRow) {
                let output = use == .turned ? firstRow + row : firstColumn
                let input = use == .turned ? firstColumn : firstRow + row
                body(tap, row, (output * FilterBlock.tapCount + tap) * geometry.inputChannels + input, columns)
            }
        }
    }
}

/// 16 x 16 filters, `[tap][row][column]`, the coefficients of one row, and room for a half-done transform.
private struct FilterBlock {
    private let data: UnsafeMutablePointer<Float>

    static let tapCount = 9
    private static let area = PanelMatrix.width * PanelMatrix.width
    private static let mostCoefficients = TileSize.largest.coefficients
    static let floats = tapCount * area + 2 * mostCoefficients * Vector.count

    init(_ data: UnsafeMutablePointer<Float>) { self.data = data }

    func vector(_ tap: Int, _ row: Int) -> UnsafeMutablePointer<Float> {
        data + tap * FilterBlock.area + row * PanelMatrix.width
    }

    /// The filters of a row, 3x3 vectors.
    func taps(_ row: Int) -> TileView {
        TileView(data: vector(0, row), rowStride: 3 * FilterBlock.area, columnStride: FilterBlock.area)
    }

    func coefficients(of size: TileSize) -> TileView {
        TileView(
            data: vector(FilterBlock.tapCount, 0), rowStride: size.width.coefficients * Vector.count,
            columnStride: Vector.count)
    }

    var between: UnsafeMutablePointer<Float> {
        vector(FilterBlock.tapCount, 0) + FilterBlock.mostCoefficients * Vector.count
    }

    func clear() { data.update(repeating: 0, count: FilterBlock.tapCount * FilterBlock.area) }
}

/// How far ahead of their use coefficients are asked for.
private let rowsAhead = 8
