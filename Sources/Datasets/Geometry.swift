package import Annotations

/// A movement of pixels: the image is scaled, a window is cut from it, and the window may be mirrored.
///
/// Where the window reaches beyond the scaled image, there is padding.
package struct Geometry: Equatable, Sendable {
    package let scale: Double
    /// Size of the scaled image.
    package let scaledWidth: Int
    package let scaledHeight: Int
    /// The window's left top corner in the scaled image; negative in the padding.
    package private(set) var x = 0
    package private(set) var y = 0
    /// Size of the window.
    package private(set) var width: Int
    package private(set) var height: Int
    /// Whether left and right change places in the window.
    package var isFlipped = false
    private var isCut = false

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

    /// Where the boxes are in the window; those wholly outside are gone.
    ///
    /// A left or top edge beyond the window moves to 0; a right or bottom edge at or beyond the window's moves to one
    /// pixel beyond it, as the method's authors have it.
    package func apply(to boxes: [LabelledBox]) -> [LabelledBox] {
        boxes.compactMap { labelled in
            guard
                var (left, right) = range(labelled.box.left, labelled.box.right, from: x, extent: width),
                let (top, bottom) = range(labelled.box.top, labelled.box.bottom, from: y, extent: height)
            else { return nil }
            if isFlipped { (left, right) = (Double(width) - right, Double(width) - left) }
            var moved = labelled
            moved.box = Box(left: left, top: top, right: right, bottom: bottom)
            return moved
        }
    }

    /// A box's extent along one axis in the window, or `nil` if it is wholly outside.
    private func range(_ low: Double, _ high: Double, from start: Int, extent: Int) -> (Double, Double)? {
        let (low, high, extent) = (low * scale - Double(start), high * scale - Double(start), Double(extent))
        guard isCut else { return (low, high) }
        guard low < extent && high > 0 else { return nil }
        return (max(low, 0), high >= extent ? extent + 1 : high)
    }
}
