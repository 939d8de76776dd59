extension RunLengths {
    /// The inside of a polygon, rasterised to the pixel as COCO's own tools do.
    ///
    /// The outline is drawn on a grid five times finer; where it crosses the middle of a column of pixels, inside and
    /// outside change places.
    ///
    /// - Parameter points: x and y in turn; fewer than three points, one farther than `maxCoordinate`, or more than
    ///   `maxCrossings` give `nil`.
    package init?(width: Int, height: Int, polygon points: [Double]) {
        guard points.count >= 6, points.count % 2 == 0, points.allSatisfy({ abs($0) <= maxCoordinate }) else {
            return nil
        }
        let corners = stride(from: 0, to: points.count, by: 2).map { index in
            FinePoint(x: fine(points[index]), y: fine(points[index + 1]))
        }
        var places: [Int] = []
        for (start, end) in zip(corners, corners.dropFirst() + corners.prefix(1)) {
            let line = FineLine(from: start, to: end)
            for column in line.columns.clamped(to: 0..<width) {
                places.append(column * height + row(line.crossing(column), height: height))
            }
            guard places.count <= maxCrossings else { return nil }
        }
        self.init(checked: runs(between: places, pixels: width * height), width: width, height: height)
    }
}

/// Points farther from the image's corner than this are mistakes.
private let maxCoordinate = 1e5

/// No outline goes to and fro so often that it crosses more columns of pixels, in all.
private let maxCrossings = 1 << 24

/// Fine steps to a pixel.
private let steps = 5

/// A point of the fine grid.
private struct FinePoint {
    var x: Int
    var y: Int
}

private func fine(_ coordinate: Double) -> Int { Int(Double(steps) * coordinate + 0.5) }

/// A line of the fine grid: a point for each step along its longer side, always counted in ascending order of that side.
private struct FineLine {
    private let low: FinePoint
    private let high: FinePoint
    /// Steps along the longer side.
    private let length: Int
    private let isFlat: Bool
    /// Across, for a step along. A line of no length has the slope 0/0, and crosses nothing.
    private let slope: Double

    init(from start: FinePoint, to end: FinePoint) {
        let (dx, dy) = (abs(end.x - start.x), abs(end.y - start.y))
        (isFlat, length) = (dx >= dy, max(dx, dy))
        let isFlipped = isFlat ? start.x > end.x : start.y > end.y
        (low, high) = isFlipped ? (end, start) : (start, end)
        slope = length == 0 ? 0 : Double(isFlat ? high.y - low.y : high.x - low.x) / Double(length)
    }

    /// The columns of pixels whose middle lies between two points: from the fine column 5c + 2 to the next one.
    var columns: Range<Int> {
        func first(from x: Int) -> Int { Int((Double(x - steps / 2) / Double(steps)).rounded(.up)) }
        return first(from: min(low.x, high.x))..<first(from: max(low.x, high.x))
    }

    /// The lesser y of the two points between which the line crosses the middle of a column.
    func crossing(_ column: Int) -> Int {
        let x = steps * column + steps / 2
        if isFlat { return min(across(x - low.x), across(x - low.x + 1)) }
        // The last step before the fine column changes.
        var (before, after) = (0, length)
        while after - before > 1 {
            let middle = (before + after) / 2
            if (across(middle) <= x) == (low.x < high.x) { before = middle } else { after = middle }
        }
        return low.y + before
    }

    private func across(_ along: Int) -> Int {
        Int(Double(isFlat ? low.y : low.x) + slope * Double(along) + 0.5)
    }
}

/// The first row of pixels whose middle is not above a fine row.
private func row(_ y: Int, height: Int) -> Int {
    let row = (Double(y) + 0.5) / Double(steps) - 0.5
    return Int(min(max(row, 0), Double(height)).rounded(.up))
}

/// Run lengths of a mask that changes at each of these places; two changes at one place cancel.
private func runs(between places: [Int], pixels: Int) -> [UInt32] {
    var runs = RunBuilder()
    var (start, value) = (0, 0)
    for place in places.sorted() + [pixels] {
        runs.append(place - start, of: value)
        (start, value) = (place, 1 - value)
    }
    return runs.counts
}
