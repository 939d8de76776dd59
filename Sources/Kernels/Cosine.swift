package import TensorCore

/// Vectors shorter than this divide by it instead of by their length.
package let shortestNorm: Float = 1e-12

/// `y = x / max(|x|, 1e-12)` for each row of `channels` floats; `norms` gets the divisors.
package func normalizeRows(
    _ x: UnsafePointer<Float>, rows: Int, channels: Int, into y: UnsafeMutablePointer<Float>,
    norms: UnsafeMutablePointer<Float>, pool: ThreadPool
) {
    pool.parallelFor(rows, by: pixelsPerChunk(channels)) { range, _ in
        for row in range {
            norms[row] = normalize(x + row * channels, count: channels, into: y + row * channels)
        }
    }
}

/// The gradient of `normalizeRows`, in place: `dx = (dy - (dy . y) y) / norm`.
package func normalizeRowsGradient(
    _ dy: UnsafeMutablePointer<Float>, normalized y: UnsafePointer<Float>, norms: UnsafePointer<Float>, rows: Int,
    channels: Int, pool: ThreadPool
) {
    pool.parallelFor(rows, by: pixelsPerChunk(channels)) { range, _ in
        for row in range {
            normalizeGradient(dy + row * channels, normalized: y + row * channels, norm: norms[row], count: channels)
        }
    }
}

/// `y = x / max(|x|, 1e-12)`; returns the divisor.
package func normalize(_ x: UnsafePointer<Float>, count: Int, into y: UnsafeMutablePointer<Float>) -> Float {
    let norm = max(dot(x, x, count: count).squareRoot(), shortestNorm)
    for i in 0..<count { y[i] = x[i] / norm }
    return norm
}

/// The gradient of `normalize`, in place. A vector too short to have a direction only divides by a constant.
package func normalizeGradient(
    _ dy: UnsafeMutablePointer<Float>, normalized y: UnsafePointer<Float>, norm: Float, count: Int
) {
    let along = norm > shortestNorm ? dot(dy, y, count: count) : 0
    for i in 0..<count { dy[i] = (dy[i] - along * y[i]) / norm }
}
