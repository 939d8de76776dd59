package import TensorCore

/// Which gradients of a normalisation's result count: those its ReLU lets through.
package enum PassedGradients {
    /// There is no ReLU.
    case all
    /// Those where `weight normalized + bias` is positive.
    case wherePositive
    /// Something was added before the ReLU: those where this result of it is positive.
    case whereResultIsPositive(Tensor)

    fileprivate var result: Tensor? { if case .whereResultIsPositive(let y) = self { y } else { nil } }
    /// Whether a value tells by itself if its gradient counts.
    fileprivate var followsValue: Bool { if case .wherePositive = self { true } else { false } }
}

/// Sums of each channel and of its squares over all pixels, in `Double`: `sums[0..<C]` and `sums[C..<2C]`.
///
/// Partial sums are combined in a fixed order.
package func channelMoments(
    _ x: Tensor, into sums: UnsafeMutablePointer<Double>, workspace: Workspace, pool: ThreadPool
) {
    switch x.type {
    case .float32: moments(x.floats, x.shape, into: sums, workspace, pool)
    case .bfloat16: moments(x.bfloat16s, x.shape, into: sums, workspace, pool)
    }
}

private func moments<E: Element>(
    _ x: UnsafePointer<E>, _ shape: Shape, into sums: UnsafeMutablePointer<Double>, _ workspace: Workspace,
    _ pool: ThreadPool
) {
    sumPixels(shape, into: sums, workspace, pool) { pixels, first, second in
        addMoments(x + pixels.lowerBound * shape.c, pixels.count, shape.c, to: first, second)
    }
}

/// Sums over all pixels of `dy` and of `dy * normalized`, as `channelMoments`, over the gradients that have passed.
///
/// Where something was added before the ReLU, gradients in `dy` that have not passed become 0: so the added wants them.
package func channelGradientSums(
    _ dy: Tensor, passed: PassedGradients, _ x: Tensor, _ rows: NormalizationRows,
    into sums: UnsafeMutablePointer<Double>, workspace: Workspace, pool: ThreadPool
) {
    precondition(dy.shape == x.shape, "a gradient \(dy.shape) of \(x.shape)")
    let (relu, y) = (passed.followsValue, passed.result)
    switch x.type {
    case .float32: gradientSums(dy.floats, y?.floats, x.floats, x.shape, relu, rows, into: sums, workspace, pool)
    case .bfloat16:
        gradientSums(dy.bfloat16s, y?.bfloat16s, x.bfloat16s, x.shape, relu, rows, into: sums, workspace, pool)
    }
}

private func gradientSums<E: Element>(
    _ gradients: UnsafeMutablePointer<E>, _ results: UnsafeMutablePointer<E>?, _ values: UnsafePointer<E>,
    _ shape: Shape, _ relu: Bool, _ rows: NormalizationRows, into sums: UnsafeMutablePointer<Double>,
    _ workspace: Workspace, _ pool: ThreadPool
) {
    let channels = shape.c
    sumPixels(shape, into: sums, workspace, pool) { pixels, first, second in
        let start = pixels.lowerBound * channels
        if let results {
            copy(
                gradients + start, wherePositive: results + start, to: gradients + start,
                count: pixels.count * channels)
        }
        let (dy, x) = (gradients + start, values + start)
        // Constants, so that the loops within know which.
        if relu {
            addGradients(dy, x, pixels.count, channels, rows, relu: true, to: first, second)
        } else {
            addGradients(dy, x, pixels.count, channels, rows, relu: false, to: first, second)
        }
    }
}

/// Pixels that are summed in registers before the sums in memory are touched.
private let summedPixels = 8

/// The sums of all pixels, of which `add` gets some at a time.
private func sumPixels(
    _ shape: Shape, into sums: UnsafeMutablePointer<Double>, _ workspace: Workspace, _ pool: ThreadPool,
    _ add: (Range<Int>, _ first: UnsafeMutablePointer<Double>, _ second: UnsafeMutablePointer<Double>) -> Void
) {
    let channels = shape.c
    let partial = workspace.buffer(of: Double.self, count: partialSums(shape))
    pool.parallelFor(shape.pixels, by: pixelsPerPartialSum) { chunk, _ in
        let first = partial.data + chunk.lowerBound / pixelsPerPartialSum * 2 * channels
        first.update(repeating: 0, count: 2 * channels)
        for start in stride(from: chunk.lowerBound, to: chunk.upperBound, by: summedPixels) {
            add(start..<min(start + summedPixels, chunk.upperBound), first, first + channels)
        }
    }
    sums.update(repeating: 0, count: 2 * channels)
    for chunk in 0..<chunksOfPixels(shape) {
        let first = partial.data + chunk * 2 * channels
        for i in 0..<2 * channels { sums[i] += first[i] }
    }
}

/// Floats that the sums of each channel book of the workspace at once.
package func channelSumsFloats(_ shape: Shape) -> Int {
    partialSums(shape) * MemoryLayout<Double>.size / MemoryLayout<Float>.size
}

