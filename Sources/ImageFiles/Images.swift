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

/// A colour picture of real values in 0...255, between two steps that need no bytes.
package struct FloatImage: Equatable, Sendable {
    package let width: Int
    package let height: Int
    /// `height * width * 3` values: rows of red, green, blue.
    package var values: [Float]

    /// A picture of the given values.
    package init(width: Int, height: Int, values: [Float]) {
        precondition(values.count == width * height * 3, "\(values.count) values for \(width)x\(height) RGB")
        (self.width, self.height, self.values) = (width, height, values)
    }

    /// The picture in bytes: every value loses its fraction.
    package func truncated() -> RGBImage {
        let pixels = [UInt8](unsafeUninitializedCapacity: values.count) { pixels, initialized in
            values.withUnsafeBufferPointer { values in
                for i in 0..<values.count { pixels[i] = UInt8(truncatingIfNeeded: Int32(values[i])) }
            }
            initialized = values.count
        }
        return RGBImage(width: width, height: height, pixels: pixels)
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
