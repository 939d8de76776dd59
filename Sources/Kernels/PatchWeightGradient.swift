import TensorCore

extension PatchConvolution {
    func addWeightGradient(
        _ x: Tensor, _ dy: Tensor, where y: Tensor?, to dWeight: UnsafeMutablePointer<Float>,
        _ dBias: UnsafeMutablePointer<Float>?, workspace: Workspace, pool: ThreadPool
    ) {
        maskGradient(dy, where: y, addingTo: dBias, workspace, pool)
        switch sums {
        case .inSlices: addInSlices(x, dy, to: dWeight, workspace, pool)
        case .together: addTogether(x, dy, to: dWeight, workspace, pool)
        }
    }

    private var sums: WeightGradientSums {
        WeightGradientSums(filterFloats: geometry.outputChannels * geometry.filterCount, .patches)
    }

    /// Floats that the gradient books at once.
    func weightGradientFloats(_ threads: Int) -> Int {
        switch sums {
        case .inSlices: sliceSums(slices.count).count + slicePatches(threads).count
        case .together: geometry.isPointwise ? 0 : sharedPatches.count
        }
    }

    // MARK: - Few filters

    /// Each thread takes a slice of the batch, which has a sum of its own, some pixels at a time.
    private func addInSlices(
        _ x: Tensor, _ dy: Tensor, to dWeight: UnsafeMutablePointer<Float>, _ workspace: Workspace, _ pool: ThreadPool
    ) {
        let (patches, slices) = (patches, slices)
        let sums = workspace.zeros(sliceSums(slices.count))
        let scratch = workspace.tensor(slicePatches(pool.threadCount))
        pool.parallelFor(slices.count) { slice, thread in
            let rows = scratch.floats + thread * scratch.shape.image.count
            for pixels in slices[slice].equalParts(ofAtMost: pixelsAtOnce) {
                patches.gather(x.floats, pixels: pixels, into: rows)
                multiply(
                    Matrix(dy.floats + pixels.lowerBound * dy.shape.c, stride: dy.shape.c, .transposed),
                    Matrix(rows, stride: patches.width),
                    into: Matrix(sums.floats + slice * sums.shape.image.count, stride: geometry.filterCount),
                    rows: geometry.outputChannels, columns: geometry.filterCount, inner: pixels.count, accumulate: true)
            }
        }
        let count = sums.shape.image.count
        for slice in slices.indices { add(sums.floats + slice * count, to: dWeight, count: count) }
    }

    private var slices: [Range<Int>] {
        (0..<patches.target.pixels).summationSlices(mostSlices, atLeast: pixelsAtOnce)
    }

    private func sliceSums(_ slices: Int) -> Shape {
        Shape(slices, 1, geometry.outputChannels, geometry.filterCount)
    }

    private func slicePatches(_ threads: Int) -> Shape { Shape(threads, 1, pixelsAtOnce, patches.width) }

    // MARK: - Many filters

    /// All threads gather a block of patches, then each sums the products of some filters.
    private func addTogether(
        _ x: Tensor, _ dy: Tensor, to dWeight: UnsafeMutablePointer<Float>, _ workspace: Workspace, _ pool: ThreadPool
    ) {
        let target = Matrix(dWeight, stride: geometry.filterCount)
        let pixels = 0..<dy.shape.pixels
        func accumulate(_ range: Range<Int>, _ patches: UnsafeMutablePointer<Float>) {
            multiply(
                Matrix(dy.floats + range.lowerBound * dy.shape.c, stride: dy.shape.c, .transposed),
                Matrix(patches, stride: geometry.filterCount), into: target, rows: geometry.outputChannels,
                columns: geometry.filterCount, inner: range.count, accumulate: true, on: pool)
        }
        if geometry.isPointwise { return accumulate(pixels, x.floats) }

        let patches = patches
        let scratch = workspace.tensor(sharedPatches)
        for block in pixels.blocks(of: scratch.shape.w) {
            pool.parallelFor(block.count, by: 64) { part, _ in
                let range = block.lowerBound + part.lowerBound..<block.lowerBound + part.upperBound
                patches.gather(x.floats, pixels: range, into: scratch.floats + part.lowerBound * patches.width)
            }
            accumulate(block, scratch.floats)
        }
    }

    /// A block of patches for all threads.
    private var sharedPatches: Shape {
        let patches = patches
        let pixels = max(1, min(patches.target.pixels, max(1024, sharedFloats / patches.width)))
        return Shape(1, 1, pixels, patches.width)
    }
}

/// The patches that all threads gather before they multiply them.
private let sharedFloats = 4 << 20
/// Slices of the batch that have sums of their own.
private let mostSlices = 16
/// Pixels of a slice that are gathered and multiplied in cache.
private let pixelsAtOnce = 1024
