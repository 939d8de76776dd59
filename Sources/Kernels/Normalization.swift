package import TensorCore

/// Sums of each channel and of its squares over all pixels, in `Double`: `sums[0..<C]` and `sums[C..<2C]`.
///
/// Partial sums are combined in a fixed order.
package func channelMoments(
    _ x: Tensor, into sums: UnsafeMutablePointer<Double>, workspace: Workspace, pool: ThreadPool
) {
    channelProductSums(x, x, where: nil, into: sums, workspace, pool)
}

/// Sums over all pixels of `dy` and of `dy * normalized`, as `channelMoments`.
///
/// - Parameter y: the result where it went through a ReLU: where it is not positive, `dy` becomes 0 first.
package func channelGradientSums(
    _ dy: Tensor, where y: Tensor? = nil, normalized: Tensor, into sums: UnsafeMutablePointer<Double>,
    workspace: Workspace, pool: ThreadPool
) {
    channelProductSums(dy, normalized, where: y, into: sums, workspace, pool)
}

/// What batch norm makes of a value, channel by channel: `normalized = inverse x + shift`, then
/// `y = weight normalized + bias`.
package struct NormalizationRows {
    let inverse: UnsafePointer<Float>
    let shift: UnsafePointer<Float>
    let weight: UnsafePointer<Float>
    let bias: UnsafePointer<Float>

    package init(
        inverse: UnsafePointer<Float>, shift: UnsafePointer<Float>, weight: UnsafePointer<Float>,
        bias: UnsafePointer<Float>
    ) {
        (self.inverse, self.shift, self.weight, self.bias) = (inverse, shift, weight, bias)
    }
}

/// Batch norm and what follows it in one pass: `y = weight normalized + bias + term`, negative results 0 where `relu`.
///
/// - Parameters:
///   - term: what is added, the way round a block; of the shape of `x`.
///   - normalized: receives `inverse x + shift`, where backward will want it.
package func normalize(
    _ x: Tensor, _ rows: NormalizationRows, adding term: Tensor?, relu: Bool, normalized: Tensor?, into y: Tensor,
    pool: ThreadPool
) {
    precondition(x.shape == y.shape && term?.shape ?? x.shape == x.shape, "\(x.shape) normalised into \(y.shape)")
    precondition(normalized?.shape ?? x.shape == x.shape, "\(x.shape) normalised into \(y.shape)")
    let channels = x.shape.c
    let lowest = relu ? 0 : -Float.infinity
    pool.parallelFor(x.shape.pixels, by: pixelsPerChunk(channels)) { pixels, _ in
        let (inverse, shift, weight, bias) = (rows.inverse, rows.shift, rows.weight, rows.bias)
        for pixel in pixels {
            let start = pixel * channels
            let (source, result) = (x.data + start, y.data + start)
            let middle = normalized.map { $0.data + start } ?? result
            for c in 0..<channels { middle[c] = inverse[c] * source[c] + shift[c] }
            if let added = term.map({ $0.data + start }) {
                for c in 0..<channels { result[c] = max(weight[c] * middle[c] + (bias[c] + added[c]), lowest) }
            } else {
                for c in 0..<channels { result[c] = max(weight[c] * middle[c] + bias[c], lowest) }
            }
        }
    }
}

/// `dx = factor (dy - meanGradient - normalized * meanProduct)` for each channel: batch norm's input gradient.
package func normalizationGradient(
    _ dy: Tensor, normalized: Tensor, factor: UnsafePointer<Float>, meanGradient: UnsafePointer<Float>,
    meanProduct: UnsafePointer<Float>, into dx: Tensor, pool: ThreadPool
) {
    let channels = dy.shape.c
    pool.parallelFor(dy.shape.pixels, by: pixelsPerChunk(channels)) { pixels, _ in
        for pixel in pixels {
            let start = pixel * channels
            let (gradient, value, result) = (dy.data + start, normalized.data + start, dx.data + start)
            for c in 0..<channels {
                result[c] = factor[c] * (gradient[c] - meanGradient[c] - value[c] * meanProduct[c])
            }
        }
    }
}

/// For each channel the sums of `a` and of `a * b` over all pixels; `a` becomes 0 where `y` is not positive.
private func channelProductSums(
    _ a: Tensor, _ b: Tensor, where y: Tensor?, into sums: UnsafeMutablePointer<Double>, _ workspace: Workspace,
    _ pool: ThreadPool
) {
    let (channels, size) = (a.shape.c, 1024)
    let chunks = (a.shape.pixels + size - 1) / size
    let partial = workspace.buffer(of: Double.self, count: max(1, chunks) * 2 * channels)
    // Pointers alone within the loop: a tensor would be retained for every pixel.
    let (rows, factors, signs) = (a.data, b.data, y?.data)
    pool.parallelFor(a.shape.pixels, by: size) { pixels, _ in
        let first = partial.data + pixels.lowerBound / size * 2 * channels
        let second = first + channels
        first.update(repeating: 0, count: 2 * channels)
        for pixel in pixels {
            let (x, factor) = (rows + pixel * channels, factors + pixel * channels)
            if let signs { copy(x, wherePositive: signs + pixel * channels, to: x, count: channels) }
            for c in 0..<channels {
                let value = Double(x[c])
                first[c] += value
                second[c] += value * Double(factor[c])
            }
        }
    }
    sums.update(repeating: 0, count: 2 * channels)
    for chunk in 0..<chunks {
        let first = partial.data + chunk * 2 * channels
        for i in 0..<2 * channels { sums[i] += first[i] }
    }
}

/// About 64 KB a chunk.
func pixelsPerChunk(_ channels: Int) -> Int { max(1, 16_384 / max(1, channels)) }

/// `y = factor x` for each channel.
package func scaleChannels(_ x: Tensor, factor: UnsafePointer<Float>, into y: Tensor, pool: ThreadPool) {
    let channels = x.shape.c
    pool.parallelFor(x.shape.pixels, by: pixelsPerChunk(channels)) { pixels, _ in
        for pixel in pixels {
            let (source, target) = (x.data + pixel * channels, y.data + pixel * channels)
            for c in 0..<channels { target[c] = factor[c] * source[c] }
        }
    }
}
