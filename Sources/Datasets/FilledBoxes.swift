package import Annotations
package import ImageFiles

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
