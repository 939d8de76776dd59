package import TensorCore

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
