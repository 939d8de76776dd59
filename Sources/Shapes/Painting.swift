import ImageFiles

/// Middle of a pixel.
func pixelCenter(_ x: Int, _ y: Int) -> Point {
    Point(Double(x) + 0.5, Double(y) + 0.5)
}

extension Scene {
    /// The scene's picture: surfaces with soft edges, light that changes across it, and the noise of a camera.
    func painted(_ dice: inout Dice) -> RGBImage {
        var canvas: [Color] = []
        for y in 0..<height {
            for x in 0..<width { canvas.append(background.color(at: pixelCenter(x, y))) }
        }
        for thing in things { paint(thing, on: &canvas) }
        var pixels: [UInt8] = []
        for (index, color) in canvas.enumerated() {
            let place = pixelCenter(index % width, index / width) / Point(Double(width), Double(height)) - 0.5
            let lit = color * (1 + (place * light).sum())
            for channel in 0..<3 {
                let value = 255 * (lit[channel] + dice.number(-0.03, 0.03))
                pixels.append(UInt8(min(max(value.rounded(), 0), 255)))
            }
        }
        return RGBImage(width: width, height: height, pixels: pixels)
    }

    /// Covers the canvas where the thing is; it is darker towards its outline.
    private func paint(_ thing: Thing, on canvas: inout [Color]) {
        for y in thing.rows.clamped(to: 0..<height) {
            for x in thing.columns.clamped(to: 0..<width) {
                let point = pixelCenter(x, y)
                let distance = thing.distance(to: point)
                let cover = min(max(0.5 - distance, 0), 1)
                if cover == 0 { continue }
                let shade = 0.7 + 0.3 * min(max(-distance / 3, 0), 1)
                let color = thing.surface.color(at: point - thing.center) * shade
                canvas[y * width + x] += (color - canvas[y * width + x]) * cover
            }
        }
    }
}
