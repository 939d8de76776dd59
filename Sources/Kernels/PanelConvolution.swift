import CVectors
import TensorCore

/// A 1x1 convolution as products of panel matrices, in which each pixel is a row.
///
/// Rows are copied into panels of sixteen channels, and out of them, while they are in cache; the products read panels
/// as they lie.
struct PanelConvolution: ConvolutionMethod {
    let geometry: ConvolutionGeometry
    /// Of the input and of the output.
    let pixels: Int
    let products = PanelProducts.chosen

    init(_ geometry: ConvolutionGeometry, _ input: Shape) {
        precondition(ConvolutionAlgorithm.panels.fits(geometry), "\(geometry) is not for panels")
        (self.geometry, pixels) = (geometry, input.pixels)
    }

    func scratchFloats(_ pass: ConvolutionPass, threads: Int) -> Int {
        switch pass {
        case .forward, .inputGradient: filterFloats + pieces(threads).memory.count
        case .weightGradient: weightGradientFloats(threads)
        }
    }

    /// Floats in the filters, as they are and as panels.
    var filterFloats: Int { geometry.inputChannels * geometry.outputChannels }

    func forward(
        _ x: Tensor, _ filters: ConvolutionFilters, epilogue: ConvolutionEpilogue, into y: Tensor,
        workspace: Workspace, pool: ThreadPool
    ) {
        let memory = filters.prepared(.panels, count: filterFloats, workspace) { memory in
            let panels = Panels(memory, rows: geometry.inputChannels).matrix
            pool.parallelFor(panelCount(geometry.outputChannels)) { panel in
                let first = filters.weight + panel * PanelMatrix.width * geometry.inputChannels
                transpose(first, into: panels.dropping(panel).data)
            }
        }
        multiplyRows(of: x, with: Panels(memory, rows: geometry.inputChannels), into: y, epilogue, workspace, pool)
    }

    func inputGradient(
        _ dy: Tensor, _ filters: ConvolutionFilters, into dx: Tensor, accumulate: Bool, workspace: Workspace,
        pool: ThreadPool
    ) {
        let panels = turnedFilters(workspace)
        pool.parallelFor(geometry.outputChannels, by: 64) { part, _ in
            copyRows(
                filters.weight, part, channels: geometry.inputChannels, into: panels.matrix, from: part.lowerBound)
        }
        multiplyRows(of: dy, with: panels, into: dx, .gradient(accumulate: accumulate), workspace, pool)
    }

    // MARK: - Rows and panels

    /// A panel matrix and the memory it lies in.
    struct Panels {
        private let memory: Tensor
        let matrix: PanelMatrix

        /// The panels of `rows` rows in some memory, from `offset` on.
        init(_ memory: Tensor, at offset: Int = 0, rows: Int) {
            self.memory = memory
            matrix = PanelMatrix(data: memory.floats + offset, stride: rows * PanelMatrix.width)
        }
    }

    /// Panels of undefined contents with a row for each filter.
    func turnedFilters(_ workspace: Workspace) -> Panels {
        Panels(workspace.tensor(Shape(1, 1, 1, filterFloats)), rows: geometry.outputChannels)
    }

    /// Copies rows of `channels` floats to the rows of a panel matrix from `first` on.
    func copyRows(
        _ source: UnsafePointer<Float>, _ rows: Range<Int>, channels: Int, into panels: PanelMatrix,
        from first: Int = 0
    ) {
        for (row, target) in zip(rows, first...) {
            for panel in 0..<panelCount(channels) {
                let vector = source.vector(row * channels + panel * PanelMatrix.width)
                panels.data.store(vector, at: panel * panels.stride + target * PanelMatrix.width)
            }
        }
    }

    /// Writes sixteen filters as a panel's columns.
    private func transpose(_ filters: UnsafePointer<Float>, into panel: UnsafeMutablePointer<Float>) {
        for input in stride(from: 0, to: geometry.inputChannels, by: 8) {
            for output in stride(from: 0, to: PanelMatrix.width, by: 8) {
                bana_transpose_8x8(
                    filters + output * geometry.inputChannels + input, geometry.inputChannels,
                    panel + input * PanelMatrix.width + output, PanelMatrix.width)
            }
        }
    }

    private func multiplyRows(
        of source: Tensor, with filters: Panels, into target: Tensor, _ epilogue: ConvolutionEpilogue,
        _ workspace: Workspace, _ pool: ThreadPool
    ) {
        let (inputs, outputs) = (source.shape.c, target.shape.c)
        let pieces = pieces(pool.threadCount)
        let (memory, atOnce) = (workspace.tensor(pieces.memory), pieces.memory.w)
        pool.parallelFor(pieces.count) { index, thread in
            let pixels = pieces[index]
            let stride = atOnce * PanelMatrix.width
            let a = PanelMatrix(data: memory.floats + thread * memory.shape.image.count, stride: stride)
            let c = PanelMatrix(data: a.data + atOnce * inputs, stride: stride)
            copyRows(source.floats, pixels, channels: inputs, into: a)
            // The rows that fill the last block are whatever lay there before; so are their products, which nobody reads.
            products.multiply(
                a, filters.matrix, into: c, rows: products.padded(rows: pixels.count), aPanels: panelCount(inputs),
                cPanels: panelCount(outputs))
            for (row, pixel) in pixels.enumerated() {
                let result = target.floats + pixel * outputs
                for panel in 0..<panelCount(outputs) {
                    let vector = c.data.vector(panel * stride + row * PanelMatrix.width)
                    let column = panel * PanelMatrix.width
                    result.store(epilogue.accumulates ? vector + result.vector(column) : vector, at: column)
                }
                if !epilogue.accumulates { epilogue.apply(result, to: result, count: outputs) }
            }
        }
    }

    private func pieces(_ threads: Int) -> RowPieces {
        RowPieces(
            pixels, of: products.rowsAtOnce, channels: geometry.inputChannels + geometry.outputChannels,
            threads: threads)
    }
}

/// Rows cut into as many pieces for each thread, or some would idle at the end.
///
/// Which rows go together makes no difference to them, so this may depend on the number of threads.
private struct RowPieces {
    private let rows: Int
    private let rowsPerBlock: Int
    private let blocks: Int
    let count: Int
    /// For each thread the rows of a piece, what is read and what comes of it.
    let memory: Shape

    /// Pieces of whole blocks of rows.
    init(_ rows: Int, of rowsPerBlock: Int, channels: Int, threads: Int) {
        (self.rows, self.rowsPerBlock) = (rows, rowsPerBlock)
        blocks = (rows + rowsPerBlock - 1) / rowsPerBlock
        let rowsPerRound = rowsAtOnce * threads
        let rounds = (blocks * rowsPerBlock + rowsPerRound - 1) / rowsPerRound
        count = min(blocks, rounds * threads)
        let most = count == 0 ? 0 : (blocks + count - 1) / count * rowsPerBlock
        memory = Shape(threads, 1, most, channels)
    }

    /// The rows of a piece; there may be none that fill its last block.
    subscript(_ piece: Int) -> Range<Int> {
        let (first, end) = (piece * blocks / count, (piece + 1) * blocks / count)
        return first * rowsPerBlock..<min(end * rowsPerBlock, rows)
    }
}

/// Rows a thread multiplies at once, at most: of a thousand channels they fill half of its second cache.
private let rowsAtOnce = 126
