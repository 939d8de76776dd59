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
