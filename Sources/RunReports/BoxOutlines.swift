package import Annotations
package import ImageFiles

extension RGBImage {
    /// The picture with boxes in the colours of their classes, seamed in white.
    ///
    /// - Parameter factor: how many times as large the picture is as the one that the boxes belong to.
    package func outlining(_ boxes: [LabelledBox], scaledBy factor: Double = 1) -> RGBImage {
        var copy = self
        for box in boxes {
            let (left, top) = (box.box.left * factor, box.box.top * factor)
            let (right, bottom) = (box.box.right * factor, box.box.bottom * factor)
            copy.drawOutline(
                left: left - 1, top: top - 1, right: right + 1, bottom: bottom + 1, color: (255, 255, 255), thickness: 5
            )
            copy.drawOutline(
                left: left, top: top, right: right, bottom: bottom, color: vocPalette[box.classIndex], thickness: 3)
        }
        return copy
    }
}
