import BanaKit

/// Writes the labels of a photo, a picture to look at, and returns the area of each object's mask.
func labelPhoto(_ photo: String, classifier: String, to folder: String) throws -> [Int] {
    let labeler = try BoxLabeler(contentsOf: classifier)
    let image = try Image(contentsOf: photo)
    let boxes = [
        Box("dog", left: 10, top: 12, right: 60, bottom: 64),
        Box("person", left: 70, top: 30, right: 110, bottom: 80),
    ]
    let labels = try labeler.label(image, boxes: boxes)
    try labels.crf.write(to: folder + "/labels.png")
    try labels.crf.writeOverlay(on: image, to: folder + "/look.png")
    for (box, mask) in zip(boxes, labels.masks) {
        print("\(box.label): \(mask.area) pixels")
    }
    return labels.masks.map(\.area)
}

/// Writes the classes of a photo's pixels.
func segmentPhoto(_ photo: String, model: String, to file: String) throws {
    let segmenter = try ImageSegmenter(contentsOf: model)
    try segmenter.segment(Image(contentsOf: photo)).write(to: file)
}
