package import Annotations

/// An image with its boxes, as labelling sees it.
package struct AnnotatedImage: Sendable {
    package let width: Int
    package let height: Int
    /// `height * width` pixels of red, green, blue.
    package let pixels: [UInt8]
    package let boxes: [LabelledBox]
    /// M: 1 outside every box; `height * width` bytes.
    package let backgroundMask: [UInt8]

    package init(width: Int, height: Int, pixels: [UInt8], boxes: [LabelledBox], backgroundMask: [UInt8]) {
        precondition(pixels.count == 3 * width * height, "\(pixels.count) bytes for \(width)x\(height) RGB")
        precondition(backgroundMask.count == width * height, "\(backgroundMask.count) bytes for \(width)x\(height)")
        (self.width, self.height, self.pixels) = (width, height, pixels)
        (self.boxes, self.backgroundMask) = (boxes, backgroundMask)
    }
}
