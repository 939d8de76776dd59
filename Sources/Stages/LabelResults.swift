import Annotations
import Communication
import Configuration
import Datasets
import FileAccess
import Foundation
import ImageFiles
import Logging
import PseudoLabels
import RunReports
import Runs

extension LabelRun {
    /// Writes the masks of a COCO set's boxes as results files, in the order of the images' numbers, then the objects'.
    ///
    /// Each rank does a part, the first one puts the parts together. Crowds are no instances; images without labels are
    /// left out.
    ///
    /// Files that are there are of the labels that are there: they are forgotten before one is made.
    func writeInstances() throws {
        guard let coco = dataset as? COCODataset else { return }
        guard isWhole else {
            session.logger.notice("instances.json is written when all shards are done")
            return
        }
        let images = coco.instances.images
        let order = images.indices.sorted { images[$0].id < images[$1].id }
        let communicator = session.communicator
        for output in folder.labels where !isWholeResults(folder.instances(output)) {
            let file = folder.instances(output)
            // Names of this job's own: another of an array may be at the same file.
            let part = temporaryName(beside: file)
            let parts = try communicator.allGather(part)
            try writePart(order[communicator.slice(of: order.count)], of: coco, output, to: part)
            try communicator.barrier()
            if communicator.isRoot { try joinParts(parts, to: file) }
        }
    }

    /// Whether a results file is there with its end: not one that was torn by a loss of power.
    private func isWholeResults(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? file.close() }
        guard let length = try? file.seekToEnd(), length >= 2, (try? file.seek(toOffset: length - 2)) != nil else {
            return false
        }
        return (try? file.readToEnd()) == Data("]\n".utf8)
    }

    /// One result a line.
    private func writePart(
        _ images: ArraySlice<Int>, of coco: COCODataset, _ output: LabelOutput, to path: String
    ) throws {
        try writeAtomically(to: path) { file in
            for index in images {
                let map = folder.file(output, coco.id(at: index))
                guard exists(map) else { continue }
                let labels = try LabelMap(contentsOf: map)
                let objects = try coco.objects(at: index).objects.filter { !$0.object.isCrowd }
                for (object, box) in objects.sorted(by: { $0.object.id < $1.object.id }) {
                    let mask = instanceMask(box, in: labels.pixels, width: labels.width, height: labels.height)
                    let result = InstanceResult(image: object.image, category: object.category, score: 1, mask: mask)
                    try file.append(result.json + "\n")
                }
            }
        }
    }

    /// A JSON array of all parts' lines.
    private func joinParts(_ parts: [String], to path: String) throws {
        try writeAtomically(to: path) { file in
            try file.appendJSONArray { array in
                for part in parts {
                    for line in try readFile(part).split(separator: UInt8(ascii: "\n")) {
                        try array.append(String(decoding: line, as: UTF8.self))
                    }
                }
            }
            try file.append("\n")
        }
        for part in parts { try removeItem(part) }
    }
}

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
                .writePNG(to: join(folder.previews, sample.id + ".png"))
        }
    }
}
