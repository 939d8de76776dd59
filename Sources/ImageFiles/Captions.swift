extension RGBImage {
    /// Width and height in pixels of a line of text at a magnification.
    package static func textSize(_ text: String, magnification: Int = 1) -> (width: Int, height: Int) {
        (max(0, text.count * (Font.glyphWidth + 1) - 1) * magnification, Font.glyphHeight * magnification)
    }

    /// Writes a line of text whose top left corner is (`x`, `y`), each pixel of the font a square of `magnification`.
    ///
    /// Characters outside ASCII become boxes; what lies outside the picture is cut off.
    package mutating func drawText(_ text: String, x: Int, y: Int, color: RGBColor, magnification: Int = 1) {
        for (index, character) in text.enumerated() {
            let left = x + index * (Font.glyphWidth + 1) * magnification
            for (place, isSet) in Font.glyph(character).enumerated() where isSet {
                let column = left + place % Font.glyphWidth * magnification
                let row = y + place / Font.glyphWidth * magnification
                fill(x: column..<(column + magnification), y: row..<(row + magnification), with: color)
            }
        }
    }

    /// Writes a line of text on a plate of colour, in black or white, whichever is easier to read on it.
    package mutating func drawPlate(_ text: String, x: Int, y: Int, color: RGBColor, magnification: Int = 1) {
        let size = RGBImage.textSize(text, magnification: magnification)
        let margin = 2 * magnification
        fill(x: x..<(x + size.width + 2 * margin), y: y..<(y + size.height + 2 * margin), with: color)
        // Luma (ITU-R BT.601), in thousandths.
        let luma = 299 * Int(color.red) + 587 * Int(color.green) + 114 * Int(color.blue)
        let ink: RGBColor = luma > 128_000 ? (0, 0, 0) : (255, 255, 255)
        drawText(text, x: x + margin, y: y + margin, color: ink, magnification: magnification)
    }
}
