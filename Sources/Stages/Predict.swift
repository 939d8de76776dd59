import Annotations
import Communication
package import Configuration
import Datasets
import FileAccess
import Foundation
import ImageFiles
import Logging
package import Runs
import Segmentation

/// What `bana predict` writes of an image.
package enum PredictionForm: String, CaseIterable, Sendable {
    /// `ID.png`: the classes, with VOC's palette.
    case palette
    /// `overlays/ID.png`: the image under the classes' colours.
    case overlay
    /// `predictions.json`: each class's region as an object of an instances file of COCO.
    case coco
}

/// Segments a folder of images with a trained model (`bana predict`).
///
/// An image that cannot be read does not stop the others.
///
/// - Parameters:
///   - settings: those of the model; `model.weights` is its file.
///   - images: a folder, or one image.
///   - usesCRF: whether the dense CRF refines the result.
/// - Throws: `InputError` for a model that does not fit, and in the end if images could not be segmented.
package func predict(
    _ settings: RunConfiguration, images: String, to folder: String, as forms: Set<PredictionForm>, usesCRF: Bool,
    _ session: Session
) throws -> RunEnd {
    let files = try imageFiles(images)
    let prediction = try Prediction(try session.resolved(settings), to: folder, as: forms, usesCRF: usesCRF, session)
    var (failed, records) = (0, [PredictedImage]())
    var warnings = WarningLog(session.logger)
    let end = try session.forEachOwnImage(of: files.count, "segmenting") { index in
        do {
            records += try prediction.predict(files[index], number: index + 1)
            warnings.log(try imageWarnings(files[index]))
        } catch let error as InputError {
            failed += 1
            session.logger.error("\(error)")
        }
    }
    guard end == .finished else { return .stopped }
    if forms.contains(.coco) { try prediction.write(records) }
    let failures = Int(try session.communicator.allReduce([Double(failed)])[0])
    guard failures == 0 else {
        throw InputError("\(failures) images could not be segmented", file: images, remedy: "mend or remove them")
    }
    session.logger.notice("segmented \(files.count) images to \(folder)")
    return .finished
}

/// An image and its regions, as `predictions.json` has them.
private struct PredictedImage: Codable {
    let number: Int
    let file: String
    let size: [Int]
    /// Of each class that occurs, by its number.
    let regions: [Int: [UInt32]]
}

/// A model that is applied to one image after the other.
private struct Prediction {
    private let settings: RunConfiguration
    private let classes: ClassList
    private let folder: String
    private let forms: Set<PredictionForm>
    private let session: Session
    private let segmenter: Segmenter
    /// Keeps other jobs from the folder.
    private let lock: FolderLock?

    init(
        _ settings: RunConfiguration, to folder: String, as forms: Set<PredictionForm>, usesCRF: Bool,
        _ session: Session
    ) throws {
        (self.settings, self.folder, self.forms, self.session) = (settings, folder, forms, session)
        classes = settings.model.classes ?? settings.data.classes
        segmenter = try session.loadSegmenter(
            settings, weights: settings.model.weights ?? "", classes: classes.count, usesCRF: usesCRF)
        lock = try session.lock(folder)
        guard session.communicator.isRoot else { return }
        for path in [folder, join(folder, "overlays")] { try removeUnfinishedFiles(in: path, evenOfOthers: true) }
    }

    /// Segments an image and writes its files; the record is for `predictions.json`.
    func predict(_ path: String, number: Int) throws -> [PredictedImage] {
        let image = try RGBImage(contentsOf: path)
        let input = session.input(image, settings.data.normalize)
        let result = try segmenter.segment(input, pixels: image.pixels)
        let map = LabelMap(width: image.width, height: image.height, pixels: result.refined ?? result.plain)
        let name = fileStem(path) + ".png"
        if forms.contains(.palette) { try map.write(to: join(folder, name)) }
        if forms.contains(.overlay) { try image.overlaid(with: map).writePNG(to: join(folder, "overlays/" + name)) }
        guard forms.contains(.coco) else { return [] }
        return [PredictedImage(map, number: number, file: lastName(of: path))]
    }

    /// Writes `predictions.json` of the images of all ranks.
    func write(_ mine: [PredictedImage]) throws {
        let text = String(decoding: try JSONEncoder().encode(mine), as: UTF8.self)
        let all = try session.communicator.allGather(text).flatMap {
            try JSONDecoder().decode([PredictedImage].self, from: Data($0.utf8))
        }
        guard session.communicator.isRoot else { return }
        try writeInstances(all.sorted { $0.number < $1.number })
    }

    /// An instances file of COCO: images are numbered in the order of their names, classes as the network has them.
    private func writeInstances(_ images: [PredictedImage]) throws {
        let records = images.map {
            COCOInstances.Image(id: $0.number, fileName: $0.file, width: $0.size[1], height: $0.size[0])
        }
        let categories = classes.objects.enumerated().map { COCOInstances.Category(id: $0 + 1, name: $1) }
        let path = join(folder, "predictions.json")
        try writeCOCOInstances(to: path, images: records, categories: categories) { array in
            var id = 0
            for image in images {
                for (category, counts) in image.regions.sorted(by: { $0.key < $1.key }) {
                    let mask = RunLengths(width: image.size[1], height: image.size[0], counts: counts)
                    guard let mask else { continue }
                    id += 1
                    try array.append(InstanceRecord(id: id, image: image.number, category: category, mask: mask))
                }
            }
        }
    }
}

extension PredictedImage {
    init(_ map: LabelMap, number: Int, file: String) {
        (self.number, self.file, size) = (number, file, [map.height, map.width])
        let present = Set(map.pixels).subtracting([0, 255])
        regions = Dictionary(
            uniqueKeysWithValues: present.map { label in
                let region = RunLengths(
                    width: map.width, height: map.height, columns: 0..<map.width, rows: 0..<map.height
                ) { map.pixels[$0] == label }
                return (Int(label), region.counts)
            })
    }
}

/// The images of a folder in the order of their names, or the one image.
private func imageFiles(_ path: String) throws -> [String] {
    guard isDirectory(path) else { return [path] }
    let names = try dataFiles(in: path, imageExtensions)
    guard !names.isEmpty else { throw InputError("no JPEG or PNG image in this folder", file: path) }
    try refuseSharedOutput(names, in: path)
    return names.map { join(path, $0) }
}
