package import Annotations
import Configuration
import Datasets
import FileAccess
package import ImageFiles
import Reports
import Runs

/// Some images of a split with their boxes, what their labels were made of, pseudo labels and truth.
func labelPictures(
    _ run: NamedRun, _ folder: LabelFolder, _ dataset: any Dataset, _ split: String
) throws -> PictureGrid {
    let scores = folder.outputs.filter { !$0.holdsClasses }
    let labels = folder.labels.filter { $0 != .agreement }
    return try pictureGrid(
        "Pseudo labels", run, split, dataset, columns: ["boxes"] + (scores + labels).map(\.rawValue),
        isShown: folder.isComplete
    ) { index in
        let sample = try dataset.load(at: index, .boxes)
        return Shown(
            sample: sample, scores: try scores.map { try greys(folder.file($0, sample.id), of: sample.image) },
            labels: try labels.map { try dataset.labelMap(folder.file($0, sample.id), of: sample.image) })
    }
}

/// Some images of a split with a segmenter's predictions and the truth.
func predictionPictures(_ run: NamedRun, _ dataset: any Dataset, _ split: String) throws -> PictureGrid {
    let folders = ["predictions", "predictions_crf"].map { join(run.run.folder.path, $0) }
    let files = { (id: String) in folders.map { join($0, id + ".png") } }
    return try pictureGrid(
        "Predictions", run, split, dataset, columns: ["image", "prediction", "with CRF"],
        isShown: { files($0).allSatisfy(exists) }
    ) { index in
        let sample = try dataset.load(at: index, [])
        return Shown(
            sample: sample, scores: [],
            labels: try files(sample.id).map { try dataset.labelMap($0, of: sample.image) })
    }
}

/// A map in grey that belongs to `image`.
private func greys(_ path: String, of image: RGBImage) throws -> RGBImage {
    let map = try RGBImage(contentsOf: path)
    guard (map.width, map.height) == (image.width, image.height) else {
        throw InputError(
            "is \(map.width)x\(map.height), its image \(image.width)x\(image.height)", file: path,
            remedy: "make the labels anew")
    }
    return map
}

/// What a row of pictures shows.
private struct Shown {
    let sample: Sample
    /// Maps in grey.
    let scores: [RGBImage]
    var labels: [LabelMap]
}

/// Images at equal distances in a split's list, so that nobody chose them.
///
/// - Parameters:
///   - columns: the image's own, then one for each of the scores and labels; a last one is added for the truth.
///   - isShown: whether an image has all its maps.
///   - load: an image and its maps.
private func pictureGrid(
    _ title: String, _ run: NamedRun, _ split: String, _ dataset: any Dataset, columns: [String],
    isShown: (String) -> Bool, load: (Int) throws -> Shown
) throws -> PictureGrid {
    let candidates = (0..<dataset.count).filter { isShown(dataset.id(at: $0)) }
    let count = min(pictureRows, candidates.count)
    var labels: Set<UInt8> = []
    var hasTruth = false
    let rows = try (0..<count).map { row in
        let index = candidates[row * candidates.count / count]
        var shown = try load(index)
        if dataset.hasTruth(at: index) {
            hasTruth = true
            shown.labels.append(try dataset.truth(at: index))
        }
        for map in shown.labels { labels.formUnion(map.pixels) }
        return PictureGrid.Row(shown.sample.id, views(of: shown))
    }
    return PictureGrid(
        title, run: run.name,
        note: "\(count) of \(candidates.count) images of \(split), at equal distances in the list",
        columns: columns + (hasTruth ? ["truth"] : []), rows: rows, keys: keys(of: labels, dataset.classes.names))
}

private let pictureRows = 6

/// The image with its boxes, the scores, and the image under each of the labels, all brought to a size a page can show.
private func views(of shown: Shown) -> [RGBImage] {
    let sample = shown.sample
    let factor = pictureSide / Double(max(sample.image.width, sample.image.height))
    let scaling = Geometry(width: sample.image.width, height: sample.image.height, scale: factor)
    let image = scaling.apply(to: sample.image)
    let pale = image.pale()
    return [image.outlining(sample.boxes, scaledBy: factor)] + shown.scores.map { scaling.apply(to: $0) }
        + shown.labels.map { pale.overlaid(with: scaling.apply(to: $0, padding: 255), opacity: 0.75) }
}

extension RGBImage {
    /// The picture in light greys, on which colours that mean something stand out.
    fileprivate func pale() -> RGBImage {
        var copy = self
        for pixel in stride(from: 0, to: pixels.count, by: 3) {
            // Luma (ITU-R BT.601), halfway to white.
            let luma = 299 * Int(pixels[pixel]) + 587 * Int(pixels[pixel + 1]) + 114 * Int(pixels[pixel + 2])
            let grey = UInt8((luma / 1000 + 255) / 2)
            for channel in 0..<3 { copy.pixels[pixel + channel] = grey }
        }
        return copy
    }
}

/// The longer side of a picture in pixels.
private let pictureSide = 320.0

/// The names of the labels that are seen, the background left out.
private func keys(of labels: Set<UInt8>, _ names: [String]) -> [PictureGrid.Key] {
    labels.sorted().compactMap { label in
        if label == 0 { return nil }
        return PictureGrid.Key(label == 255 ? "no label" : names[Int(label)], label: label)
    }
}

extension RGBImage {
    /// The picture with boxes in the colours of their classes, seamed in white.
    ///
    /// - Parameter factor: how many times as large the picture is as the one that the boxes belong to.
    package func outlining(_ boxes: [LabelledBox], scaledBy factor: Double = 1) -> RGBImage {
        var copy = self
        for box in boxes {
            let (left, top) = (box.box.left * factor, box.box.top * factor)
            let (right, bottom) = (box.box.right * factor, box.box.bottom * factor)
            copy.drawOutline(
                left: left - 1, top: top - 1, right: right + 1, bottom: bottom + 1, color: (255, 255, 255), thickness: 5
            )
            copy.drawOutline(
                left: left, top: top, right: right, bottom: bottom, color: vocPalette[box.classIndex], thickness: 3)
        }
        return copy
    }
}
