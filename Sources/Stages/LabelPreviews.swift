internal import Annotations
internal import Communication
internal import Datasets
internal import FileAccess
internal import ImageFiles

extension LabelRun {
    /// Draws `previews/ID.png` for the first images: the image with its boxes, then under the labels of each kind.
    func drawPreviews(_ count: Int) throws {
        guard session.communicator.isRoot else { return }
        for index in 0..<min(count, dataset.count) where folder.isComplete(dataset.id(at: index)) {
            let sample = try dataset.load(at: index, .boxes)
            var pictures = [sample.image]
            for output in folder.labels {
                pictures.append(sample.image.overlaid(with: try LabelMap(contentsOf: folder.file(output, sample.id))))
            }
            for picture in pictures.indices { pictures[picture].draw(sample.boxes) }
            try sideBySide(pictures).writePNG(to: join(folder.path, "previews/\(sample.id).png"))
        }
    }
}

extension RGBImage {
    /// Draws boxes in their classes' colours.
    mutating func draw(_ boxes: [LabelledBox]) {
        for labelled in boxes {
            let box = labelled.box
            drawOutline(
                left: box.left, top: box.top, right: box.right, bottom: box.bottom,
                color: vocPalette[labelled.classIndex])
        }
    }
}

/// Pictures of one size in a row, with a little space between them.
private func sideBySide(_ pictures: [RGBImage]) -> RGBImage {
    let (width, height, gap) = (pictures[0].width, pictures[0].height, 4)
    var row = RGBImage(
        width: pictures.count * (width + gap) - gap, height: height, color: (red: 255, green: 255, blue: 255))
    for (index, picture) in pictures.enumerated() { row.paste(picture, x: index * (width + gap), y: 0) }
    return row
}
