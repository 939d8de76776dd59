import TensorCore

/// Filters as tiles of pairs: `[sixteen columns][tap][step][pair of channels][column][2]`, rounded to bfloat16. A column is
/// a channel that is written; those beyond the last are zeros.
struct TileFilters {
    private let geometry: ConvolutionGeometry
    private let direction: TilePart.Direction
    /// The taps of a patch, where there are patches.
    private let patchTaps: [Int]?
    /// Steps over the channels of a tap.
    let steps: Int

    init(_ geometry: ConvolutionGeometry, _ direction: TilePart.Direction, for stream: TileStream) {
        (self.geometry, self.direction) = (geometry, direction)
        (patchTaps, steps) = (stream.gathersPatches ? stream.part.taps.map(\.number) : nil, stream.steps)
    }

    private var taps: Int { patchTaps == nil ? geometry.kernel * geometry.kernel : 1 }
    private var columns: Int { direction == .forward ? geometry.outputChannels : geometry.inputChannels }

    /// Blocks of columns.
    var blocks: Int { (columns + TileProducts.columns - 1) / TileProducts.columns }

    /// Elements from the first sixteen columns of a block to the others.
    var panelStride: Int { taps * steps * TileProducts.tile }

    /// Elements of all.
    var count: Int { 2 * blocks * panelStride }

    /// Elements from the first of a block's to those of a tap.
    func offset(block: Int, tap: Int) -> Int { 2 * block * panelStride + tap * steps * TileProducts.tile }

    /// Where the filters' elements of each channel that is read lie, in those of a column and tap.
    private var channelOffsets: [Int] {
        let (channels, stride) =
            direction == .forward ? (geometry.inputChannels, 1) : (geometry.outputChannels, geometry.filterCount)
        return (patchTaps ?? [0]).flatMap { tap in
            (0..<channels).map { tap * geometry.inputChannels + $0 * stride }
        }
    }

    /// Writes the filters `[out][tap][in]`.
    func write(
        _ weight: UnsafePointer<Float>, to tiles: UnsafeMutablePointer<BFloat16>, _ pool: ThreadPool
    ) {
        let columnStride = direction == .forward ? geometry.filterCount : 1
        let (offsets, width) = (channelOffsets, PanelMatrix.width)
        pool.parallelFor(2 * blocks * taps) { index in
            let (panel, tap) = index.quotientAndRemainder(dividingBy: taps)
            let first = weight + tap * geometry.inputChannels + panel * width * columnStride
            let target = tiles + index * steps * TileProducts.tile
            let used = max(0, min(width, columns - panel * width))
            target.update(repeating: .zero, count: steps * TileProducts.tile)
            offsets.withUnsafeBufferPointer { offsets in
                for channel in 0..<offsets.count {
                    let source = first + offsets[channel]
                    let pairs = target + (channel >> 1) * 2 * width + (channel & 1)
                    for column in 0..<used { pairs[2 * column] = BFloat16(source[column * columnStride]) }
                }
            }
        }
    }
}
