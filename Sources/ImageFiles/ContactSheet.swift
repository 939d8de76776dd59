/// A picture and the line below it.
package struct CaptionedImage: Sendable {
    package let image: RGBImage
    package let caption: String

    package init(_ image: RGBImage, caption: String) {
        (self.image, self.caption) = (image, caption)
    }
}

/// Pictures side by side on white, row after row, each with its caption below.
///
/// - Parameters:
///   - images: Of any sizes; the larger ones are scaled down to fit a square of `side` pixels.
///   - columns: Pictures in a row.
///   - side: The largest width and height of a picture on the sheet.
package func contactSheet(_ images: [CaptionedImage], columns: Int, side: Int = 240) -> RGBImage {
    precondition(columns > 0 && side > 0, "\(columns) columns of pictures of \(side) pixels")
    let tiles = images.map { CaptionedImage($0.image.fitted(into: side), caption: $0.caption) }
    let gap = 8
    let captionHeight = 2 * gap + Font.glyphHeight
    let cellWidth = (tiles.map(\.image.width).max() ?? 0) + gap
    let rows = stride(from: 0, to: tiles.count, by: columns).map { tiles[$0..<min($0 + columns, tiles.count)] }
    let heights = rows.map { ($0.map(\.image.height).max() ?? 0) + captionHeight }

    var sheet = RGBImage(
        width: gap + min(columns, tiles.count) * cellWidth, height: gap + heights.reduce(0, +), color: (255, 255, 255))
    var top = gap
    for (row, height) in zip(rows, heights) {
        for (column, tile) in row.enumerated() {
            let left = gap + column * cellWidth
            sheet.paste(tile.image, x: left, y: top)
            let caption = shortened(tile.caption, toFit: cellWidth - gap)
            sheet.drawText(caption, x: left, y: top + tile.image.height + gap, color: (0, 0, 0))
        }
        top += height
    }
    return sheet
}

extension RGBImage {
    /// The picture, scaled down if a side is longer than `side` pixels.
    fileprivate func fitted(into side: Int) -> RGBImage {
        let longest = max(width, height)
        guard longest > side else { return self }
        return Geometry(width: width, height: height, scale: Double(side) / Double(longest)).apply(to: self)
    }
}

/// The text, its end replaced by two dots if it is wider than `width` pixels.
private func shortened(_ text: String, toFit width: Int) -> String {
    if RGBImage.textSize(text).width <= width { return text }
    return text.prefix(max(0, width / (Font.glyphWidth + 1) - 2)) + ".."
}
