import FileAccess
package import ImageFiles

extension LabelMap {
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
