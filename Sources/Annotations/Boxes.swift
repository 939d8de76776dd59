/// A rectangle in continuous image coordinates, as the annotation gives it.
package struct Box: Equatable, Sendable {
    package var left: Double
    package var top: Double
    package var right: Double
    package var bottom: Double

    /// The rectangle between two corners.
    package init(left: Double, top: Double, right: Double, bottom: Double) {
        (self.left, self.top, self.right, self.bottom) = (left, top, right, bottom)
    }
}

/// A box and the class of what is in it.
package struct LabelledBox: Equatable, Sendable {
    /// 1 or more: 0 is the background.
    package var classIndex: Int
    package var box: Box
    /// Marked hard to recognise by the annotators.
    package var isDifficult: Bool

    /// A box around an object of class `classIndex`.
    package init(classIndex: Int, box: Box, isDifficult: Bool = false) {
        (self.classIndex, self.box, self.isDifficult) = (classIndex, box, isDifficult)
    }
}