/// Two sums of each channel for each chunk of pixels.
private func partialSums(_ shape: Shape) -> Int { max(1, chunksOfPixels(shape)) * 2 * shape.c }

private func chunksOfPixels(_ shape: Shape) -> Int { (shape.pixels + pixelsPerPartialSum - 1) / pixelsPerPartialSum }

private let pixelsPerPartialSum = 1024

/// Batch norm and what follows it in one pass: `y = weight normalized + bias + term`, negative results 0 where `relu`.
///
/// - Parameter term: what is added, the way round a block; of the shape of `x`.
package func normalize(
    _ x: Tensor, _ rows: NormalizationRows, adding term: Tensor?, relu: Bool, into y: Tensor, pool: ThreadPool
) {
    precondition(x.shape == y.shape && term?.shape ?? x.shape == x.shape, "\(x.shape) normalised into \(y.shape)")
    let lowest = relu ? 0 : -Float.infinity
    switch x.type {
    case .float32: normalize(x.floats, term?.floats, x.shape, rows, lowest, into: y.floats, pool)
    case .bfloat16: normalize(x.bfloat16s, term?.bfloat16s, x.shape, rows, lowest, into: y.bfloat16s, pool)
    }
}

private func normalize<E: Element>(
    _ values: UnsafePointer<E>, _ terms: UnsafeMutablePointer<E>?, _ shape: Shape, _ rows: NormalizationRows,
    _ lowest: Float, into results: UnsafeMutablePointer<E>, _ pool: ThreadPool
) {
    let channels = shape.c
    pool.parallelFor(shape.pixels, by: pixelsPerChunk(channels)) { pixels, _ in
        for start in pixels.lazy.map({ $0 * channels }) {
            if let terms {
                normalize(values + start, terms + start, rows, lowest, channels, into: results + start)
            } else {
                normalize(values + start, nil, rows, lowest, channels, into: results + start)
            }
        }
    }
}

/// `dx = factor (dy - meanGradient - normalized * meanProduct)` for each channel: batch norm's input gradient, of the
/// gradients that have passed as `channelGradientSums` left them. `dx` may be `dy`.
package func normalizationGradient(
    _ dy: Tensor, passed: PassedGradients, _ x: Tensor, _ rows: NormalizationRows, factor: UnsafePointer<Float>,
    meanGradient: UnsafePointer<Float>, meanProduct: UnsafePointer<Float>, into dx: Tensor, pool: ThreadPool
) {
    precondition(dy.shape == x.shape && dx.shape == x.shape, "a gradient \(dy.shape) of \(x.shape)")
    let (relu, means) = (passed.followsValue, (factor, meanGradient, meanProduct))
    switch x.type {
    case .float32: gradient(dy.floats, x.floats, x.shape, relu, rows, means, into: dx.floats, pool)
    case .bfloat16: gradient(dy.bfloat16s, x.bfloat16s, x.shape, relu, rows, means, into: dx.bfloat16s, pool)
    }
}

private func gradient<E: Element>(
    _ gradients: UnsafePointer<E>, _ values: UnsafePointer<E>, _ shape: Shape, _ relu: Bool, _ rows: NormalizationRows,
    _ means: NormalizationMeans, into results: UnsafeMutablePointer<E>, _ pool: ThreadPool
) {
    let channels = shape.c
    pool.parallelFor(shape.pixels, by: pixelsPerChunk(channels)) { pixels, _ in
        for start in pixels.lazy.map({ $0 * channels }) {
            let (dy, x, dx) = (gradients + start, values + start, results + start)
            if relu {
                normalizationGradient(dy, x, rows, means, channels, relu: true, into: dx)
            } else {
                normalizationGradient(dy, x, rows, means, channels, relu: false, into: dx)
            }
        }
    }
}

/// `y = factor x` for each channel.
package func scaleChannels(_ x: Tensor, factor: UnsafePointer<Float>, into y: Tensor, pool: ThreadPool) {
    switch x.type {
    case .float32: scaleChannels(x.floats, x.shape, factor, into: y.floats, pool)
    case .bfloat16: scaleChannels(x.bfloat16s, x.shape, factor, into: y.bfloat16s, pool)
    }
}

private func scaleChannels<E: Element>(
    _ values: UnsafePointer<E>, _ shape: Shape, _ factor: UnsafePointer<Float>, into results: UnsafeMutablePointer<E>,
    _ pool: ThreadPool
) {
    let (channels, end) = (shape.c, shape.c - shape.c % Vector.count)
    pool.parallelFor(shape.pixels, by: pixelsPerChunk(channels)) { pixels, _ in
        for pixel in pixels {
            let (source, target) = (values + pixel * channels, results + pixel * channels)
            for c in stride(from: 0, to: end, by: Vector.count) {
                target.store(factor.vector(c) * source.vector(c), at: c)
            }
            for c in end..<channels { target[c] = E(factor[c] * source[c].float) }
        }
    }
}
