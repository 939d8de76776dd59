package import Annotations

/// An instance's mask: the pixels of a box that a label map gives to the box's class.
///
/// A pixel in several boxes of a class belongs to each of them.
///
/// - Parameter labels: `height * width` classes.
package func instanceMask(_ labelled: LabelledBox, in labels: [UInt8], width: Int, height: Int) -> RunLengths {
    precondition(labels.count == width * height, "\(labels.count) labels for \(width)x\(height)")
    let pixels = BoxPixels(labelled.box, width: width, height: height)
    return labels.withUnsafeBufferPointer { labels in
        RunLengths(width: width, height: height, columns: pixels.columns, rows: pixels.rows) {
            Int(labels[$0]) == labelled.classIndex
        }
    }
}
