package import FileAccess

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

extension Box: CustomStringConvertible {
    /// `(104, 78, 375.5, 183)`: left, top, right, bottom.
    package var description: String {
        let numbers = [left, top, right, bottom].map { "\($0)" }
        return "(" + numbers.map { $0.hasSuffix(".0") ? String($0.dropLast(2)) : $0 }.joined(separator: ", ") + ")"
    }
}

// MARK: - Boxes in an image

extension Box {
    /// Why the box cannot be used in an image of this size, or `nil` if it can.
    ///
    /// A box may reach up to one pixel beyond the image, as tools that round write it; `clipped` cuts that off.
    package func problem(width: Int, height: Int) -> InputError? {
        guard right > left && bottom > top else {
            return InputError("empty box \(self)", remedy: "xmax must exceed xmin, and ymax ymin")
        }
        let inside = clipped(width: width, height: height)
        let overhang = [inside.left - left, inside.top - top, right - inside.right, bottom - inside.bottom]
        guard overhang.allSatisfy({ $0 <= 1 }) && inside.right > inside.left && inside.bottom > inside.top else {
            return InputError(
                "box \(self) reaches outside the image of \(width)x\(height) pixels", remedy: "correct its coordinates")
        }
        return nil
    }

    /// The part of the box that lies in an image of this size.
    package func clipped(width: Int, height: Int) -> Box {
        Box(
            left: max(left, 0), top: max(top, 0), right: min(right, Double(width)), bottom: min(bottom, Double(height)))
    }
}

/// Says that all boxes of an image lie within its first pixel, as coordinates from 0 to 1 do; `nil` if they do not.
package func normalizedProblem(_ boxes: [Box], width: Int, height: Int) -> InputError? {
    guard let first = boxes.first, width > 2, height > 2 else { return nil }
    let sides = boxes.flatMap { [$0.left, $0.top, $0.right, $0.bottom] }
    guard sides.allSatisfy({ (0...1).contains($0) }), !sides.allSatisfy({ $0 == 0 || $0 == 1 }) else { return nil }
    return InputError(
        "box \(first) lies within one pixel: its coordinates look normalised, from 0 to 1",
        remedy: "multiply them by the image's width and height")
}

extension Box {
    /// The pixels a box covers in an image: coordinates truncated to integers and clipped, right and bottom exclusive.
    package func pixels(width: Int, height: Int) -> (columns: Range<Int>, rows: Range<Int>) {
        func range(_ low: Double, _ high: Double, within extent: Int) -> Range<Int> {
            let start = Int(min(max(low, 0), Double(extent)))
            return start..<max(start, Int(min(max(high, 0), Double(extent))))
        }
        return (range(left, right, within: width), range(top, bottom, within: height))
    }
}

/// The mask M of background-aware pooling: 1 outside every box, 0 inside; `height * width` bytes by rows.
package func backgroundMask(_ boxes: [LabelledBox], width: Int, height: Int) -> [UInt8] {
    var mask = [UInt8](repeating: 1, count: width * height)
    for labelled in boxes {
        let (columns, rows) = labelled.box.pixels(width: width, height: height)
        for row in rows {
            for column in columns { mask[row * width + column] = 0 }
        }
    }
    return mask
}
