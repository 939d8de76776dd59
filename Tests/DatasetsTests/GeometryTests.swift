import Annotations
import Datasets
import ImageFiles
import Testing

/// One case of scaling, cutting and mirroring.
struct GeometryCase: Sendable, CustomTestStringConvertible {
    var width: Int, height: Int, scale: Double, crop: Int, u: Double, v: Double, isFlipped: Bool

    var geometry: Geometry {
        var geometry = Geometry(width: width, height: height, scale: scale)
        if crop > 0 { geometry.cut(side: crop, at: u, v) }
        geometry.isFlipped = isFlipped
        return geometry
    }

    var testDescription: String { "\(width)x\(height) * \(scale), crop \(crop) at \(u) \(v), flip \(isFlipped)" }

    static let all: [GeometryCase] = [
        (1, 1), (7, 5), (33, 20), (12, 41),
    ].flatMap { (width: Int, height: Int) in
        [0.5, 0.77, 1, 1.5].flatMap { scale in
            [0, 1, 6, 21].map { crop in
                GeometryCase(
                    width: width, height: height, scale: scale, crop: crop, u: 0.37, v: 0.94,
                    isFlipped: (width + crop) % 2 == 0)
            }
        }
    }
}

/// The movement made step by step on whole arrays in `Double`: scale, pad, cut, mirror.
struct SlowGeometry {
    var rows: [[Double]]
    var boxes: [Box]

    /// Scales by nearest or bilinear samples; `values` by rows.
    init(_ values: [[Double]], _ boxes: [Box], scale s: Double, bilinear: Bool) {
        let (height, width) = (values.count, values[0].count)
        func scaled(_ extent: Int) -> Int { max(1, Int((Double(extent) * s).rounded(.toNearestOrEven))) }
        func value(_ i: Int, _ j: Int) -> Double {
            values[min(max(i, 0), height - 1)][min(max(j, 0), width - 1)]
        }
        rows = (0..<scaled(height)).map { i in
            (0..<scaled(width)).map { j in
                if !bilinear { return value(Int(Double(i) / s), Int(Double(j) / s)) }
                let (y, x) = ((Double(i) + 0.5) / s - 0.5, (Double(j) + 0.5) / s - 0.5)
                let (top, left) = (Int(y.rounded(.down)), Int(x.rounded(.down)))
                let (a, b) = (y - Double(top), x - Double(left))
                return (1 - a) * (1 - b) * value(top, left) + (1 - a) * b * value(top, left + 1)
                    + a * (1 - b) * value(top + 1, left) + a * b * value(top + 1, left + 1)
            }
        }
        self.boxes = boxes.map { Box(left: $0.left * s, top: $0.top * s, right: $0.right * s, bottom: $0.bottom * s) }
    }

    mutating func cut(_ side: Int, _ u: Double, _ v: Double, padding: Double) {
        let (height, width) = (rows.count, rows[0].count)
        let (below, beside) = (max(0, (side - height + 1) / 2), max(0, (side - width + 1) / 2))
        let blank = [[Double]](repeating: [Double](repeating: padding, count: width + 2 * beside), count: below)
        let margin = [Double](repeating: padding, count: beside)
        rows = blank + rows.map { margin + $0 + margin } + blank
        let (y, x) = (
            Int((v * Double(rows.count - side)).rounded(.down)), Int((u * Double(rows[0].count - side)).rounded(.down))
        )
        rows = rows[y..<y + side].map { Array($0[x..<x + side]) }
        let (dx, dy, n) = (Double(beside - x), Double(below - y), Double(side))
        boxes = boxes.compactMap { box in
            let (left, right, top, bottom) = (box.left + dx, box.right + dx, box.top + dy, box.bottom + dy)
            if left >= n || top >= n || right <= 0 || bottom <= 0 { return nil }
            return Box(
                left: left < 0 ? 0 : left, top: top < 0 ? 0 : top, right: right >= n ? n + 1 : right,
                bottom: bottom >= n ? n + 1 : bottom)
        }
    }

    mutating func flip() {
        let width = Double(rows[0].count)
        rows = rows.map { $0.reversed() }
        boxes = boxes.map { Box(left: width - $0.right, top: $0.top, right: width - $0.left, bottom: $0.bottom) }
    }

    /// Runs a case on one channel.
    static func run(
        _ values: [[Double]], _ boxes: [Box], _ c: GeometryCase, bilinear: Bool, padding: Double
    ) -> SlowGeometry {
        var slow = SlowGeometry(values, boxes, scale: c.scale, bilinear: bilinear)
        if c.crop > 0 { slow.cut(c.crop, c.u, c.v, padding: padding) }
        if c.isFlipped { slow.flip() }
        return slow
    }
}

@Suite struct GeometryTests {
    @Test(arguments: GeometryCase.all)
    func imagesMoveAsTheirSlowTwin(_ c: GeometryCase) {
        let image = picture(width: c.width, height: c.height)
        let moved = c.geometry.apply(to: image)
        for (channel, mean) in [(0, 123.0), (1, 117), (2, 104)] {
            let values = (0..<c.height).map { i in
                (0..<c.width).map { j in Double(image.pixels[(i * c.width + j) * 3 + channel]) }
            }
            let expected = SlowGeometry.run(values, [], c, bilinear: true, padding: mean).rows
            #expect(moved.height == expected.count && moved.width == expected[0].count)
            for (pixel, value) in expected.joined().enumerated() {
                let found = Double(moved.pixels[pixel * 3 + channel])
                #expect(found <= value + 1e-3 && found > value - 1 - 1e-3, "pixel \(pixel): \(found) for \(value)")
            }
        }
    }

