import TensorCore

/// How a source is laid out for tiles: as a stream of positions, each with the channels that are multiplied, such that what
/// a tap sees from one position after the other lies one after the other too, a constant number of positions away.
///
/// Rows follow each other with zeros for the padding between them. Where filters jump over pixels, rows and columns that
/// leave the same remainder are kept apart, in planes. Of few channels the patches that the filters see are gathered
/// instead, and there is one tap.
struct TileStream {
    let part: TilePart
    /// The images that are read.
    let source: Shape
    let gathersPatches: Bool
    /// Of a position, in whole steps; those beyond the source's are zeros.
    let channels: Int
    /// Positions from row to row.
    let pitch: Int
    /// Rows of a plane beyond those of its target.
    let extraRows: Int
    private let firstRow: Int
    private let firstColumn: Int
    /// Rows from a row of the target to those that its taps see.
    private let seenRows: Set<Int>
    /// The remainders of the rows and columns of each plane.
    private let planes: [(row: Int, column: Int)]

    init(_ part: TilePart, of source: Shape) {
        (self.part, self.source) = (part, source)
        let (taps, step) = (part.taps, part.sourceStep)
        gathersPatches = source.c < TileProducts.step && taps.count > 1
        let rows = taps.map { floorQuotient($0.row, step) }
        let columns = taps.map { floorQuotient($0.column, step) }
        (firstRow, firstColumn) = (rows.min() ?? 0, columns.min() ?? 0)
        if gathersPatches {
            channels = padded(taps.count * source.c)
            (pitch, extraRows, planes, seenRows) = (part.columns, 0, [(0, 0)], [0])
        } else {
            channels = padded(source.c)
            pitch = part.columns + (columns.max() ?? 0) - firstColumn
            extraRows = (rows.max() ?? 0) - firstRow
            seenRows = Set(rows.map { [firstRow] in $0 - firstRow })
            var planes: [(row: Int, column: Int)] = []
            for tap in taps {
                let plane = (row: remainder(tap.row, step), column: remainder(tap.column, step))
                if !planes.contains(where: { $0 == plane }) { planes.append(plane) }
            }
            self.planes = planes
        }
    }

    /// Steps over the channels.
    var steps: Int { channels / TileProducts.step }

    var planeCount: Int { planes.count }

    /// Whether the source itself is such a stream.
    var isSource: Bool {
        !gathersPatches && part.taps.count == 1 && part.sourceStep == 1 && part.taps[0].row == 0
            && part.taps[0].column == 0 && (part.rows, part.columns) == (source.h, source.w) && channels == source.c
    }

    /// Positions of a plane for `rows` rows of the target, and `beyond` that are read, though nothing comes of it.
    func planePositions(_ rows: Int, beyond: Int) -> Int { (rows + extraRows) * pitch + beyond }

    /// The plane that a tap reads, and positions from a target's position to where it reads there.
    func place(of tap: TilePart.Tap) -> (plane: Int, offset: Int) {
        if gathersPatches { return (0, 0) }
        let step = part.sourceStep
        let plane = planes.firstIndex {
            $0.row == remainder(tap.row, step) && $0.column == remainder(tap.column, step)
        }
        let (row, column) = (floorQuotient(tap.row, step) - firstRow, floorQuotient(tap.column, step) - firstColumn)
        return (plane ?? 0, row * pitch + column)
    }

    /// The taps as filters for tiles have them: one, or each with its number.
    var taps: [TilePart.Tap] { gathersPatches ? [.init(number: 0, row: 0, column: 0)] : part.taps }

    /// Whether a tap sees any pixel of the source from some rows and columns of the target.
    @inline(__always) func sees(_ tap: TilePart.Tap, from rows: Range<Int>, _ columns: Range<Int>) -> Bool {
        if gathersPatches { return true }
        let (row, column, step) = (tap.row, tap.column, part.sourceStep)
        return rows.lowerBound * step + row < source.h && (rows.upperBound - 1) * step + row >= 0
            && columns.lowerBound * step + column < source.w && (columns.upperBound - 1) * step + column >= 0
    }

    // MARK: - Filling

    /// The rows of a plane that are read where the target has `count` rows: of widely dilated filters not all.
    func rowsRead(_ count: Int) -> [Int] {
        (0..<count + extraRows).filter { row in seenRows.contains { $0 <= row && row < $0 + count } }
    }

    /// Writes a row of a plane: row `row` of those that the target's rows from `first` on see of an image.
    func fill(
        _ plane: Int, row: Int, from first: Int, _ image: UnsafePointer<BFloat16>,
        into positions: UnsafeMutablePointer<BFloat16>
    ) {
        let target = positions + row * pitch * channels
        if gathersPatches { return gather(first + row, image, into: target) }
        let step = part.sourceStep
        let sourceRow = (first + firstRow + row) * step + planes[plane].row
        guard 0..<source.h ~= sourceRow else { return target.update(repeating: .zero, count: pitch * channels) }
        let pixels = image + sourceRow * source.w * source.c
        let start = firstColumn * step + planes[plane].column
        // Positions of the row that the source has.
        let from = min(pitch, max(0, (step - 1 - start) / step))
        let to = max(from, min(pitch, (source.w - start + step - 1) / step))
        target.update(repeating: .zero, count: from * channels)
        (target + to * channels).update(repeating: .zero, count: (pitch - to) * channels)
        if step == 1 && channels == source.c {
            (target + from * channels).update(from: pixels + (start + from) * channels, count: (to - from) * channels)
            return
        }
        for position in from..<to {
            copy(pixels + (start + position * step) * source.c, source.c, to: target + position * channels, channels)
        }
    }

    /// The patches of a row of the target.
    private func gather(
        _ u: Int, _ image: UnsafePointer<BFloat16>, into positions: UnsafeMutablePointer<BFloat16>
    ) {
        let (step, used) = (part.sourceStep, part.taps.count * source.c)
        part.taps.withUnsafeBufferPointer { taps in
            for v in 0..<part.columns {
                var target = positions + v * channels
                for tap in taps {
                    let (row, column) = (u * step + tap.row, v * step + tap.column)
                    if row >= 0 && row < source.h && column >= 0 && column < source.w {
                        let pixel = image + (row * source.w + column) * source.c
                        for channel in 0..<source.c { target[channel] = pixel[channel] }
                    } else {
                        for channel in 0..<source.c { target[channel] = .zero }
                    }
                    target += source.c
                }
                target.update(repeating: .zero, count: channels - used)
            }
        }
    }

    private func copy(
        _ pixel: UnsafePointer<BFloat16>, _ count: Int, to position: UnsafeMutablePointer<BFloat16>, _ channels: Int
    ) {
        position.update(from: pixel, count: count)
        (position + count).update(repeating: .zero, count: channels - count)
    }
}

extension BFloat16 {
    static let zero = BFloat16(bits: 0)
}

/// A number of channels in whole steps.
private func padded(_ channels: Int) -> Int {
    (channels + TileProducts.step - 1) / TileProducts.step * TileProducts.step
}

private func floorQuotient(_ a: Int, _ b: Int) -> Int { (a - remainder(a, b)) / b }

/// From 0 on.
private func remainder(_ a: Int, _ b: Int) -> Int { (a % b + b) % b }
