extension RunLengths {
    /// The inside of a polygon, rasterised to the pixel as COCO's own tools do.
    ///
    /// The outline is drawn on a grid five times finer; where it crosses the middle of a column of pixels, inside and
    /// outside change places.
    ///
    /// - Parameter points: x and y in turn; fewer than three points, or one farther than `maxCoordinate`, give `nil`.
    package init?(width: Int, height: Int, polygon points: [Double]) {
        guard points.count >= 6, points.count % 2 == 0, points.allSatisfy({ abs($0) <= maxCoordinate }) else {
            return nil
        }
        var corners = stride(from: 0, to: points.count, by: 2).map { index in
            FinePoint(x: fine(points[index]), y: fine(points[index + 1]))
        }
        corners.append(corners[0])
        var outline: [FinePoint] = []
        for (start, end) in zip(corners, corners.dropFirst()) { append(lineFrom: start, to: end, to: &outline) }
        let places = crossings(outline, width: width, height: height)
        self.init(checked: runs(between: places, pixels: width * height), width: width, height: height)
    }
}

/// Points farther from the image's corner than this are mistakes.
private let maxCoordinate = 1e5

/// Fine steps to a pixel.
private let steps = 5.0

/// A point of the fine grid.
private struct FinePoint {
    var x: Int
    var y: Int
}

private func fine(_ coordinate: Double) -> Int { Int(steps * coordinate + 0.5) }

/// The points of a line, one for each step along its longer side; always drawn in ascending order of that side.
private func append(lineFrom start: FinePoint, to end: FinePoint, to outline: inout [FinePoint]) {
    let (dx, dy) = (abs(end.x - start.x), abs(end.y - start.y))
    let isFlipped = (dx >= dy && start.x > end.x) || (dx < dy && start.y > end.y)
    let (low, high) = isFlipped ? (end, start) : (start, end)
    let length = max(dx, dy)
    // A line of no length has the slope 0/0, which nothing uses but the rounding of its one point.
    let slope = length == 0 ? 0 : Double(dx >= dy ? high.y - low.y : high.x - low.x) / Double(length)
    for step in 0...length {
        let along = isFlipped ? length - step : step
        let across = Double(dx >= dy ? low.y : low.x) + slope * Double(along) + 0.5
        outline.append(
            dx >= dy ? FinePoint(x: low.x + along, y: Int(across)) : FinePoint(x: Int(across), y: low.y + along))
    }
}

/// Where the outline crosses the middle of a column: numbers of pixels down the columns, unsorted.
private func crossings(_ outline: [FinePoint], width: Int, height: Int) -> [Int] {
    var places: [Int] = []
    for (point, next) in zip(outline, outline.dropFirst()) where next.x != point.x {
        let x = (Double(next.x < point.x ? next.x : next.x - 1) + 0.5) / steps - 0.5
        guard x.rounded(.down) == x, x >= 0, x <= Double(width - 1) else { continue }
        let y = (Double(min(point.y, next.y)) + 0.5) / steps - 0.5
        places.append(Int(x) * height + Int(min(max(y, 0), Double(height)).rounded(.up)))
    }
    return places
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
