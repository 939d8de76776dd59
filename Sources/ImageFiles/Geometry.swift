/// A geometric transform of an image: it is scaled, a window is cut from it, and the window may be mirrored.
///
/// Where the window reaches beyond the scaled image, there is padding.
package struct Geometry: Equatable, Sendable {
    package let scale: Double
    /// Size of the scaled image in pixels.
    package let scaledWidth: Int
    package let scaledHeight: Int
    /// The window's left top corner in the scaled image, in pixels; negative in the padding.
    package private(set) var x = 0
    package private(set) var y = 0
    /// Size of the window in pixels.
    package private(set) var width: Int
    package private(set) var height: Int
    /// Whether left and right change places in the window.
    package var isFlipped = false
    /// Whether `cut` was called; else the window is the whole scaled image.
    package private(set) var isCut = false

    /// Scales an image of the given size; the new size is rounded, half to even, and is at least one pixel.
    package init(width: Int, height: Int, scale: Double = 1) {
        self.scale = scale
        scaledWidth = max(1, Int((Double(width) * scale).rounded(.toNearestOrEven)))
        scaledHeight = max(1, Int((Double(height) * scale).rounded(.toNearestOrEven)))
        (self.width, self.height) = (scaledWidth, scaledHeight)
    }

    /// Cuts a square window at a place given by two numbers in [0, 1).
    ///
    /// A scaled image that is smaller than the window is first padded on both sides, by half of what it lacks, rounded
    /// up.
    package mutating func cut(side: Int, at u: Double, _ v: Double) {
        func start(_ extent: Int, _ u: Double) -> Int {
            let padding = max(0, (side - extent + 1) / 2)
            return Int(u * Double(extent + 2 * padding - side)) - padding
        }
        (x, y) = (start(scaledWidth, u), start(scaledHeight, v))
        (width, height, isCut) = (side, side, true)
    }
}
