package import TensorCore

/// Sizes of a pooling window.
package struct PoolingGeometry: Hashable, Sendable {
    /// Rows and columns of the window.
    package let kernel: Int
    package let stride: Int
    package let padding: Int
    /// Whether a last, partly covered window counts (PyTorch's ceil mode).
    package let ceil: Bool

    package init(kernel: Int, stride: Int, padding: Int, ceil: Bool = false) {
        precondition(kernel * kernel <= 256, "a tap's number must fit a byte")
        (self.kernel, self.stride, self.padding, self.ceil) = (kernel, stride, padding, ceil)
    }

    /// Whether a window fits into an image.
    package func accepts(_ input: Shape) -> Bool { min(input.h, input.w) + 2 * padding >= kernel }

    /// The shape of the pooled image, of an input that is accepted.
    package func outputShape(_ input: Shape) -> Shape {
        Shape(input.n, extent(input.h), extent(input.w), input.c)
    }

    private func extent(_ size: Int) -> Int {
        let span = size + 2 * padding - kernel
        let windows = (ceil ? (span + stride - 1) / stride : span / stride) + 1
        // A window must start inside the image or its leading padding.
        return ceil && (windows - 1) * stride >= size + padding ? windows - 1 : windows
    }

    /// Source positions a window covers, cut to the image.
    func window(_ target: Int, limit: Int) -> Range<Int> {
        let start = target * stride - padding
        return max(0, start)..<min(limit, start + kernel)
    }

    /// Windows that cover a source position.
    func windows(over source: Int, count: Int) -> Range<Int> {
        let first = max(0, (source + padding - kernel + stride) / stride)
        return min(first, count)..<min(count, (source + padding) / stride + 1)
    }
}

/// `y = ` the mean of each window, its padding counted as zeros (PyTorch's count_include_pad).
package func averagePool(_ x: Tensor, geometry: PoolingGeometry, into y: Tensor, pool: ThreadPool) {
    func positions(_ target: Int, _ limit: Int) -> Range<Int> { geometry.window(target, limit: limit) }
    switch x.type {
    case .float32: averageOf(x.floats, x.shape, geometry, into: y.floats, y.shape, pool, positions)
    case .bfloat16: averageOf(x.bfloat16s, x.shape, geometry, into: y.bfloat16s, y.shape, pool, positions)
    }
}

/// The gradient of `averagePool`'s input.
package func averagePoolGradient(_ dy: Tensor, geometry: PoolingGeometry, into dx: Tensor, pool: ThreadPool) {
    func positions(_ target: Int, _ count: Int) -> Range<Int> { geometry.windows(over: target, count: count) }
    switch dy.type {
    case .float32: averageOf(dy.floats, dy.shape, geometry, into: dx.floats, dx.shape, pool, positions)
    case .bfloat16: averageOf(dy.bfloat16s, dy.shape, geometry, into: dx.bfloat16s, dx.shape, pool, positions)
    }
}

/// For each pixel of `y` the sum over some pixels of `x`, as a share of a whole window.
///
/// - Parameter positions: the rows (or columns) of `x`, of which there are so many, that belong to a row of `y`.
@inline(__always) private func averageOf<E: Element>(
    _ x: UnsafePointer<E>, _ source: Shape, _ geometry: PoolingGeometry, into y: UnsafeMutablePointer<E>,
    _ target: Shape, _ pool: ThreadPool, _ positions: (_ target: Int, _ limit: Int) -> Range<Int>
) {
    let channels = source.c
    let (share, end) = (1 / Float(geometry.kernel * geometry.kernel), channels - channels % Vector.count)
    forEachRow(of: target, pool) { image, row in
        let rows = positions(row, source.h)
        for column in 0..<target.w {
            let columns = positions(column, source.w)
            let result = y + ((image * target.h + row) * target.w + column) * channels
            let first = x + ((image * source.h + rows.lowerBound) * source.w + columns.lowerBound) * channels
            let (height, width) = (rows.count, columns.count)
            for c in stride(from: 0, to: end, by: Vector.count) {
                var sum = Vector(repeating: 0)
                for i in 0..<height {
                    for j in 0..<width { sum = sum + first.vector((i * source.w + j) * channels + c) }
                }
                result.store(share * sum, at: c)
            }
            for c in end..<channels {
                var sum: Float = 0
                for i in 0..<height { for j in 0..<width { sum += first[(i * source.w + j) * channels + c].float } }
                result[c] = E(sum * share)
            }
        }
    }
}
