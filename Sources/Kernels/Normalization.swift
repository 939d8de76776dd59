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

/// `normalized = inverse x + negatedMean` and `y = weight normalized + bias` for each channel, negative results 0 where
/// `relu`: batch norm in one pass.
package func normalizeChannels(
    _ x: Tensor, inverse: UnsafePointer<Float>, negatedMean: UnsafePointer<Float>, weight: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, relu: Bool, into normalized: Tensor, _ y: Tensor, pool: ThreadPool
) {
    let channels = x.shape.c
    let least = relu ? 0 : -Float.infinity
    pool.parallelFor(x.shape.pixels, by: pixelsPerChunk(channels)) { pixels, _ in
        for pixel in pixels {
            let start = pixel * channels
            let (source, unit, target) = (x.data + start, normalized.data + start, y.data + start)
            for c in 0..<channels {
                let value = inverse[c] * source[c] + negatedMean[c]
                unit[c] = value
                target[c] = max(weight[c] * value + bias[c], least)
            }
        }
    }
}

/// `y = factor x + offset` for each channel, negative results 0 where `relu`.
package func scaleChannels(
    _ x: Tensor, factor: UnsafePointer<Float>, offset: UnsafePointer<Float>, relu: Bool, into y: Tensor,
    pool: ThreadPool
) {
    let channels = x.shape.c
    pool.parallelFor(x.shape.pixels, by: pixelsPerChunk(channels)) { pixels, _ in
        for pixel in pixels {
            let (source, target) = (x.data + pixel * channels, y.data + pixel * channels)
            if relu {
                for c in 0..<channels { target[c] = max(factor[c] * source[c] + offset[c], 0) }
            } else {
                for c in 0..<channels { target[c] = factor[c] * source[c] + offset[c] }
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
