import CVectors
import TensorCore

/// A 1x1 convolution as products of panel matrices, in which each pixel is a row.
///
/// Rows are copied into panels of sixteen channels, and out of them, while they are in cache; the products read panels
/// as they lie.
struct PanelConvolution: ConvolutionMethod {
    let geometry: ConvolutionGeometry
    let products = PanelProducts.chosen

    init(_ geometry: ConvolutionGeometry) {
        precondition(ConvolutionAlgorithm.panels.fits(geometry), "\(geometry) is not for panels")
        self.geometry = geometry
    }

    func forward(
        _ x: Tensor, _ filters: ConvolutionFilters, epilogue: ConvolutionEpilogue, into y: Tensor,
        workspace: Workspace, pool: ThreadPool
    ) {
        let floats = geometry.inputChannels * geometry.outputChannels
        let memory = filters.prepared(.panels, floats: floats, workspace) { memory in
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
        let panels = panels(
            of: filters.weight, rows: geometry.outputChannels, columns: geometry.inputChannels, workspace, pool)
        multiplyRows(of: dy, with: panels, into: dx, .gradient(accumulate: accumulate), workspace, pool)
    }

    // MARK: - Rows and panels

    /// A panel matrix and the memory it lies in.
    struct Panels {
        private let memory: Tensor
        let matrix: PanelMatrix

        /// The panels of `rows` rows in some memory.
        init(_ memory: Tensor, rows: Int) {
            self.memory = memory
            matrix = PanelMatrix(data: memory.floats, stride: rows * PanelMatrix.width)
        }
    }

    /// Panels of undefined contents.
    func panels(_ workspace: Workspace, rows: Int, columns: Int) -> Panels {
        Panels(workspace.tensor(Shape(1, 1, rows, columns)), rows: rows)
    }

    /// A row-major matrix as panels.
    func panels(
        of matrix: UnsafePointer<Float>, rows: Int, columns: Int, _ workspace: Workspace, _ pool: ThreadPool
    ) -> Panels {
        let panels = panels(workspace, rows: rows, columns: columns)
        pool.parallelFor(rows, by: 64) { part, _ in
            copyRows(matrix, part, channels: columns, into: panels.matrix, from: part.lowerBound)
        }
        return panels
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
        // As many pieces for each thread, or some idle at the end. Which rows go together makes no difference to them, so
        // this may depend on the number of threads.
        let blocks = products.padded(rows: source.shape.pixels) / products.rowsAtOnce
        let rowsPerRound = rowsAtOnce * pool.threadCount
        let rounds = (blocks * products.rowsAtOnce + rowsPerRound - 1) / rowsPerRound
        let pieces = min(blocks, rounds * pool.threadCount)
        let atOnce = pieces == 0 ? 0 : (blocks + pieces - 1) / pieces * products.rowsAtOnce
        let memory = workspace.tensor(Shape(pool.threadCount, 1, atOnce, inputs + outputs))
        pool.parallelFor(pieces) { index, thread in
            let first = index * blocks / pieces * products.rowsAtOnce
            let end = (index + 1) * blocks / pieces * products.rowsAtOnce
            let pixels = first..<min(end, source.shape.pixels)
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
}

/// Rows a thread multiplies at once, at most: of a thousand channels they fill half of its second cache.
private let rowsAtOnce = 126
