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
            let window = PooledWindow(
                rows, columns, of: x.shape, firstTap: firstRow * geometry.kernel + firstColumn,
                rowTaps: geometry.kernel, columnTaps: 1)
            maxOverWindow(
                source + (rows.lowerBound * x.shape.w + columns.lowerBound) * channels, window, into: y.floats + index,
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
            // From one window to the next the pixel's tap falls by the stride.
            let windows = PooledWindow(
                rows, columns, of: dy.shape, firstTap: tapRow * geometry.kernel + tapColumn,
                rowTaps: -geometry.kernel * geometry.stride, columnTaps: -geometry.stride)
            sumOverWonWindows(
                dy.floats + first, taps + first, windows,
                into: dx.floats + ((image * dx.shape.h + row) * dx.shape.w + column) * channels)
        }
    }
}

/// Pixels side by side, each with the number of a tap.
private struct PooledWindow {
    private let rows: Int
    private let columns: Int
    private let rowStride: Int
    private let columnStride: Int
    private let rowTaps: Int32
    private let columnTaps: Int32
    /// Of the first pixel.
    let tap: Int32
    let channels: Int

    init(
        _ rows: Range<Int>, _ columns: Range<Int>, of shape: Shape, firstTap: Int, rowTaps: Int, columnTaps: Int
    ) {
        (self.rows, self.columns, channels) = (rows.count, columns.count, shape.c)
        (rowStride, columnStride) = (shape.w * shape.c, shape.c)
        (tap, self.rowTaps, self.columnTaps) = (Int32(firstTap), Int32(rowTaps), Int32(columnTaps))
    }

    /// Calls `body` with each pixel's distance from the first in floats, and its tap.
    @inline(__always) func forEach(_ body: (_ offset: Int, _ tap: Int32) -> Void) {
        for row in 0..<rows {
            for column in 0..<columns {
                body(
                    row * rowStride + column * columnStride,
                    tap &+ Int32(row) &* rowTaps &+ Int32(column) &* columnTaps)
            }
        }
    }
}

/// For each channel the largest of a window's pixels, from `x` on, and the tap of the first that has it; sixteen channels
/// at a time stay in registers while the window passes by.
private func maxOverWindow(
    _ x: UnsafePointer<Float>, _ window: PooledWindow, into y: UnsafeMutablePointer<Float>,
    _ taps: UnsafeMutablePointer<UInt8>?
) {
    let (channels, end) = (window.channels, window.channels - window.channels % 16)
    for c in stride(from: 0, to: end, by: 16) {
        var largest = x.sixteen(c)
        var winner = SIMD16<Int32>(repeating: window.tap)
        window.forEach { offset, tap in
            let value = x.sixteen(offset + c)
            let isLarger = value .> largest
            largest.replace(with: value, where: isLarger)
            winner.replace(with: SIMD16(repeating: tap), where: isLarger)
        }
        UnsafeMutableRawPointer(y + c).storeBytes(of: largest, as: SIMD16<Float>.self)
        guard let taps else { continue }
        UnsafeMutableRawPointer(taps + c).storeBytes(
            of: SIMD16<UInt8>(truncatingIfNeeded: winner), as: SIMD16<UInt8>.self)
    }
    for c in end..<channels {
        var (largest, winner) = (x[c], window.tap)
        window.forEach { offset, tap in
            if x[offset + c] > largest { (largest, winner) = (x[offset + c], tap) }
        }
        y[c] = largest
        if let taps { taps[c] = UInt8(truncatingIfNeeded: winner) }
    }
}

/// For each channel of a pixel the sum of the gradients of those windows around it that it won.
///
/// - Parameters:
///   - dy: from the first window on; so `taps`, which say who won.
///   - windows: those around the pixel, each with the tap that the pixel is in it.
private func sumOverWonWindows(
    _ dy: UnsafePointer<Float>, _ taps: UnsafePointer<UInt8>, _ windows: PooledWindow,
    into dx: UnsafeMutablePointer<Float>
) {
    let (channels, end) = (windows.channels, windows.channels - windows.channels % 16)
    for c in stride(from: 0, to: end, by: 16) {
        var sum = SIMD16<Float>.zero
        windows.forEach { offset, tap in
            sum = bana_add(sum, bana_where_byte_is(taps + offset + c, tap, dy.sixteen(offset + c)))
        }
        UnsafeMutableRawPointer(dx + c).storeBytes(of: sum, as: SIMD16<Float>.self)
    }
    for c in end..<channels {
        var sum: Float = 0
        windows.forEach { offset, tap in sum += Int32(taps[offset + c]) == tap ? dy[offset + c] : 0 }
        dx[c] = sum
    }
}

extension UnsafePointer<Float> {
    /// The sixteen floats from `index` on, with comparisons that give masks.
    @inline(__always) fileprivate func sixteen(_ index: Int) -> SIMD16<Float> {
        UnsafeRawPointer(self + index).loadUnaligned(as: SIMD16<Float>.self)
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
