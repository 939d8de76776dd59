package import TensorCore

/// `y = max` over each window; `taps` remembers which tap won (the first of equals), one byte an element.
package func maxPool(
    _ x: Tensor, geometry: PoolingGeometry, into y: Tensor, taps: UnsafeMutablePointer<UInt8>?, pool: ThreadPool
) {
    let (channels, values, results) = (x.shape.c, x.floats, y.floats)
    forEachRow(of: y.shape, pool) { image, row in
        let source = values + image * x.shape.image.count
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
                source + (rows.lowerBound * x.shape.w + columns.lowerBound) * channels, window, into: results + index,
                taps.map { $0 + index })
        }
    }
}

/// The gradient of `maxPool`'s input: each element gathers from the windows it won.
package func maxPoolGradient(
    _ dy: Tensor, taps: UnsafePointer<UInt8>, geometry: PoolingGeometry, into dx: Tensor, pool: ThreadPool
) {
    let (channels, gradients, results) = (dx.shape.c, dy.floats, dx.floats)
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
                gradients + first, taps + first, windows,
                into: results + ((image * dx.shape.h + row) * dx.shape.w + column) * channels)
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

/// For each channel the largest of a window's pixels, from `x` on, and the tap of the first that has it; sixteen
/// channels at a time stay in registers while the window passes by.
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
