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
    let (channels, values, results) = (x.shape.c, x.floats, y.floats)
    let share = 1 / Float(geometry.kernel * geometry.kernel)
    forEachRow(of: y.shape, pool) { image, row in
        for column in 0..<y.shape.w {
            let result = results + ((image * y.shape.h + row) * y.shape.w + column) * channels
            result.update(repeating: 0, count: channels)
            for sourceRow in geometry.window(row, limit: x.shape.h) {
                for sourceColumn in geometry.window(column, limit: x.shape.w) {
                    let index = ((image * x.shape.h + sourceRow) * x.shape.w + sourceColumn) * channels
                    add(values + index, to: result, count: channels)
                }
            }
            scale(result, by: share, count: channels)
        }
    }
}

/// The gradient of `averagePool`'s input.
package func averagePoolGradient(_ dy: Tensor, geometry: PoolingGeometry, into dx: Tensor, pool: ThreadPool) {
    let (channels, gradients, results) = (dx.shape.c, dy.floats, dx.floats)
    let share = 1 / Float(geometry.kernel * geometry.kernel)
    forEachRow(of: dx.shape, pool) { image, row in
        for column in 0..<dx.shape.w {
            let result = results + ((image * dx.shape.h + row) * dx.shape.w + column) * channels
            result.update(repeating: 0, count: channels)
            for windowRow in geometry.windows(over: row, count: dy.shape.h) {
                for windowColumn in geometry.windows(over: column, count: dy.shape.w) {
                    let index = ((image * dy.shape.h + windowRow) * dy.shape.w + windowColumn) * channels
                    add(gradients + index, to: result, count: channels)
                }
            }
            scale(result, by: share, count: channels)
        }
    }
}
