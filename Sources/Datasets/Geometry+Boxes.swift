package import Annotations
package import ImageFiles

extension Geometry {
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
