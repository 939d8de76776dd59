/// The cells of an image's background: a G x G grid over the feature map, of which those count that hold background.
struct BackgroundGrid {
    /// The background pixels of one cell.
    struct Cell {
        /// Numbers of feature pixels, row by row.
        var pixels: [Int] = []
    }

    /// Cells that hold at least one background pixel, row by row.
    let cells: [Cell]

    /// - Parameters:
    ///   - mask: `height * width` bytes, 1 outside every box.
    ///   - grid: cells along each side.
    init(mask: [UInt8], height: Int, width: Int, featureHeight: Int, featureWidth: Int, grid: Int) {
        let rows = GridAxis(size: featureHeight, source: height, grid: grid)
        let columns = GridAxis(size: featureWidth, source: width, grid: grid)
        var all = [Cell](repeating: Cell(), count: grid * grid)
        for row in 0..<featureHeight {
            for column in 0..<featureWidth where mask[rows.source[row] * width + columns.source[column]] != 0 {
                all[rows.cell[row] * grid + columns.cell[column]].pixels.append(row * featureWidth + column)
            }
        }
        cells = all.filter { !$0.pixels.isEmpty }
    }
}

/// The cell of each of `size` positions along one axis of a background grid of `grid` cells.
///
/// Shared by pooling (``BackgroundAwarePooling``, over feature pixels) and by the attention of pseudo labels
/// (`backgroundAttention` in `PseudoLabels`, over image pixels). The positions are padded to a multiple of the cells: half of an even pad at each end, an odd pad all at the end.
package func gridCells(along size: Int, grid: Int) -> [Int] {
    let pad = (grid - size % grid) % grid
    let before = pad % 2 == 0 ? pad / 2 : 0
    let cellSize = (size + pad) / grid
    return (0..<size).map { ($0 + before) / cellSize }
}

private struct GridAxis {
    /// The cell of each position.
    let cell: [Int]
    /// The mask's row or column nearest to each position, as PyTorch's 'nearest' rounds.
    let source: [Int]

    init(size: Int, source sourceSize: Int, grid: Int) {
        cell = gridCells(along: size, grid: grid)
        let scale = Float(sourceSize) / Float(size)
        source = (0..<size).map { min(Int(Float($0) * scale), sourceSize - 1) }
    }
}
