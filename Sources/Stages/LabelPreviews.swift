import Annotations
import Communication
import Configuration
import Datasets
import FileAccess
import ImageFiles
import RunReports
import Runs

extension LabelRun {
    /// Draws `previews/ID.png` for the first images: the image with its boxes, then under the labels of each kind.
    func drawPreviews(_ count: Int) throws {
        guard session.communicator.isRoot else { return }
        for index in 0..<min(count, dataset.count) where folder.isComplete(dataset.id(at: index)) {
            let sample = try dataset.load(at: index, .boxes)
            let views =
                try [CaptionedImage(sample.image.outlining(sample.boxes), caption: "boxes")]
                + folder.labels.map { output in
                    let labels = try LabelMap(contentsOf: folder.file(output, sample.id))
                    return CaptionedImage(
                        sample.image.overlaid(with: labels).outlining(sample.boxes), caption: output.rawValue)
                }
            let side = max(sample.image.width, sample.image.height)
            try contactSheet(views, columns: views.count, side: side)
                .writePNG(to: join(folder.path, "previews/\(sample.id).png"))
        }
    }
}
