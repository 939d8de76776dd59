import CVectors
import TensorCore

/// The matrices of the transform domain, one for each coefficient: a row for each tile (or filter), a column for each
/// channel.
struct WinogradPlanes {
    /// Keeps the memory.
    private let owner: Tensor
    private let data: UnsafeMutablePointer<Float>
    /// The largest tile that has a place in them.
    let size: TileSize
    let rows: Int
    let panels: Int

    /// Number of coefficients.
    var count: Int { size.coefficients }

    /// Planes in the `floats(_:rows:panels:)` floats of `memory` from `offset` on.
    init(_ size: TileSize, in memory: Tensor, at offset: Int = 0, rows: Int, panels: Int) {
        let floats = WinogradPlanes.floats(size, rows: rows, panels: panels)
        precondition(offset + floats <= memory.count, "\(floats) floats in \(memory.shape) from \(offset) on")
        (owner, data) = (memory, memory.floats + offset)
        (self.size, self.rows, self.panels) = (size, rows, panels)
    }

    /// The memory such planes take.
    static func floats(_ size: TileSize, rows: Int, panels: Int) -> Int { size.coefficients * stride(rows, panels) }

    /// A cache line more than a plane holds, or the vectors of a tile could all fall into one set of the cache.
    private static func stride(_ rows: Int, _ panels: Int) -> Int { (rows * panels + 1) * PanelMatrix.width }

    /// The matrix of one coefficient.
    subscript(_ coefficient: Int) -> PanelMatrix {
        PanelMatrix(
            data: data + coefficient * WinogradPlanes.stride(rows, panels), stride: rows * PanelMatrix.width)
    }

    /// The matrix of a coefficient that smaller tiles, of this size, number as `coefficient`: along each axis they have
    /// the first ones.
    func matrix(of coefficient: Int, in size: TileSize) -> PanelMatrix {
        let (row, column) = coefficient.quotientAndRemainder(dividingBy: size.width.coefficients)
        return self[row * self.size.width.coefficients + column]
    }

    /// Sets all rows of a coefficient to zero.
    func clear(coefficient: Int) {
        self[coefficient].data.update(repeating: 0, count: rows * panels * PanelMatrix.width)
    }

    /// The coefficients of a row in a panel.
    @inline(__always) func view(row: Int, panel: Int) -> TileView {
        let stride = WinogradPlanes.stride(rows, panels)
        return TileView(
            data: data + (panel * rows + row) * PanelMatrix.width, rowStride: size.width.coefficients * stride,
            columnStride: stride)
    }

    /// Asks for the coefficients of a row in a panel ahead of their use, be it to read them or to write them: so many
    /// places in turn are more than the processor foresees. Where there is no such row or panel, nothing happens.
    @inline(__always) func prefetch(row: Int, panel: Int) {
        let stride = WinogradPlanes.stride(rows, panels)
        var vector = data + (panel * rows + row) * PanelMatrix.width
        for _ in 0..<count {
            bana_prefetch(vector)
            vector += stride
        }
    }

    /// Asks for what comes soon where the panels of one row after the other are gone through.
    @inline(__always) func prefetch(afterRow row: Int, panel: Int) {
        let next = panel + 2
        if next < panels { prefetch(row: row, panel: next) } else { prefetch(row: row + 1, panel: next - panels) }
    }
}
