import TensorCore

/// A convolution as products of its filters with gathered patches of the image ("im2col"): any sizes at all.
///
/// Where the filter has one tap the image itself is the matrix of patches.
struct PatchConvolution: ConvolutionMethod {
    let geometry: ConvolutionGeometry
    let input: Shape

    init(_ geometry: ConvolutionGeometry, _ input: Shape) { (self.geometry, self.input) = (geometry, input) }

    func scratchFloats(_ pass: ConvolutionPass, threads: Int) -> Int {
        switch pass {
        case .forward: blocksMemory(patches, threads).count
        case .inputGradient:
            geometry.isPointwise ? 0 : turnedFilters.count + blocksMemory(gradientPatches, threads).count
        case .weightGradient: weightGradientFloats(threads)
        }
    }

    /// What the filters see of the input.
    var patches: PatchMatrix {
        PatchMatrix(geometry: geometry, source: input, target: geometry.outputShape(input), direction: .forward)
    }

    func forward(
        _ x: Tensor, _ filters: ConvolutionFilters, epilogue: ConvolutionEpilogue, into y: Tensor,
        workspace: Workspace, pool: ThreadPool
    ) {
        let filters = Matrix(reading: filters.weight, stride: geometry.filterCount, .transposed)
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
        let turned = workspace.tensor(turnedFilters)
        swapChannels(filters.weight, geometry, into: turned.floats)
        let filters = Matrix(turned.floats, stride: turned.shape.image.count, .transposed)
        multiplyPatches(gradientPatches, of: dy, with: filters, into: dx, accumulate: accumulate, workspace, pool) {
            _ in
        }
    }

    /// What the filters, turned round, see of the result's gradient.
    private var gradientPatches: PatchMatrix {
        PatchMatrix(geometry: geometry, source: geometry.outputShape(input), target: input, direction: .backward)
    }

    private var turnedFilters: Shape {
        Shape(geometry.inputChannels, geometry.kernel, geometry.kernel, geometry.outputChannels)
    }

    /// Products of patches and filters, block by block of target pixels; `finish` sees each block while it is in cache.
    private func multiplyPatches(
        _ patches: PatchMatrix, of source: Tensor, with filters: Matrix, into target: Tensor, accumulate: Bool = false,
        _ workspace: Workspace, _ pool: ThreadPool, finish: (_ pixels: Range<Int>) -> Void
    ) {
        let scratch = workspace.tensor(blocksMemory(patches, pool.threadCount))
        let blocks = (0..<target.shape.pixels).equalParts(ofAtMost: pixelsPerBlock(patches))
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

    private func pixelsPerBlock(_ patches: PatchMatrix) -> Int { max(64, min(512, blockFloats / patches.width)) }

    /// A block of patches for each thread.
    private func blocksMemory(_ patches: PatchMatrix, _ threads: Int) -> Shape {
        Shape(threads, 1, geometry.isPointwise ? 0 : pixelsPerBlock(patches), patches.width)
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
private let blockFloats = 512 << 10
