import Layers
import TestSupport

/// Background-aware pooling of one image, written on a tape as the method states it, step by step.
struct NaiveBackgroundAwarePooling {
    let height: Int
    let width: Int
    /// F, `height * width` vectors.
    let features: [[Real]]
    let region: ImageRegions
    let grid: Int
    let roi: Int
    let usesAttention: Bool

    private typealias Cell = (mask: Int, sum: [Real])

    /// The pooled vectors of every box, then the queries of the valid cells.
    func pooled() -> (vectors: [[Real]], labels: [Int32]) {
        let queries = queries()
        let background = region.backgroundMask.filter { $0 == 1 }.count
        let isAware = usesAttention && 8 * background > region.backgroundMask.count && !queries.isEmpty
        let boxes = region.boxes.flatMap { pool(crop($0), isAware ? queries : []) }
        let labels = region.boxes.flatMap { [Int32](repeating: Int32($0.label), count: roi * roi) }
        return (boxes + queries, labels + queries.map { _ in 0 })
    }

    // MARK: - Queries

    /// q_j = sum of m F / (sum of m + 1e-12) over each cell of the padded map, where sum of m > 0.
    private func queries() -> [[Real]] {
        let (top, rows) = padding(height)
        let (left, columns) = padding(width)
        var cells: [[Real]] = []
        for row in 0..<grid {
            for column in 0..<grid {
                var mask = 0
                var sum = [Real](repeating: 0, count: features[0].count)
                for y in row * rows - top..<(row + 1) * rows - top where 0..<height ~= y {
                    for x in column * columns - left..<(column + 1) * columns - left
                    where 0..<width ~= x && self.mask(y, x) == 1 {
                        mask += 1
                        sum = sum.plus(features[y * width + x])
                    }
                }
                if mask > 0 { cells.append(sum.map { $0 / Real(Double(mask) + 1e-12) }) }
            }
        }
        return cells
    }

    /// m[i, j] = M[floor(i H / h), floor(j W / w)].
    private func mask(_ y: Int, _ x: Int) -> UInt8 {
        region.backgroundMask[y * region.height / height * region.width + x * region.width / width]
    }

    /// Zeros before the map, and the size of a cell: an even pad is halved, an odd one lies behind.
    private func padding(_ size: Int) -> (before: Int, cell: Int) {
        var pad = 0
        while (size + pad) % grid != 0 { pad += 1 }
        return (pad % 2 == 0 ? pad / 2 : 0, (size + pad) / grid)
    }

    // MARK: - Boxes

    /// The box's samples, row by row.
    private func crop(_ box: RegionBox) -> [[[Real]]] {
        let ys = points(box.top, box.bottom, region.height, height)
        let xs = points(box.left, box.right, region.width, width)
        return ys.map { y in xs.map { x in sample(y, x) } }
    }

    /// Sample points along one axis, in cells: equally spaced from edge to edge of the box.
    private func points(_ start: Float, _ end: Float, _ image: Int, _ size: Int) -> [Double] {
        let (half, cells) = ((Float(image) - 1) / 2, (Float(size) - 1) / 2)
        let first = start / half - 1
        let last = end / half - 1
        let right = last * cells + cells
        let left = first * cells + cells
        let count = Int(right.rounded(.up)) - Int(left.rounded(.down))
        return (0..<count).map { index in
            let share = count > 1 ? Double(index) / Double(count - 1) : 0
            let g = Double(first) + (Double(last) - Double(first)) * share
            return ((g + 1) * Double(size) - 1) / 2
        }
    }

    /// Bilinear interpolation, zeros outside.
    private func sample(_ y: Double, _ x: Double) -> [Real] {
        var sum = [Real](repeating: 0, count: features[0].count)
        for row in 0..<height {
            for column in 0..<width {
                let share = max(0, 1 - abs(y - Double(row))) * max(0, 1 - abs(x - Double(column)))
                if share > 0 { sum = sum.plus(features[row * width + column].scaled(by: Real(share))) }
            }
        }
        return sum
    }

    /// Weighted means over R x R windows of the (replicated) samples.
    private func pool(_ samples: [[[Real]]], _ queries: [[Real]]) -> [[Real]] {
        // Too few rows are repeated at the bottom, too few columns at the left.
        var samples = samples
        while samples.count < roi, let last = samples.last { samples.append(last) }
        samples = samples.map { Array(repeating: $0[0], count: max(0, roi - $0.count)) + $0 }
        let (rows, columns) = (windows(samples.count), windows(samples[0].count))
        return rows.flatMap { rows in
            columns.map { columns in
                let window = rows.flatMap { y in columns.map { samples[y][$0] } }
                let weights = window.map { 1 - attention($0, queries) }
                let zero = [Real](repeating: 0, count: window[0].count)
                let sum = zip(window, weights).reduce(zero) { $0.plus($1.0.scaled(by: $1.1)) }
                return sum.scaled(by: 1 / (weights.sum() + 1e-12))
            }
        }
    }

    private func windows(_ count: Int) -> [Range<Int>] {
        let stride = count / roi
        let kernel = count - (roi - 1) * stride
        return (0..<roi).map { $0 * stride..<$0 * stride + kernel }
    }

    /// A(p): mean over the queries of relu(cos(F(p), q)); 0 without queries.
    private func attention(_ vector: [Real], _ queries: [[Real]]) -> Real {
        guard !queries.isEmpty else { return 0 }
        let unit = vector.normalized()
        return queries.map { Real.relu(unit.dot($0.normalized())) }.sum() / Real(Double(queries.count))
    }
}
