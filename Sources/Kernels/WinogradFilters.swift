internal import TensorCore

/// Filters in the transform domain: a row for each channel that is read, a column for each that is written.
struct WinogradFilters {
    private let geometry: ConvolutionGeometry
    private let use: Use

    enum Use {
        /// From input channels to output channels.
        case forward
        /// From output channels to input channels, the filters turned by 180 degrees.
        case turned
    }

    init(_ geometry: ConvolutionGeometry, _ use: Use) {
        (self.geometry, self.use) = (geometry, use)
    }

    private var rowCount: Int { use == .forward ? geometry.inputs : geometry.outputs }
    private var columnCount: Int { use == .forward ? geometry.outputs : geometry.inputs }
    private var rowPanels: Int { panelCount(rowCount) }
    private var columnPanels: Int { panelCount(columnCount) }

    /// The memory their planes take.
    var floats: Int { WinogradPlanes.floats(rows: rowPanels * PanelMatrix.width, panels: columnPanels) }

    /// Planes of undefined contents.
    func planes(_ workspace: Workspace) -> WinogradPlanes {
        WinogradPlanes(
            in: workspace.tensor(Shape(1, 1, 1, floats)), rows: rowPanels * PanelMatrix.width, panels: columnPanels)
    }

    /// `G g G^T` of every filter g; channels beyond the filters' are zeros.
    func transformed(_ weight: UnsafePointer<Float>, _ workspace: Workspace, _ pool: ThreadPool) -> WinogradPlanes {
        let planes = planes(workspace)
        forEachBlock(workspace, pool) { block, rowPanel, panel in
            load(weight, rowPanel, panel, into: block)
            let target = planes.view(row: rowPanel * PanelMatrix.width, panel: panel)
            for channel in stride(from: 0, to: FilterBlock.area, by: Vector.count) {
                FilterTransform.apply(
                    block.taps.channels(from: channel), to: target.channels(from: channel), between: block.between)
            }
        }
        return planes
    }

    /// `dWeight += G^T dU G`; dU is the sum of `parts`, with a row for each output channel, and not turned.
    func addGradient(
        of parts: [WinogradPlanes], to dWeight: UnsafeMutablePointer<Float>, _ workspace: Workspace, _ pool: ThreadPool
    ) {
        precondition(use == .turned, "gradients with a row for each input channel")
        forEachBlock(workspace, pool) { block, rowPanel, panel in
            block.setCoefficients(toSumOf: parts, rowPanel, panel)
            for channel in stride(from: 0, to: FilterBlock.area, by: Vector.count) {
                FilterAdjoint.apply(
                    block.coefficients.channels(from: channel), to: block.taps.channels(from: channel),
                    between: block.between)
            }
            addTaps(of: block, rowPanel, panel, to: dWeight)
        }
    }

    private func forEachBlock(
        _ workspace: Workspace, _ pool: ThreadPool,
        _ body: (_ block: FilterBlock, _ rowPanel: Int, _ panel: Int) -> Void
    ) {
        let scratch = workspace.tensor(Shape(pool.threadCount, 1, 1, FilterBlock.floats))
        pool.parallelFor(rowPanels * columnPanels) { index, thread in
            let (rowPanel, panel) = index.quotientAndRemainder(dividingBy: columnPanels)
            body(FilterBlock(scratch.data + thread * FilterBlock.floats), rowPanel, panel)
        }
    }

    /// Copies sixteen rows of sixteen filters, so that the columns' channels are contiguous.
    private func load(_ weight: UnsafePointer<Float>, _ rowPanel: Int, _ panel: Int, into block: FilterBlock) {
        block.clear()
        forEachTap(rowPanel, panel) { tap, row, start, columns in
            switch use {
            case .turned:
                block.vector(FilterBlock.tapCount - 1 - tap, row).update(from: weight + start, count: columns)
            case .forward:
                let (target, step) = (block.vector(tap, row), geometry.filterCount)
                for column in 0..<columns { target[column] = weight[start + column * step] }
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
                body(tap, row, (output * FilterBlock.tapCount + tap) * geometry.inputs + input, columns)
            }
        }
    }
}

/// 16 x 16 filters, `[tap][row][column]`, their coefficients, and room for a half-done transform.
private struct FilterBlock {
    private let data: UnsafeMutablePointer<Float>

    static let tapCount = 9
    static let area = PanelMatrix.width * PanelMatrix.width
    static let floats = (tapCount + WinogradPlanes.count) * area + WinogradPlanes.count * Vector.count

    init(_ data: UnsafeMutablePointer<Float>) { self.data = data }

    var taps: TileView { TileView(data: data, rowStride: 3 * FilterBlock.area, columnStride: FilterBlock.area) }

    var coefficients: TileView {
        TileView(
            data: data + FilterBlock.tapCount * FilterBlock.area, rowStride: WinogradTiling.window * FilterBlock.area,
            columnStride: FilterBlock.area)
    }

    var between: UnsafeMutablePointer<Float> { data + (FilterBlock.tapCount + WinogradPlanes.count) * FilterBlock.area }

    func vector(_ tap: Int, _ row: Int) -> UnsafeMutablePointer<Float> {
        data + tap * FilterBlock.area + row * PanelMatrix.width
    }

    func clear() { data.update(repeating: 0, count: FilterBlock.tapCount * FilterBlock.area) }

    func setCoefficients(toSumOf parts: [WinogradPlanes], _ rowPanel: Int, _ panel: Int) {
        for (number, planes) in parts.enumerated() {
            for coefficient in 0..<WinogradPlanes.count {
                let part = planes[coefficient].dropping(panel).data + rowPanel * FilterBlock.area
                let sum = coefficients.data + coefficient * FilterBlock.area
                if number == 0 {
                    sum.update(from: part, count: FilterBlock.area)
                } else {
                    add(part, to: sum, count: FilterBlock.area)
                }
            }
        }
    }
}
