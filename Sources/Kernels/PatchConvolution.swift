import TensorCore

/// A convolution as products of its filters with gathered patches of the image ("im2col"): any sizes at all.
///
/// Where the filter has one tap the image itself is the matrix of patches.
struct PatchConvolution: ConvolutionMethod {
    let geometry: ConvolutionGeometry

    init(_ geometry: ConvolutionGeometry) { self.geometry = geometry }

    func forward(
        _ x: Tensor, _ filters: ConvolutionFilters, epilogue: ConvolutionEpilogue, into y: Tensor,
        workspace: Workspace, pool: ThreadPool
    ) {
        let filters = Matrix(reading: filters.weight, stride: geometry.filterCount, .transposed)
        let patches = PatchMatrix(geometry: geometry, source: x.shape, target: y.shape, direction: .forward)
        multiplyPatches(patches, of: x, with: filters, into: y, workspace, pool) { pixels in
            for pixel in pixels {
                let result = y.floats + pixel * y.shape.c
                epilogue.apply(result, to: result, count: y.shape.c)
            }
        }
    }

    func inputGradient(
        _ dy: Tensor, _ filters: ConvolutionFilters, into dx: Tensor, accumulate: Bool, workspace: Workspace,
        pool: ThreadPool
    ) {
        if geometry.isPointwise {
            multiply(
                Matrix(dy.floats, stride: geometry.outputChannels),
                Matrix(reading: filters.weight, stride: geometry.inputChannels),
                into: Matrix(dx.floats, stride: geometry.inputChannels), rows: dx.shape.pixels,
                columns: geometry.inputChannels,
                inner: geometry.outputChannels, accumulate: accumulate, on: pool)
            return
        }
        let turned = workspace.tensor(
            Shape(geometry.inputChannels, geometry.kernel, geometry.kernel, geometry.outputChannels))
        swapChannels(filters.weight, geometry, into: turned.floats)
        let turnedFilters = Matrix(turned.floats, stride: turned.shape.image.count, .transposed)
        let patches = PatchMatrix(geometry: geometry, source: dy.shape, target: dx.shape, direction: .backward)
        multiplyPatches(patches, of: dy, with: turnedFilters, into: dx, accumulate: accumulate, workspace, pool) { _ in
        }
    }

    func addWeightGradient(
        _ x: Tensor, _ dy: Tensor, where y: Tensor?, to dWeight: UnsafeMutablePointer<Float>,
        _ dBias: UnsafeMutablePointer<Float>?, workspace: Workspace, pool: ThreadPool
    ) {
        maskGradient(dy, where: y, addingTo: dBias, workspace, pool)
        switch WeightGradientSums(filterFloats: geometry.outputChannels * geometry.filterCount, .patches) {
        case .inSlices: addInSlices(x, dy, to: dWeight, workspace, pool)
        case .together: addTogether(x, dy, to: dWeight, workspace, pool)
        }
    }

    /// Few filters: each thread takes a slice of the batch, which has a sum of its own, some pixels at a time.
    private func addInSlices(
        _ x: Tensor, _ dy: Tensor, to dWeight: UnsafeMutablePointer<Float>, _ workspace: Workspace, _ pool: ThreadPool
    ) {
        let patches = PatchMatrix(geometry: geometry, source: x.shape, target: dy.shape, direction: .forward)
        let pixelCount = dy.shape.pixels
        let slices = (0..<pixelCount).summationSlices(mostSlices, atLeast: pixelsAtOnce)
        let sums = workspace.zeros(Shape(slices.count, 1, geometry.outputChannels, geometry.filterCount))
        let scratch = workspace.tensor(Shape(pool.threadCount, 1, pixelsAtOnce, patches.width))
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

    /// Many filters: all threads gather a block of patches, then each sums the products of some filters.
    private func addTogether(
        _ x: Tensor, _ dy: Tensor, to dWeight: UnsafeMutablePointer<Float>, _ workspace: Workspace, _ pool: ThreadPool
    ) {
        let target = Matrix(dWeight, stride: geometry.filterCount)
        let pixels = dy.shape.pixels
        func accumulate(_ range: Range<Int>, _ patches: UnsafeMutablePointer<Float>) {
            multiply(
                Matrix(dy.floats + range.lowerBound * dy.shape.c, stride: dy.shape.c, .transposed),
                Matrix(patches, stride: geometry.filterCount), into: target, rows: geometry.outputChannels,
                columns: geometry.filterCount, inner: range.count, accumulate: true, on: pool)
        }
        if geometry.isPointwise { return accumulate(0..<pixels, x.floats) }

        let patches = PatchMatrix(geometry: geometry, source: x.shape, target: dy.shape, direction: .forward)
        let blockSize = max(1, min(pixels, max(1024, gradientScratchFloats / patches.width)))
        let scratch = workspace.tensor(Shape(1, 1, blockSize, patches.width))
        for start in stride(from: 0, to: pixels, by: blockSize) {
            let block = start..<min(pixels, start + blockSize)
            pool.parallelFor(block.count, by: 64) { part, _ in
                let range = block.lowerBound + part.lowerBound..<block.lowerBound + part.upperBound
                patches.gather(x.floats, pixels: range, into: scratch.floats + part.lowerBound * patches.width)
            }
            accumulate(block, scratch.floats)
        }
    }

    /// Products of patches and filters, block by block of target pixels; `finish` sees each block while it is in cache.
    private func multiplyPatches(
        _ patches: PatchMatrix, of source: Tensor, with filters: Matrix, into target: Tensor, accumulate: Bool = false,
        _ workspace: Workspace, _ pool: ThreadPool, finish: (_ pixels: Range<Int>) -> Void
    ) {
        let blockSize = max(64, min(512, scratchFloats / patches.width))
        let scratch = workspace.tensor(Shape(pool.threadCount, 1, geometry.isPointwise ? 0 : blockSize, patches.width))
        let blocks = (0..<target.shape.pixels).equalParts(ofAtMost: blockSize)
        pool.parallelFor(blocks.count) { block, thread in
            let pixels = blocks[block]
            let rows: UnsafeMutablePointer<Float>
            if geometry.isPointwise {
                rows = source.floats + pixels.lowerBound * source.shape.c
            } else {
                rows = scratch.floats + thread * scratch.shape.image.count
                patches.gather(source.floats, pixels: pixels, into: rows)
            }
            multiply(
                Matrix(rows, stride: patches.width), filters,
                into: Matrix(target.floats + pixels.lowerBound * target.shape.c, stride: target.shape.c),
                rows: pixels.count, columns: target.shape.c, inner: patches.width, accumulate: accumulate)
            finish(pixels)
        }
    }
}

/// `[out][tap][in]` to `[in][tap][out]`.
private func swapChannels(
    _ weight: UnsafePointer<Float>, _ geometry: ConvolutionGeometry, into turned: UnsafeMutablePointer<Float>
) {
    let (taps, inputs, outputs) = (geometry.kernel * geometry.kernel, geometry.inputChannels, geometry.outputChannels)
    for output in 0..<outputs {
        for tap in 0..<taps {
            let row = weight + (output * taps + tap) * inputs
            for input in 0..<inputs { turned[(input * taps + tap) * outputs + output] = row[input] }
        }
    }
}

/// A thread's patches: 2 MB stay in cache while they are multiplied.
private let scratchFloats = 512 << 10
/// The patches of one step of a weight gradient.
private let gradientScratchFloats = 4 << 20
/// Slices of the batch that have sums of their own.
private let mostSlices = 16
/// Pixels of a slice that are gathered and multiplied in cache.
private let pixelsAtOnce = 1024
