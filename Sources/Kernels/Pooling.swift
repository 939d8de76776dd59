import CVectors
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

/// `y = max` over each window; `taps` remembers which tap won (the first of equals), one byte an element.
package func maxPool(
    _ x: Tensor, geometry: PoolingGeometry, into y: Tensor, taps: UnsafeMutablePointer<UInt8>?, pool: ThreadPool
) {
    let channels = x.shape.c
    forEachRow(of: y.shape, pool) { image, row in
        let source = x.floats + image * x.shape.image.count
        let rows = geometry.window(row, limit: x.shape.h)
        let firstRow = rows.lowerBound - row * geometry.stride + geometry.padding
        for column in 0..<y.shape.w {
            let columns = geometry.window(column, limit: x.shape.w)
            let firstColumn = columns.lowerBound - column * geometry.stride + geometry.padding
            let index = ((image * y.shape.h + row) * y.shape.w + column) * channels
            bana_max_over_window(
                source + (rows.lowerBound * x.shape.w + columns.lowerBound) * channels,
                bana_window(rows, columns, of: x.shape), channels,
                Int32(firstRow * geometry.kernel + firstColumn), Int32(geometry.kernel), y.floats + index,
                taps.map { $0 + index })
        }
    }
}

/// The gradient of `maxPool`'s input: each element gathers from the windows it won.
package func maxPoolGradient(
    _ dy: Tensor, taps: UnsafePointer<UInt8>, geometry: PoolingGeometry, into dx: Tensor, pool: ThreadPool
) {
    let channels = dx.shape.c
    forEachRow(of: dx.shape, pool) { image, row in
        let rows = geometry.windows(over: row, count: dy.shape.h)
        let tapRow = row + geometry.padding - rows.lowerBound * geometry.stride
        for column in 0..<dx.shape.w {
            let columns = geometry.windows(over: column, count: dy.shape.w)
            let tapColumn = column + geometry.padding - columns.lowerBound * geometry.stride
            let first = ((image * dy.shape.h + rows.lowerBound) * dy.shape.w + columns.lowerBound) * channels
            bana_sum_over_won_windows(
                dy.floats + first, taps + first, bana_window(rows, columns, of: dy.shape), channels,
                Int32(tapRow * geometry.kernel + tapColumn), Int32(geometry.kernel), Int32(geometry.stride),
                dx.floats + ((image * dx.shape.h + row) * dx.shape.w + column) * channels)
        }
    }
}

extension bana_window {
    fileprivate init(_ rows: Range<Int>, _ columns: Range<Int>, of shape: Shape) {
        self.init(
            rows: rows.count, columns: columns.count, row_stride: shape.w * shape.c, column_stride: shape.c)
    }
}

/// `y = ` the mean of each window, its padding counted as zeros (PyTorch's count_include_pad).
package func averagePool(_ x: Tensor, geometry: PoolingGeometry, into y: Tensor, pool: ThreadPool) {
    let channels = x.shape.c
    let share = 1 / Float(geometry.kernel * geometry.kernel)
    forEachRow(of: y.shape, pool) { image, row in
        for column in 0..<y.shape.w {
            let result = y.floats + ((image * y.shape.h + row) * y.shape.w + column) * channels
            result.update(repeating: 0, count: channels)
            for sourceRow in geometry.window(row, limit: x.shape.h) {
                for sourceColumn in geometry.window(column, limit: x.shape.w) {
                    let index = ((image * x.shape.h + sourceRow) * x.shape.w + sourceColumn) * channels
                    add(x.floats + index, to: result, count: channels)
                }
            }
            scale(result, by: share, count: channels)
        }
    }
}

/// The gradient of `averagePool`'s input.
package func averagePoolGradient(_ dy: Tensor, geometry: PoolingGeometry, into dx: Tensor, pool: ThreadPool) {
    let channels = dx.shape.c
    let share = 1 / Float(geometry.kernel * geometry.kernel)
    forEachRow(of: dx.shape, pool) { image, row in
        for column in 0..<dx.shape.w {
            let result = dx.floats + ((image * dx.shape.h + row) * dx.shape.w + column) * channels
            result.update(repeating: 0, count: channels)
            for windowRow in geometry.windows(over: row, count: dy.shape.h) {
                for windowColumn in geometry.windows(over: column, count: dy.shape.w) {
                    let index = ((image * dy.shape.h + windowRow) * dy.shape.w + windowColumn) * channels
                    add(dy.floats + index, to: result, count: channels)
                }
            }
            scale(result, by: share, count: channels)
        }
    }
}
