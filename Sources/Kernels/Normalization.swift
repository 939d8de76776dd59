package import TensorCore

/// Sums of each channel and of its squares over all pixels, in `Double`: `sums[0..<C]` and `sums[C..<2C]`.
///
/// Partial sums are combined in a fixed order.
package func channelMoments(
    _ x: Tensor, into sums: UnsafeMutablePointer<Double>, workspace: Workspace, pool: ThreadPool
) {
    channelSums(of: x.shape, into: sums, workspace, pool) { pixel, channel in
        let value = Double(x.data[pixel * x.shape.c + channel])
        return (value, value * value)
    }
}

/// Sums over all pixels of `dy` and of `dy * normalized`, as `channelMoments`.
package func channelGradientSums(
    _ dy: Tensor, normalized: Tensor, into sums: UnsafeMutablePointer<Double>, workspace: Workspace, pool: ThreadPool
) {
    channelSums(of: dy.shape, into: sums, workspace, pool) { pixel, channel in
        let index = pixel * dy.shape.c + channel
        let value = Double(dy.data[index])
        return (value, value * Double(normalized.data[index]))
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
            for c in 0..<channels { target[c] = factor[c] * source[c] + offset[c] }
            if relu { for c in 0..<channels { target[c] = target[c] > 0 ? target[c] : 0 } }
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

private func channelSums(
    of shape: Shape, into sums: UnsafeMutablePointer<Double>, _ workspace: Workspace, _ pool: ThreadPool,
    _ terms: (_ pixel: Int, _ channel: Int) -> (Double, Double)
) {
    let (channels, size) = (shape.c, 1024)
    let chunks = (shape.pixels + size - 1) / size
    let partial = workspace.buffer(of: Double.self, count: max(1, chunks) * 2 * channels)
    pool.parallelFor(shape.pixels, by: size) { pixels, _ in
        let first = partial.data + pixels.lowerBound / size * 2 * channels
        first.update(repeating: 0, count: 2 * channels)
        for pixel in pixels {
            for c in 0..<channels {
                let (a, b) = terms(pixel, c)
                first[c] += a
                first[channels + c] += b
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
