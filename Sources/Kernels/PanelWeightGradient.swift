internal import TensorCore

extension PanelConvolution {
    func addWeightGradient(
        _ x: Tensor, _ dy: Tensor, where y: Tensor?, to dWeight: UnsafeMutablePointer<Float>,
        _ dBias: UnsafeMutablePointer<Float>?, workspace: Workspace, pool: ThreadPool
    ) {
        maskGradient(dy, where: y, addingTo: dBias, workspace, pool)
        guard x.shape.pixels > 0 else { return }
        if geometry.outputs * geometry.inputs <= largestSlicedFilters {
            addInSlices(x, dy, to: dWeight, workspace, pool)
        } else {
            addTogether(x, dy, to: dWeight, workspace, pool)
        }
    }

    private var inputPanels: Int { panelCount(geometry.inputs) }
    private var outputPanels: Int { panelCount(geometry.outputs) }

    /// Few filters: each thread takes slices of the batch, which have sums of their own, some rows at a time.
    private func addInSlices(
        _ x: Tensor, _ dy: Tensor, to dWeight: UnsafeMutablePointer<Float>, _ workspace: Workspace, _ pool: ThreadPool
    ) {
        let (pixels, inputs, outputs) = (x.shape.pixels, geometry.inputs, geometry.outputs)
        let slices = (0..<pixels).slices(8, atLeast: summedAtOnce, atMost: largestSlice)
        let sums = workspace.tensor(Shape(slices.count, 1, outputs, inputs))
        let memory = workspace.tensor(Shape(pool.threadCount, 1, summedAtOnce, inputs + outputs))
        func sum(of slice: Int) -> PanelMatrix {
            PanelMatrix(data: sums.data + slice * sums.shape.image.count, stride: outputs * PanelMatrix.width)
        }
        pool.parallelFor(slices.count) { slice, thread in
            let stride = summedAtOnce * PanelMatrix.width
            let a = PanelMatrix(data: memory.data + thread * memory.shape.image.count, stride: stride)
            let b = PanelMatrix(data: a.data + summedAtOnce * outputs, stride: stride)
            for rows in slices[slice].pieces(of: summedAtOnce) {
                copyRows(dy.data, rows, channels: outputs, into: a)
                copyRows(x.data, rows, channels: inputs, into: b)
                products.multiplyTransposed(
                    a, b, into: sum(of: slice), rows: rows.count, aPanels: outputPanels, cPanels: inputPanels,
                    accumulate: rows.lowerBound > slices[slice].lowerBound)
            }
        }
        pool.parallelFor(outputs, by: PanelMatrix.width) { rows, _ in
            for slice in slices.indices {
                add(sum(of: slice).droppingRows(rows.lowerBound), rows, 0..<inputPanels, to: dWeight)
            }
        }
    }

    /// Many filters: all pixels become panels, then each thread sums the products of some filters over all of them.
    private func addTogether(
        _ x: Tensor, _ dy: Tensor, to dWeight: UnsafeMutablePointer<Float>, _ workspace: Workspace, _ pool: ThreadPool
    ) {
        let pixels = x.shape.pixels
        let a = panels(of: dy.data, rows: pixels, columns: geometry.outputs, workspace, pool)
        let b = panels(of: x.data, rows: pixels, columns: geometry.inputs, workspace, pool)
        let outputGroups = (0..<outputPanels).pieces(of: max(1, min(mostPanels, outputPanels / 4)))
        let inputGroups = (0..<inputPanels).pieces(of: max(1, min(mostPanels, inputPanels / 4)))
        let side = mostPanels * PanelMatrix.width
        let sums = workspace.tensor(Shape(pool.threadCount, 1, side, side))
        pool.parallelFor(outputGroups.count * inputGroups.count) { task, thread in
            let (outputs, inputs) = (outputGroups[task / inputGroups.count], inputGroups[task % inputGroups.count])
            let first = outputs.lowerBound * PanelMatrix.width
            let rows = first..<first + outputs.count * PanelMatrix.width
            let c = PanelMatrix(
                data: sums.data + thread * sums.shape.image.count, stride: rows.count * PanelMatrix.width)
            products.multiplyTransposed(
                a.matrix.dropping(outputs.lowerBound), b.matrix.dropping(inputs.lowerBound), into: c,
                rows: pixels, aPanels: outputs.count, cPanels: inputs.count, accumulate: false)
            add(c, rows, inputs, to: dWeight)
        }
    }

    /// Adds the sums of some filters, and of some panels of their inputs, to where they belong.
    private func add(
        _ sums: PanelMatrix, _ filters: Range<Int>, _ inputs: Range<Int>, to dWeight: UnsafeMutablePointer<Float>
    ) {
        for (row, filter) in filters.enumerated() {
            for (panel, input) in inputs.enumerated() {
                Kernels.add(
                    sums.dropping(panel).data + row * PanelMatrix.width,
                    to: dWeight + filter * geometry.inputs + input * PanelMatrix.width, count: PanelMatrix.width)
            }
        }
    }
}

/// Filters of more floats than this are summed over the whole batch at once, smaller ones in slices: eight, or more of
/// this many rows.
private let largestSlicedFilters = 600 << 10
private let largestSlice = 2048
/// Rows of a slice that are summed at once.
private let summedAtOnce = 112
/// Panels of each factor in a task of all threads, at most: the more, the less often is the other factor read.
private let mostPanels = 8
