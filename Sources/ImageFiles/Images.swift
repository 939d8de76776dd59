/// An 8-bit colour picture: rows of red, green, blue.
package struct RGBImage: Equatable, Sendable {
    package let width: Int
    package let height: Int
    /// `height * width * 3` bytes.
    package var pixels: [UInt8]

    /// A picture of the given pixels.
    package init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(pixels.count == width * height * 3, "\(pixels.count) bytes for \(width)x\(height) RGB")
        (self.width, self.height, self.pixels) = (width, height, pixels)
    }
}

/// An 8-bit map of labels, one byte a pixel: a class, or 255 for "ignore".
package struct LabelMap: Equatable, Sendable {
    package let width: Int
    package let height: Int
    /// `height * width` bytes.
    package var pixels: [UInt8]

    /// A map of the given labels.
    package init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(pixels.count == width * height, "\(pixels.count) bytes for \(width)x\(height) labels")
        (self.width, self.height, self.pixels) = (width, height, pixels)
    }
}
