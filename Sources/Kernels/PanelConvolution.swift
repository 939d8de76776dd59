internal import CVectors
internal import TensorCore

/// A 1x1 convolution as products of panel matrices, in which each pixel is a row.
///
/// Rows are copied into panels of sixteen channels, and out of them, while they are in cache; the products read panels
/// as they lie.
struct PanelConvolution: ConvolutionMethod {
    let geometry: ConvolutionGeometry
    private let products = PanelProducts.best

    init(_ geometry: ConvolutionGeometry) {
        precondition(ConvolutionAlgorithm.panels.fits(geometry), "\(geometry) is not for panels")
        self.geometry = geometry
    }

    func forward(
        _ x: Tensor, weight: UnsafeMutablePointer<Float>, epilogue: ConvolutionEpilogue, into y: Tensor,
        workspace: Workspace, pool: ThreadPool
    ) {
        let filters = panels(workspace, rows: geometry.inputs, columns: geometry.outputs)
        pool.parallelFor(panelCount(geometry.outputs)) { panel in
            transpose(weight + panel * PanelMatrix.width * geometry.inputs, into: filters.matrix.dropping(panel).data)
        }
        multiplyRows(of: x, with: filters, into: y, epilogue, workspace, pool)
    }

    func inputGradient(
        _ dy: Tensor, weight: UnsafeMutablePointer<Float>, into dx: Tensor, workspace: Workspace, pool: ThreadPool
    ) {
        let filters = panels(of: weight, rows: geometry.outputs, columns: geometry.inputs, workspace, pool)
        multiplyRows(of: dy, with: filters, into: dx, ConvolutionEpilogue(), workspace, pool)
    }

    func addWeightGradient(
        _ x: Tensor, _ dy: Tensor, where y: Tensor?, to dWeight: UnsafeMutablePointer<Float>,
        _ dBias: UnsafeMutablePointer<Float>?, workspace: Workspace, pool: ThreadPool
    ) {
        maskGradient(dy, where: y, addingTo: dBias, workspace, pool)
        let pixels = x.shape.pixels
        guard pixels > 0 else { return }
        let a = panels(of: dy.data, rows: pixels, columns: geometry.outputs, workspace, pool)
        let b = panels(of: x.data, rows: pixels, columns: geometry.inputs, workspace, pool)
        let (outputPanels, inputPanels) = (panelCount(geometry.outputs), panelCount(geometry.inputs))
        let outputGroups = (0..<outputPanels).pieces(of: max(1, min(mostPanels, outputPanels / 4)))
        let inputGroups = (0..<inputPanels).pieces(of: max(1, min(mostPanels, inputPanels / 4)))
        let side = mostPanels * PanelMatrix.width
        let sums = workspace.tensor(Shape(pool.threadCount, 1, side, side))
        pool.parallelFor(outputGroups.count * inputGroups.count) { task, thread in
            let outputs = outputGroups[task / inputGroups.count]
            let inputs = inputGroups[task % inputGroups.count]
            let rows = outputs.count * PanelMatrix.width
            let c = PanelMatrix(
                data: sums.data + thread * sums.shape.image.count, stride: rows * PanelMatrix.width)
            products.multiplyTransposed(
                a.matrix.dropping(outputs.lowerBound), b.matrix.dropping(inputs.lowerBound), into: c,
                rows: pixels, aPanels: outputs.count, cPanels: inputs.count, accumulate: false)
            for row in 0..<rows {
                let filter = dWeight + (outputs.lowerBound * PanelMatrix.width + row) * geometry.inputs
                for (panel, input) in zip(0..<inputs.count, inputs) {
                    let sum = c.dropping(panel).data + row * PanelMatrix.width
                    add(sum, to: filter + input * PanelMatrix.width, count: PanelMatrix.width)
                }
            }
        }
    }

    // MARK: - Rows and panels

    /// A panel matrix and the memory it lies in.
    private struct Panels {
        let memory: Tensor
        let matrix: PanelMatrix
    }

    private func panels(_ workspace: Workspace, rows: Int, columns: Int) -> Panels {
        let memory = workspace.tensor(Shape(1, 1, rows, columns))
        return Panels(memory: memory, matrix: PanelMatrix(data: memory.data, stride: rows * PanelMatrix.width))
    }

    /// A row-major matrix as panels.
    private func panels(
        of matrix: UnsafePointer<Float>, rows: Int, columns: Int, _ workspace: Workspace, _ pool: ThreadPool
    ) -> Panels {
        let panels = panels(workspace, rows: rows, columns: columns)
        pool.parallelFor(rows, by: 64) { part, _ in
            copyRows(matrix, part, channels: columns, into: panels.matrix, from: part.lowerBound)
        }
        return panels
    }

    /// Copies rows of `channels` floats to the rows of a panel matrix from `first` on.
    private func copyRows(
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
        for input in stride(from: 0, to: geometry.inputs, by: 8) {
            for output in stride(from: 0, to: PanelMatrix.width, by: 8) {
                bana_transpose_8x8(
                    filters + output * geometry.inputs + input, geometry.inputs,
                    panel + input * PanelMatrix.width + output, PanelMatrix.width)
            }
        }
    }

    private func multiplyRows(
        of source: Tensor, with filters: Panels, into target: Tensor, _ epilogue: ConvolutionEpilogue,
        _ workspace: Workspace, _ pool: ThreadPool
    ) {
        let (inputs, outputs) = (source.shape.c, target.shape.c)
        let atOnce = products.padded(rows: rowsAtOnce)
        let memory = workspace.tensor(Shape(pool.threadCount, 1, atOnce, inputs + outputs))
        let pieces = (0..<source.shape.pixels).pieces(of: rowsAtOnce)
        pool.parallelFor(pieces.count) { index, thread in
            let pixels = pieces[index]
            let stride = atOnce * PanelMatrix.width
            let a = PanelMatrix(data: memory.data + thread * memory.shape.image.count, stride: stride)
            let c = PanelMatrix(data: a.data + atOnce * inputs, stride: stride)
            copyRows(source.data, pixels, channels: inputs, into: a)
            // The rows that fill the last block are whatever lay there before; so are their products, which nobody reads.
            products.multiply(
                a, filters.matrix, into: c, rows: products.padded(rows: pixels.count), aPanels: panelCount(inputs),
                cPanels: panelCount(outputs))
            for (row, pixel) in pixels.enumerated() {
                let result = target.data + pixel * outputs
                for panel in 0..<panelCount(outputs) {
                    let vector = c.data.vector(panel * stride + row * PanelMatrix.width)
                    result.store(vector, at: panel * PanelMatrix.width)
                }
                epilogue.apply(result, to: result, count: outputs)
            }
        }
    }
}

/// Rows a thread multiplies at once: of a thousand channels they fill half of its second cache.
private let rowsAtOnce = 126
/// Panels of each factor in a task of a weight gradient, at most: the more, the less often is the other factor read.
private let mostPanels = 8
