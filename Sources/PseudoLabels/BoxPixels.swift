package import Annotations

/// The pixels of a box as labelling takes them.
///
/// Coordinates make a round trip through the box's normalised form in single precision before they are truncated, which
/// can cost a pixel: 78 becomes 77 in an image 152 wide.
package struct BoxPixels: Equatable, Sendable {
    package let columns: Range<Int>
    package let rows: Range<Int>

    /// The pixels of `box` in an image of the given size.
    package init(_ box: Box, width: Int, height: Int) {
        columns = BoxPixels.range(box.left, box.right, extent: width)
        rows = BoxPixels.range(box.top, box.bottom, extent: height)
    }

    /// Calls `body` with the number of every pixel.
    func forEach(width: Int, _ body: (_ pixel: Int) -> Void) {
        for row in rows {
            for column in columns { body(row * width + column) }
        }
    }

    private static func range(_ start: Double, _ end: Double, extent: Int) -> Range<Int> {
        let half = Float(extent - 1) / 2
        func position(_ coordinate: Double) -> Int {
            let x = Float(coordinate)
            let position = half > 0 ? (x / half - 1) * half + half : x
            return Int(min(max(position, 0), Float(extent)))
        }
        let first = position(start)
        return first..<max(first, position(end))
    }
}
