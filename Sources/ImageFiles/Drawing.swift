/// A colour of 8 bits a channel.
package typealias RGBColor = (red: UInt8, green: UInt8, blue: UInt8)

extension RGBImage {
    /// A picture of one colour.
    package init(width: Int, height: Int, color: RGBColor) {
        self.init(width: width, height: height, pixels: [UInt8](repeating: 0, count: width * height * 3))
        fill(x: 0..<width, y: 0..<height, with: color)
    }

    /// Paints a rectangle; what lies outside the picture is cut off.
    package mutating func fill(x: Range<Int>, y: Range<Int>, with color: RGBColor) {
        let columns = x.clamped(to: 0..<width)
        for row in y.clamped(to: 0..<height) {
            for column in columns { setPixel(row * width + column, to: color) }
        }
    }

    /// Copies `image` so that its top left pixel comes to (`x`, `y`); what lies outside the picture is cut off.
    package mutating func paste(_ image: RGBImage, x: Int, y: Int) {
        let columns = (x..<(x + image.width)).clamped(to: 0..<width)
        for row in (y..<(y + image.height)).clamped(to: 0..<height) {
            let source = 3 * ((row - y) * image.width + columns.lowerBound - x)
            let target = 3 * (row * width + columns.lowerBound)
            pixels.replaceSubrange(
                target..<(target + 3 * columns.count), with: image.pixels[source..<(source + 3 * columns.count)])
        }
    }

    /// The picture under a film of the labels' colours; the background stays clear.
    ///
    /// - Parameters:
    ///   - labels: A map of the picture's size.
    ///   - opacity: 0 shows the picture only, 1 the colours only.
    package func overlaid(with labels: LabelMap, opacity: Double = 0.5) -> RGBImage {
        precondition(
            labels.width == width && labels.height == height,
            "labels of \(labels.width)x\(labels.height) on a picture of \(width)x\(height)")
        let film = labels.colored().pixels
        var result = self
        for (pixel, label) in labels.pixels.enumerated() where label != 0 {
            for i in (3 * pixel)..<(3 * pixel + 3) {
                let (own, color) = (Double(pixels[i]), Double(film[i]))
                result.pixels[i] = UInt8((own + opacity * (color - own)).rounded())
            }
        }
        return result
    }

    /// Draws a box's edges, inwards from the pixels it covers (`left`..<`right`, `top`..<`bottom`, truncated).
    package mutating func drawOutline(
        left: Double, top: Double, right: Double, bottom: Double, color: RGBColor, thickness: Int = 2
    ) {
        let columns = pixelRange(left, right, limit: width), rows = pixelRange(top, bottom, limit: height)
        fill(x: columns, y: rows.prefix(thickness), with: color)
        fill(x: columns, y: rows.suffix(thickness), with: color)
        fill(x: columns.prefix(thickness), y: rows, with: color)
        fill(x: columns.suffix(thickness), y: rows, with: color)
    }

    fileprivate mutating func setPixel(_ pixel: Int, to color: RGBColor) {
        (pixels[3 * pixel], pixels[3 * pixel + 1], pixels[3 * pixel + 2]) = color
    }
}

extension RGBImage {
    /// Width and height in pixels of a line of text.
    package static func textSize(_ text: String) -> (width: Int, height: Int) {
        (max(0, text.count * (Font.glyphWidth + 1) - 1), Font.glyphHeight)
    }

    /// Writes a line of text whose top left corner is (`x`, `y`).
    ///
    /// Characters outside ASCII become boxes; what lies outside the picture is cut off.
    package mutating func drawText(_ text: String, x: Int, y: Int, color: RGBColor) {
        for (index, character) in text.enumerated() {
            let left = x + index * (Font.glyphWidth + 1)
            for (place, isSet) in Font.glyph(character).enumerated() where isSet {
                let (column, row) = (left + place % Font.glyphWidth, y + place / Font.glyphWidth)
                fill(x: column..<column + 1, y: row..<row + 1, with: color)
            }
        }
    }
}

extension LabelMap {
    /// The labels in VOC's colours.
    package func colored() -> RGBImage {
        var colors = RGBImage(width: width, height: height, color: vocPalette[0])
        for (pixel, label) in pixels.enumerated() where label != 0 {
            colors.setPixel(pixel, to: vocPalette[Int(label)])
        }
        return colors
    }
}

/// The pixels between two coordinates that may lie anywhere, or be NaN.
private func pixelRange(_ low: Double, _ high: Double, limit: Int) -> Range<Int> {
    let bounds = [low, high].map { $0 > 0 ? Int(min($0, Double(limit))) : 0 }
    return bounds[0]..<max(bounds[0], bounds[1])
}

// MARK: - Colours of labels

/// The colours of PASCAL VOC's label maps, one for each value of a byte: black for the background, cream for 255.
///
/// From the class number's lowest three bits on, each triple of bits gives one bit of red, green and blue, the highest
/// bits of the colours first.
package let vocPalette: [RGBColor] = (0..<256).map { label in
    (vocChannel(label, 0), vocChannel(label, 1), vocChannel(label, 2))
}

/// Bits `channel`, `channel + 3` and `channel + 6` of the label, as bits 7, 6 and 5.
private func vocChannel(_ label: Int, _ channel: Int) -> UInt8 {
    (0..<3).reduce(0) { color, bit in color | UInt8(label >> (3 * bit + channel) & 1) << (7 - bit) }
}
