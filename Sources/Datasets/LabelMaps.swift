package import Annotations
package import FileAccess
package import ImageFiles

extension LabelMap {
    /// Reads a map that must be of the given size and have no label but 0..<`classCount` and 255.
    ///
    /// - Throws: `InputError` naming the file and what is wrong with it.
    init(contentsOf path: String, classCount: Int, size: (width: Int, height: Int)) throws {
        try self.init(contentsOf: path)
        try check(classCount: classCount, size: size, file: path)
    }

    /// Makes sure that the map belongs to an image of the given size, and has no label but 0..<`classCount` and 255.
    ///
    /// - Throws: `InputError` naming `file` and the first pixel that is wrong.
    package func check(classCount: Int, size: (width: Int, height: Int), file: String) throws {
        guard (width, height) == size else {
            throw InputError(
                "\(width)x\(height) pixels, but its image has \(size.width)x\(size.height)", file: file,
                remedy: "bring the map that belongs to this image")
        }
        guard let wrong = pixels.firstIndex(where: { $0 >= classCount && $0 != 255 }) else { return }
        throw InputError(
            "label \(pixels[wrong]) at row \(wrong / width), column \(wrong % width)", file: file,
            remedy: "labels must be 0 to \(classCount - 1), or 255 for ignored pixels")
    }
}

extension LabelMap {
    /// Whether the map has the labels 0 and 255 and no other, as masks of one thing have that tools draw in white.
    package var looksBinary: Bool {
        let labels = Set(pixels)
        return labels == [0, 255]
    }
}

extension InputError {
    /// Says that a map of classes looks like a binary mask.
    package static func binaryMask(_ file: String) -> InputError {
        InputError(
            "only 0 and 255: this looks like a binary mask, but 255 stands for ignored pixels", file: file,
            remedy: "write the classes' numbers, such as 1 for 255")
    }
}

/// The simplest labels boxes give, a baseline: every box filled with its class, large ones first, so that small ones
/// stay on top; of equals the later one does.
package func filledBoxes(_ boxes: [LabelledBox], width: Int, height: Int) -> LabelMap {
    var map = LabelMap(width: width, height: height, pixels: [UInt8](repeating: 0, count: width * height))
    let areas = boxes.map { ($0.box.right - $0.box.left) * ($0.box.bottom - $0.box.top) }
    for index in boxes.indices.sorted(by: { (areas[$0], $1) > (areas[$1], $0) }) {
        let (columns, rows) = boxes[index].box.pixels(width: width, height: height)
        for row in rows {
            for column in columns { map.pixels[row * width + column] = UInt8(boxes[index].classIndex) }
        }
    }
    return map
}
