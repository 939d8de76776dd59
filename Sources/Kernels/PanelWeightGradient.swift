import TensorCore

extension PanelConvolution {
    func addWeightGradient(
        _ x: Tensor, _ dy: Tensor, where y: Tensor?, to dWeight: UnsafeMutablePointer<Float>,
        _ dBias: UnsafeMutablePointer<Float>?, workspace: Workspace, pool: ThreadPool
    ) {
        maskGradient(dy, where: y, addingTo: dBias, workspace, pool)
        guard pixels > 0 else { return }
        switch sums {
        case .inSlices: addInSlices(x, dy, to: dWeight, workspace, pool)
        case .together: addTogether(x, dy, to: dWeight, workspace, pool)
        }
    }

    private var sums: WeightGradientSums { WeightGradientSums(filterFloats: filterFloats, .panels) }

    /// Floats that the gradient books at once.
    func weightGradientFloats(_ threads: Int) -> Int {
        guard pixels > 0 else { return 0 }
        return switch sums {
        case .inSlices: slices.count * filterFloats + rowsMemory(threads, summedAtOnce).count
        case .together: filterFloats + rowsMemory(1, rowsTogether).count
        }
    }

    /// For some threads so many rows of the input and of the result's gradient.
    private func rowsMemory(_ threads: Int, _ rows: Int) -> Shape {
        Shape(threads, 1, rows, geometry.inputChannels + geometry.outputChannels)
    }

    private var slices: [Range<Int>] {
        (0..<pixels).summationSlices(8, atLeast: summedAtOnce, atMost: largestSlice)
    }

    private var inputPanels: Int { panelCount(geometry.inputChannels) }
    private var outputPanels: Int { panelCount(geometry.outputChannels) }

    /// Few filters: each thread takes slices of the batch, which have sums of their own, some rows at a time.
    private func addInSlices(
        _ x: Tensor, _ dy: Tensor, to dWeight: UnsafeMutablePointer<Float>, _ workspace: Workspace, _ pool: ThreadPool
    ) {
        let (slices, inputs, outputs) = (slices, geometry.inputChannels, geometry.outputChannels)
        let sums = workspace.tensor(Shape(slices.count, 1, 1, filterFloats))
        let memory = workspace.tensor(rowsMemory(pool.threadCount, summedAtOnce))
        func sum(of slice: Int) -> PanelMatrix {
            PanelMatrix(data: sums.floats + slice * sums.shape.image.count, stride: outputs * PanelMatrix.width)
        }
        pool.parallelFor(slices.count) { slice, thread in
            let stride = summedAtOnce * PanelMatrix.width
            let a = PanelMatrix(data: memory.floats + thread * memory.shape.image.count, stride: stride)
            let b = PanelMatrix(data: a.data + summedAtOnce * outputs, stride: stride)
            for rows in slices[slice].equalParts(ofAtMost: summedAtOnce) {
                copyRows(dy.floats, rows, channels: outputs, into: a)
                copyRows(x.floats, rows, channels: inputs, into: b)
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

    /// Many filters: all threads turn some rows into panels, then each adds their products to the sums of some filters.
    private func addTogether(
        _ x: Tensor, _ dy: Tensor, to dWeight: UnsafeMutablePointer<Float>, _ workspace: Workspace, _ pool: ThreadPool
    ) {
        let memory = workspace.tensor(rowsMemory(1, rowsTogether))
        let a = Panels(memory, rows: rowsTogether)
        let b = Panels(memory, at: rowsTogether * geometry.outputChannels, rows: rowsTogether)
        // The longer side is cut finer: each group of one side reads all of the other.
        let (longer, shorter) = (max(1, min(8, max(outputPanels, inputPanels) / 8)), 16)
        let outputGroups = (0..<outputPanels).equalParts(ofAtMost: outputPanels >= inputPanels ? longer : shorter)
        let inputGroups = (0..<inputPanels).equalParts(ofAtMost: outputPanels >= inputPanels ? shorter : longer)
        let sums = turnedFilters(workspace)
        for rows in (0..<pixels).blocks(of: rowsTogether) {
            pool.parallelFor(rows.count, by: rowsPerCopy) { part, _ in
                let pixels = rows.lowerBound + part.lowerBound..<rows.lowerBound + part.upperBound
                copyRows(dy.floats, pixels, channels: geometry.outputChannels, into: a.matrix, from: part.lowerBound)
                copyRows(x.floats, pixels, channels: geometry.inputChannels, into: b.matrix, from: part.lowerBound)
            }
            pool.parallelFor(outputGroups.count * inputGroups.count) { task in
                let (outputs, inputs) = (
                    outputGroups[task / inputGroups.count], inputGroups[task % inputGroups.count]
                )
                products.multiplyTransposed(
                    a.matrix.dropping(outputs.lowerBound), b.matrix.dropping(inputs.lowerBound),
                    into: sums.matrix.dropping(inputs.lowerBound).droppingRows(outputs.lowerBound * PanelMatrix.width),
                    rows: rows.count, aPanels: outputs.count, cPanels: inputs.count, accumulate: rows.lowerBound > 0)
            }
        }
        pool.parallelFor(geometry.outputChannels, by: PanelMatrix.width) { filters, _ in
            add(sums.matrix.droppingRows(filters.lowerBound), filters, 0..<inputPanels, to: dWeight)
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
                    to: dWeight + filter * geometry.inputChannels + input * PanelMatrix.width, count: PanelMatrix.width)
            }
        }
    }
}

/// Rows of a slice at most, of which there are eight or more.
private let largestSlice = 2048
/// Rows of a slice that are summed at once.
private let summedAtOnce = 112
/// Rows that all threads turn into panels and multiply: few enough to stay in the cache they share.
private let rowsTogether = 512
private let rowsPerCopy = 32
