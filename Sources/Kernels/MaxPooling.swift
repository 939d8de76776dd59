package import TensorCore

/// `y = max` over each window; `taps` remembers which tap won (the first of equals), one byte an element.
package func maxPool(
    _ x: Tensor, geometry: PoolingGeometry, into y: Tensor, taps: UnsafeMutablePointer<UInt8>?, pool: ThreadPool
) {
    switch x.type {
    case .float32: maxPool(x.floats, x.shape, geometry, into: y.floats, y.shape, taps, pool)
    case .bfloat16: maxPool(x.bfloat16s, x.shape, geometry, into: y.bfloat16s, y.shape, taps, pool)
    }
}

private func maxPool<E: Element>(
    _ x: UnsafePointer<E>, _ input: Shape, _ geometry: PoolingGeometry, into y: UnsafeMutablePointer<E>,
    _ output: Shape, _ taps: UnsafeMutablePointer<UInt8>?, _ pool: ThreadPool
) {
    let channels = input.c
    forEachRow(of: output, pool) { image, row in
        let source = x + image * input.image.count
        let rows = geometry.window(row, limit: input.h)
        let firstRow = rows.lowerBound - row * geometry.stride + geometry.padding
        for column in 0..<output.w {
            let columns = geometry.window(column, limit: input.w)
            let firstColumn = columns.lowerBound - column * geometry.stride + geometry.padding
            let index = ((image * output.h + row) * output.w + column) * channels
            let window = PooledWindow(
                rows, columns, of: input, firstTap: firstRow * geometry.kernel + firstColumn,
                rowTaps: geometry.kernel, columnTaps: 1)
            maxOverWindow(
                source + (rows.lowerBound * input.w + columns.lowerBound) * channels, window, into: y + index,
                taps.map { $0 + index })
        }
    }
}

/// The gradient of `maxPool`'s input: each element gathers from the windows it won.
package func maxPoolGradient(
    _ dy: Tensor, taps: UnsafePointer<UInt8>, geometry: PoolingGeometry, into dx: Tensor, pool: ThreadPool
) {
    switch dy.type {
    case .float32: maxPoolGradient(dy.floats, dy.shape, taps, geometry, into: dx.floats, dx.shape, pool)
    case .bfloat16: maxPoolGradient(dy.bfloat16s, dy.shape, taps, geometry, into: dx.bfloat16s, dx.shape, pool)
    }
}

private func maxPoolGradient<E: Element>(
    _ dy: UnsafePointer<E>, _ output: Shape, _ taps: UnsafePointer<UInt8>, _ geometry: PoolingGeometry,
    into dx: UnsafeMutablePointer<E>, _ input: Shape, _ pool: ThreadPool
) {
    let channels = input.c
    forEachRow(of: input, pool) { image, row in
        let rows = geometry.windows(over: row, count: output.h)
        let tapRow = row + geometry.padding - rows.lowerBound * geometry.stride
        for column in 0..<input.w {
            let columns = geometry.windows(over: column, count: output.w)
            let tapColumn = column + geometry.padding - columns.lowerBound * geometry.stride
            let first = ((image * output.h + rows.lowerBound) * output.w + columns.lowerBound) * channels
            // From one window to the next the pixel's tap falls by the stride.
            let windows = PooledWindow(
                rows, columns, of: output, firstTap: tapRow * geometry.kernel + tapColumn,
                rowTaps: -geometry.kernel * geometry.stride, columnTaps: -geometry.stride)
            sumOverWonWindows(
                dy + first, taps + first, windows,
                into: dx + ((image * input.h + row) * input.w + column) * channels)
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

    /// Calls `body` with each pixel's distance from the first in elements, and its tap.
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

/// For each channel the largest of a window's pixels, from `x` on, and the tap of the first that has it; sixteen
/// channels at a time stay in registers while the window passes by.
private func maxOverWindow<E: Element>(
    _ x: UnsafePointer<E>, _ window: PooledWindow, into y: UnsafeMutablePointer<E>,
    _ taps: UnsafeMutablePointer<UInt8>?
) {
    let (channels, end) = (window.channels, window.channels - window.channels % 16)
    for c in stride(from: 0, to: end, by: 16) {
        var largest = x.vector(c).lanes
        var winner = SIMD16<Int32>(repeating: window.tap)
        window.forEach { offset, tap in
            let value = x.vector(offset + c).lanes
            let isLarger = value .> largest
            largest.replace(with: value, where: isLarger)
            winner.replace(with: SIMD16(repeating: tap), where: isLarger)
        }
        y.store(Vector(lanes: largest), at: c)
        guard let taps else { continue }
        UnsafeMutableRawPointer(taps + c).storeBytes(
            of: SIMD16<UInt8>(truncatingIfNeeded: winner), as: SIMD16<UInt8>.self)
    }
    for c in end..<channels {
        var (largest, winner) = (x[c].float, window.tap)
        window.forEach { offset, tap in
            let value = x[offset + c].float
            if value > largest { (largest, winner) = (value, tap) }
        }
        y[c] = E(largest)
        if let taps { taps[c] = UInt8(truncatingIfNeeded: winner) }
    }
}

/// For each channel of a pixel the sum of the gradients of those windows around it that it won.
///
/// - Parameters:
///   - dy: from the first window on; so `taps`, which say who won.
///   - windows: those around the pixel, each with the tap that the pixel is in it.
private func sumOverWonWindows<E: Element>(
    _ dy: UnsafePointer<E>, _ taps: UnsafePointer<UInt8>, _ windows: PooledWindow,
    into dx: UnsafeMutablePointer<E>
) {
    let (channels, end) = (windows.channels, windows.channels - windows.channels % Vector.count)
    for c in stride(from: 0, to: end, by: Vector.count) {
        var sum = Vector(repeating: 0)
        windows.forEach { offset, tap in
            sum = sum + dy.vector(offset + c).whereByte(taps + offset + c, is: tap)
        }
        dx.store(sum, at: c)
    }
    for c in end..<channels {
        var sum: Float = 0
        windows.forEach { offset, tap in sum += Int32(taps[offset + c]) == tap ? dy[offset + c].float : 0 }
        dx[c] = E(sum)
    }
}
