import Annotations
import TestSupport
import Testing

@Suite struct PolygonTests {
    /// Corners within the image, on half pixels, and beyond its edges, in all directions.
    @Test(arguments: 0..<300) func crossingsAreThoseOfTheDrawnOutline(_ number: Int) throws {
        let (width, height) = (1 + number % 23, 1 + number % 31)
        let reach: Float = number % 3 == 0 ? 8 : 40
        let points = Formula.values("polygon \(number)", count: 6 + 2 * (number % 9)).map { value in
            Double((2 * (reach * value + 10)).rounded() / (number % 2 == 0 ? 2 : 2.7))
        }
        let mask = try #require(RunLengths(width: width, height: height, polygon: points))
        #expect(mask.pixels == naivePolygon(points, width: width, height: height), "\(points)")
    }

    /// A file of 40 kB whose outline is drawn in 4 billion points.
    @Test func farCornersTakeNoMemory() throws {
        let points = (0..<4000).flatMap { [$0.isMultiple(of: 2) ? -1e5 : 1e5, Double($0)] }
        let mask = try #require(RunLengths(width: 40, height: 30, polygon: points))
        #expect(mask.counts.reduce(0) { $0 + Int($1) } == 1200)
        #expect(RunLengths(width: 65_535, height: 2, polygon: points) == nil)
    }
}

/// A polygon's mask as COCO's tools make it: the outline point by point on a grid five times finer.
private func naivePolygon(_ points: [Double], width: Int, height: Int) -> [UInt8] {
    let fine = points.map { Int(5 * $0 + 0.5) }
    var corners: [(x: Int, y: Int)] = stride(from: 0, to: fine.count, by: 2).map { (fine[$0], fine[$0 + 1]) }
    corners.append(corners[0])
    var outline: [(x: Int, y: Int)] = []
    for (start, end) in zip(corners, corners.dropFirst()) {
        let (dx, dy) = (abs(end.x - start.x), abs(end.y - start.y))
        let isFlipped = (dx >= dy && start.x > end.x) || (dx < dy && start.y > end.y)
        let (low, high) = isFlipped ? (end, start) : (start, end)
        let length = max(dx, dy)
        let rise = dx >= dy ? high.y - low.y : high.x - low.x
        let slope = length == 0 ? 0 : Double(rise) / Double(length)
        for step in 0...length {
            let along = isFlipped ? length - step : step
            let first = Double(dx >= dy ? low.y : low.x)
            let across = Int(first + slope * Double(along) + 0.5)
            outline.append(dx >= dy ? (low.x + along, across) : (across, low.y + along))
        }
    }
    var changes = [Int](repeating: 0, count: width * height + 1)
    for (point, next) in zip(outline, outline.dropFirst()) where next.x != point.x {
        let x = (Double(next.x < point.x ? next.x : next.x - 1) + 0.5) / 5 - 0.5
        guard x.rounded(.down) == x, x >= 0, x <= Double(width - 1) else { continue }
        let y = (Double(min(point.y, next.y)) + 0.5) / 5 - 0.5
        changes[Int(x) * height + Int(min(max(y, 0), Double(height)).rounded(.up))] += 1
    }
    var (pixels, inside) = ([UInt8](repeating: 0, count: width * height), 0)
    for place in 0..<width * height {
        inside = (inside + changes[place]) % 2
        pixels[place % height * width + place / height] = UInt8(inside)
    }
    return pixels
}
