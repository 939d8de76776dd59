import ImageFiles
import Testing

@Suite struct ScalingTests {
    @Test(arguments: [(5, 0.5, 2), (7, 0.5, 4), (3, 1.5, 4), (375, 1.0, 375), (500, 0.7345, 367), (1, 0.5, 1)])
    func sizesRoundHalfToEven(size: Int, factor: Double, expected: Int) {
        #expect(scaledSize(size, by: factor) == expected)
    }

    @Test(arguments: [0.5, 0.61, 1.0, 1.27, 1.5, 2.0], [(1, 1), (5, 3), (31, 17), (2, 40)])
    func bilinearIsThatOfTheNaiveTwin(factor: Double, size: (width: Int, height: Int)) {
        let image = noise(width: size.width, height: size.height)
        let scaled = image.scaledValues(by: factor)
        #expect(scaled.width == scaledSize(size.width, by: factor))
        #expect(scaled.height == scaledSize(size.height, by: factor))
        var worst = 0.0
        for y in 0..<scaled.height {
            for x in 0..<scaled.width {
                for channel in 0..<3 {
                    let value = Double(scaled.values[3 * (y * scaled.width + x) + channel])
                    worst = max(worst, abs(value - naive(image, x, y, channel, factor)))
                }
            }
        }
        #expect(worst < 1e-4)
    }

    @Test func aScaleOfOneChangesNothing() {
        let image = noise(width: 23, height: 11)
        #expect(image.scaled(by: 1) == image)
    }

    @Test(arguments: [0.53, 0.9, 1.1, 1.4999])
    func evenAreasKeepTheirValue(factor: Double) {
        for value in UInt8.min...UInt8.max {
            let image = RGBImage(width: 12, height: 9, color: (value, value, value))
            #expect(image.scaled(by: factor).pixels.allSatisfy { $0 == value })
        }
    }

    @Test func bytesAreTruncatedNotRounded() {
        let image = RGBImage(width: 2, height: 1, pixels: [0, 10, 255, 3, 13, 0])
        // Sources 0, 0.25, 0.75 and 1.
        let values: [Float] = [0, 10, 255, 0.75, 10.75, 191.25, 2.25, 12.25, 63.75, 3, 13, 0]
        #expect(image.scaledValues(by: 2).values == values + values)
        #expect(image.scaled(by: 2).pixels.prefix(12) == [0, 10, 255, 0, 10, 191, 2, 12, 63, 3, 13, 0])
    }

    @Test func labelsTakeTheNearest() {
        let map = LabelMap(width: 5, height: 1, pixels: [1, 2, 3, 4, 255])
        #expect(map.scaled(by: 1.5).pixels.prefix(8) == [1, 1, 2, 3, 3, 4, 255, 255])
        #expect(map.scaled(by: 0.5).pixels == [1, 3])
        #expect(map.scaled(by: 1) == map)
    }

    @Test func labelsScaleInBothDirections() {
        let map = LabelMap(width: 2, height: 3, pixels: [1, 2, 3, 4, 5, 6])
        let scaled = map.scaled(by: 1.5)
        #expect((scaled.width, scaled.height) == (3, 4))
        #expect(scaled.pixels == [1, 1, 2, 1, 1, 2, 3, 3, 4, 5, 5, 6])
    }
}

/// The formula itself, in Double.
private func naive(_ image: RGBImage, _ x: Int, _ y: Int, _ channel: Int, _ factor: Double) -> Double {
    func pixel(_ x: Int, _ y: Int) -> Double { Double(image.pixels[3 * (y * image.width + x) + channel]) }
    let sourceX = min(max((Double(x) + 0.5) / factor - 0.5, 0), Double(image.width - 1))
    let sourceY = min(max((Double(y) + 0.5) / factor - 0.5, 0), Double(image.height - 1))
    var value = 0.0
    for row in 0..<image.height {
        for column in 0..<image.width {
            let weight = max(0, 1 - abs(sourceX - Double(column))) * max(0, 1 - abs(sourceY - Double(row)))
            value += weight * pixel(column, row)
        }
    }
    return value
}

private func noise(width: Int, height: Int) -> RGBImage {
    var state: UInt32 = 1
    let pixels = (0..<(width * height * 3)).map { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(state >> 24)
    }
    return RGBImage(width: width, height: height, pixels: pixels)
}
