package import FileAccess

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

extension Box: CustomStringConvertible {
    /// `(104, 78, 375.5, 183)`: left, top, right, bottom.
    package var description: String {
        let numbers = [left, top, right, bottom].map { "\($0)" }
        return "(" + numbers.map { $0.hasSuffix(".0") ? String($0.dropLast(2)) : $0 }.joined(separator: ", ") + ")"
    }
}
