import CVectors
package import TensorCore

/// What batch norm makes of a value, channel by channel: `normalized = inverse x + shift`, then
/// `y = weight normalized + bias`.
package struct NormalizationRows {
    fileprivate let rows: bana_normalization

    /// Rows of as many floats as there are channels.
    package init(
        inverse: UnsafePointer<Float>, shift: UnsafePointer<Float>, weight: UnsafePointer<Float>,
        bias: UnsafePointer<Float>
    ) {
        rows = bana_normalization(inverse: inverse, shift: shift, weight: weight, bias: bias)
    }
}

/// Which gradients of a normalisation's result count: those its ReLU lets through.
package enum PassedGradients {
    /// There is no ReLU.
    case all
    /// Those where `weight normalized + bias` is positive.
    case wherePositive
    /// Something was added before the ReLU: those where this result of it is positive.
    case whereResultIsPositive(Tensor)

    fileprivate var result: Tensor? { if case .whereResultIsPositive(let y) = self { y } else { nil } }
    /// Whether a value tells by itself if its gradient counts: 1 or 0.
    fileprivate var looksAgain: Int32 { if case .wherePositive = self { 1 } else { 0 } }
}

/// Sums of each channel and of its squares over all pixels, in `Double`: `sums[0..<C]` and `sums[C..<2C]`.
///
/// Partial sums are combined in a fixed order.
package func channelMoments(
    _ x: Tensor, into sums: UnsafeMutablePointer<Double>, workspace: Workspace, pool: ThreadPool
) {
    let (channels, values) = (x.shape.c, x.floats)
    sumPixels(x.shape, into: sums, workspace, pool) { pixels, first, second in
        if pixels.count == summedPixels {
            bana_add_moments(BANA_SUMMED_PIXELS, values + pixels.lowerBound * channels, channels, first, second)
        } else {
            for pixel in pixels { bana_add_moments(1, values + pixel * channels, channels, first, second) }
        }
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
    // Pointers alone within the loop: a tensor would be retained for every pixel.
    let (channels, gradients, values, rows) = (dy.shape.c, dy.floats, x.floats, rows.rows)
    let (relu, results) = (passed.looksAgain, passed.result?.floats)
    sumPixels(x.shape, into: sums, workspace, pool) { pixels, first, second in
        let start = pixels.lowerBound * channels
        if let results {
            copy(
                gradients + start, wherePositive: results + start, to: gradients + start,
                count: pixels.count * channels)
        }
        if pixels.count == summedPixels {
            bana_add_gradients(
                BANA_SUMMED_PIXELS, relu, gradients + start, values + start, rows, channels, first, second)
            return
        }
        for start in pixels.lazy.map({ $0 * channels }) {
            bana_add_gradients(1, relu, gradients + start, values + start, rows, channels, first, second)
        }
    }
}

private let summedPixels = Int(BANA_SUMMED_PIXELS)

/// The sums of all pixels, of which `add` gets some at a time.
private func sumPixels(
    _ shape: Shape, into sums: UnsafeMutablePointer<Double>, _ workspace: Workspace, _ pool: ThreadPool,
    _ add: (Range<Int>, _ first: UnsafeMutablePointer<Double>, _ second: UnsafeMutablePointer<Double>) -> Void
) {
    let (channels, size) = (shape.c, 1024)
    let chunks = (shape.pixels + size - 1) / size
    let partial = workspace.buffer(of: Double.self, count: max(1, chunks) * 2 * channels)
    pool.parallelFor(shape.pixels, by: size) { chunk, _ in
        let first = partial.data + chunk.lowerBound / size * 2 * channels
        first.update(repeating: 0, count: 2 * channels)
        for start in stride(from: chunk.lowerBound, to: chunk.upperBound, by: summedPixels) {
            add(start..<min(start + summedPixels, chunk.upperBound), first, first + channels)
        }
    }
    sums.update(repeating: 0, count: 2 * channels)
    for chunk in 0..<chunks {
        let first = partial.data + chunk * 2 * channels
        for i in 0..<2 * channels { sums[i] += first[i] }
    }
}

/// Batch norm and what follows it in one pass: `y = weight normalized + bias + term`, negative results 0 where `relu`.
///
/// - Parameter term: what is added, the way round a block; of the shape of `x`.
package func normalize(
    _ x: Tensor, _ rows: NormalizationRows, adding term: Tensor?, relu: Bool, into y: Tensor, pool: ThreadPool
) {
    precondition(x.shape == y.shape && term?.shape ?? x.shape == x.shape, "\(x.shape) normalised into \(y.shape)")
    let (channels, values, terms, results, rows) = (x.shape.c, x.floats, term?.floats, y.floats, rows.rows)
    let lowest = relu ? 0 : -Float.infinity
    pool.parallelFor(x.shape.pixels, by: pixelsPerChunk(channels)) { pixels, _ in
        for start in pixels.lazy.map({ $0 * channels }) {
            bana_normalize(values + start, terms.map { $0 + start }, rows, lowest, channels, results + start)
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
    let (channels, gradients, values, results, rows) = (dy.shape.c, dy.floats, x.floats, dx.floats, rows.rows)
    let relu = passed.looksAgain
    pool.parallelFor(dy.shape.pixels, by: pixelsPerChunk(channels)) { pixels, _ in
        for start in pixels.lazy.map({ $0 * channels }) {
            bana_normalization_gradient(
                relu, gradients + start, values + start, rows, factor, meanGradient, meanProduct, channels,
                results + start)
        }
    }
}

/// `y = factor x` for each channel.
package func scaleChannels(_ x: Tensor, factor: UnsafePointer<Float>, into y: Tensor, pool: ThreadPool) {
    let channels = x.shape.c
    pool.parallelFor(x.shape.pixels, by: pixelsPerChunk(channels)) { pixels, _ in
        for pixel in pixels {
            let (source, target) = (x.floats + pixel * channels, y.floats + pixel * channels)
            for c in 0..<channels { target[c] = factor[c] * source[c] }
        }
    }
}