    @Test(arguments: GeometryCase.all)
    func mapsMoveAsTheirSlowTwin(_ c: GeometryCase) {
        let map = labelMap(width: c.width, height: c.height, labels: 200)
        let values = (0..<c.height).map { i in (0..<c.width).map { j in Double(map.pixels[i * c.width + j]) } }
        let expected = SlowGeometry.run(values, [], c, bilinear: false, padding: 255).rows
        let moved = c.geometry.apply(to: map, padding: 255)
        let isSame = zip(moved.pixels, expected.joined()).allSatisfy { Double($0) == $1 }
        #expect(isSame)
        #expect(moved.height == expected.count && moved.width == expected[0].count)
    }

    @Test(arguments: GeometryCase.all)
    func boxesMoveAsTheirSlowTwin(_ c: GeometryCase) {
        let (w, h) = (Double(c.width), Double(c.height))
        let boxes = [
            box(0, 0, w, h), box(0.25, 0.5, 0.75, 0.875), box(w / 2, h / 3, w, h), box(0, h / 2, w / 4, h, of: 3),
        ]
        let expected = SlowGeometry.run(
            [[Double]](repeating: [Double](repeating: 0, count: c.width), count: c.height),
            boxes.map(\.box), c, bilinear: false, padding: 0
        ).boxes
        let moved = c.geometry.apply(to: boxes).map(\.box)
        #expect(moved.count == expected.count)
        for (found, wanted) in zip(moved, expected) {
            #expect(abs(found.left - wanted.left) < 1e-9 && abs(found.right - wanted.right) < 1e-9)
            #expect(abs(found.top - wanted.top) < 1e-9 && abs(found.bottom - wanted.bottom) < 1e-9)
        }
    }

    @Test(arguments: [(5, 0.5, 2), (7, 0.5, 4), (1, 0.5, 1), (3, 1.5, 4), (321, 1, 321), (500, 0.501, 250)])
    func sizesAreRoundedHalfToEven(extent: Int, scale: Double, expected: Int) {
        let geometry = Geometry(width: extent, height: extent, scale: scale)
        #expect(geometry.scaledWidth == expected)
        #expect(geometry.width == expected)
    }

    /// An image one pixel too small is padded by one on both sides, and the last column is never cut.
    @Test func anOddPaddingGoesToTheLeft() {
        var geometry = Geometry(width: 2, height: 3)
        geometry.cut(side: 3, at: 0.999, 0.999)
        let map = LabelMap(width: 2, height: 3, pixels: [1, 2, 3, 4, 5, 6])
        #expect(geometry.apply(to: map, padding: 9).pixels == [9, 1, 2, 9, 3, 4, 9, 5, 6])
        #expect(geometry.apply(to: [box(0, 0, 1, 3)]) == [box(1, 0, 2, 4)])
    }

    @Test func flatColorsStayAsTheyAre() {
        for level in 0...255 {
            let image = RGBImage(width: 3, height: 2, pixels: [UInt8](repeating: UInt8(level), count: 18))
            let moved = Geometry(width: 3, height: 2, scale: 1.37).apply(to: image)
            #expect(moved.pixels.allSatisfy { $0 == level })
        }
    }

    @Test func bytesAreTruncatedNotRounded() {
        let image = RGBImage(width: 2, height: 1, pixels: [0, 10, 255, 3, 13, 0])
        // Source columns 0, 0.25, 0.75 and 1; both rows alike.
        let row: [UInt8] = [0, 10, 255, 0, 10, 191, 2, 12, 63, 3, 13, 0]
        #expect(Geometry(width: 2, height: 1, scale: 2).apply(to: image).pixels == row + row)
    }

    @Test func boxesAtTheEdgeOfTheCropEndBeyondIt() {
        var geometry = Geometry(width: 8, height: 8)
        geometry.cut(side: 4, at: 0.5, 0.5)
        #expect(geometry.x == 2)
        let boxes = [box(0, 0, 2, 8), box(2, 2, 6, 6), box(0, 3, 5.5, 5.75, of: 2), box(6, 0, 8, 8)]
        #expect(geometry.apply(to: boxes) == [box(0, 0, 5, 5), box(0, 1, 3.5, 3.75, of: 2)])
        geometry.isFlipped = true
        #expect(geometry.apply(to: boxes) == [box(-1, 0, 4, 5), box(0.5, 1, 4, 3.75, of: 2)])
    }

    @Test func wholeImagesKeepTheirBoxes() {
        var geometry = Geometry(width: 8, height: 6)
        #expect(geometry.apply(to: [box(0, 0, 8, 6)]) == [box(0, 0, 8, 6)])
        geometry.isFlipped = true
        #expect(geometry.apply(to: [box(1, 0, 8, 6)]) == [box(0, 0, 7, 6)])
    }
}
