package import TensorCore

/// What a convolution does to its result while it is still in cache.
package struct ConvolutionEpilogue {
    /// One value an output channel, added first.
    package var bias: UnsafePointer<Float>?
    /// Whether negative results become 0.
    package var relu: Bool

    package init(bias: UnsafePointer<Float>? = nil, relu: Bool = false) {
        (self.bias, self.relu) = (bias, relu)
    }
}

/// `y = epilogue(x * weight)`; `weight` is `[out][tap row][tap column][in]`.
package func convolve(
    _ x: Tensor, weight: UnsafeMutablePointer<Float>, geometry: ConvolutionGeometry, epilogue: ConvolutionEpilogue,
    into y: Tensor, workspace: Workspace, pool: ThreadPool
) {
    precondition(y.shape == geometry.outputShape(x.shape), "convolution of \(x.shape) into \(y.shape)")
    let filters = Matrix(weight, stride: geometry.filterCount, .transposed)
    let patches = PatchMatrix(geometry: geometry, source: x.shape, target: y.shape, direction: .forward)
    multiplyPatches(patches, of: x, with: filters, into: y, copies: !geometry.isPointwise, workspace, pool) { pixels in
        apply(epilogue, to: y.data + pixels.lowerBound * y.shape.c, pixels: pixels.count, channels: y.shape.c)
    }
}

/// `dx = dy * weight` turned round: the gradient of a convolution's input.
package func convolveInputGradient(
    _ dy: Tensor, weight: UnsafeMutablePointer<Float>, geometry: ConvolutionGeometry, into dx: Tensor,
    workspace: Workspace, pool: ThreadPool
) {
    precondition(dy.shape == geometry.outputShape(dx.shape), "gradient \(dy.shape) of an input \(dx.shape)")
    if geometry.isPointwise {
        multiply(
            Matrix(dy.data, stride: geometry.outputs), Matrix(weight, stride: geometry.inputs),
            into: Matrix(dx.data, stride: geometry.inputs), rows: dx.shape.pixels, columns: geometry.inputs,
            inner: geometry.outputs, on: pool)
        return
    }
    let turned = workspace.tensor(Shape(geometry.inputs, geometry.kernel, geometry.kernel, geometry.outputs))
    swapChannels(weight, geometry, into: turned.data)
    let filters = Matrix(turned.data, stride: turned.shape.image.count, .transposed)
    let patches = PatchMatrix(geometry: geometry, source: dy.shape, target: dx.shape, direction: .backward)
    multiplyPatches(patches, of: dy, with: filters, into: dx, copies: true, workspace, pool) { _ in }
}

/// `dWeight += dy * x`, summed over all pixels of the batch in a fixed order.
package func convolveWeightGradient(
    _ x: Tensor, _ dy: Tensor, geometry: ConvolutionGeometry, into dWeight: UnsafeMutablePointer<Float>,
    workspace: Workspace, pool: ThreadPool
) {
    precondition(dy.shape == geometry.outputShape(x.shape), "gradient \(dy.shape) of an input \(x.shape)")
    let target = Matrix(dWeight, stride: geometry.filterCount)
    let pixels = dy.shape.pixels
    func accumulate(_ range: Range<Int>, _ patches: UnsafeMutablePointer<Float>) {
        multiply(
            Matrix(dy.data + range.lowerBound * dy.shape.c, stride: dy.shape.c, .transposed),
            Matrix(patches, stride: geometry.filterCount), into: target, rows: geometry.outputs,
            columns: geometry.filterCount, inner: range.count, accumulate: true, on: pool)
    }
    if geometry.isPointwise { return accumulate(0..<pixels, x.data) }

    let patches = PatchMatrix(geometry: geometry, source: x.shape, target: dy.shape, direction: .forward)
    let blockSize = max(1, min(pixels, max(1024, gradientScratchFloats / patches.width)))
    let scratch = workspace.tensor(Shape(1, 1, blockSize, patches.width))
    for start in stride(from: 0, to: pixels, by: blockSize) {
        let block = start..<min(pixels, start + blockSize)
        pool.parallelFor(block.count, by: 64) { part, _ in
            let range = block.lowerBound + part.lowerBound..<block.lowerBound + part.upperBound
            patches.gather(x.data, pixels: range, into: scratch.data + part.lowerBound * patches.width)
        }
        accumulate(block, scratch.data)
    }
}

/// `dBias += ` the sums of `dy` over all pixels, in a fixed order.
package func sumOverPixels(
    _ dy: Tensor, into dBias: UnsafeMutablePointer<Float>, workspace: Workspace, pool: ThreadPool
) {
    let (channels, size) = (dy.shape.c, 4096)
    let chunks = (dy.shape.pixels + size - 1) / size
    let partial = workspace.zeros(Shape(1, 1, chunks, channels))
    pool.parallelFor(dy.shape.pixels, by: size) { pixels, _ in
        let sums = partial.data + pixels.lowerBound / size * channels
        for pixel in pixels { add(dy.data + pixel * channels, to: sums, count: channels) }
    }
    for chunk in 0..<chunks { add(partial.data + chunk * channels, to: dBias, count: channels) }
}

/// Products of patches and filters, block by block of target pixels; `finish` sees each block while it is in cache.
private func multiplyPatches(
    _ patches: PatchMatrix, of source: Tensor, with filters: Matrix, into target: Tensor, copies: Bool,
    _ workspace: Workspace, _ pool: ThreadPool, finish: (_ pixels: Range<Int>) -> Void
) {
    let blockSize = max(64, min(512, scratchFloats / patches.width))
    let scratch = workspace.tensor(Shape(pool.threadCount, 1, copies ? blockSize : 0, patches.width))
    pool.parallelFor(target.shape.pixels, by: blockSize) { pixels, thread in
        let rows: UnsafeMutablePointer<Float>
        if copies {
            rows = scratch.data + thread * scratch.shape.image.count
            patches.gather(source.data, pixels: pixels, into: rows)
        } else {
            rows = source.data + pixels.lowerBound * source.shape.c
        }
        multiply(
            Matrix(rows, stride: patches.width), filters,
            into: Matrix(target.data + pixels.lowerBound * target.shape.c, stride: target.shape.c),
            rows: pixels.count, columns: target.shape.c, inner: patches.width)
        finish(pixels)
    }
}

private func apply(
    _ epilogue: ConvolutionEpilogue, to y: UnsafeMutablePointer<Float>, pixels: Int, channels: Int
) {
    if let bias = epilogue.bias {
        for pixel in 0..<pixels { add(bias, to: y + pixel * channels, count: channels) }
    }
    if epilogue.relu {
        for i in 0..<pixels * channels { y[i] = y[i] > 0 ? y[i] : 0 }
    }
}

/// `[out][tap][in]` to `[in][tap][out]`.
private func swapChannels(
    _ weight: UnsafePointer<Float>, _ geometry: ConvolutionGeometry, into turned: UnsafeMutablePointer<Float>
) {
    let (taps, inputs, outputs) = (geometry.kernel * geometry.kernel, geometry.inputs, geometry.outputs)
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
