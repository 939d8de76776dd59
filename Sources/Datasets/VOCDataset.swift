package import Annotations
package import FileAccess
package import ImageFiles

/// Folders of pseudo labels, `ID.png` in each; a loss that needs but one kind leaves the other out.
package struct LabelFolders: Equatable, Sendable {
    package var crf: String?
    package var retrieval: String?

    /// The folders of Y_crf and Y_ret.
    package init(crf: String? = nil, retrieval: String? = nil) {
        (self.crf, self.retrieval) = (crf, retrieval)
    }
}

/// A split of a data set in the folder layout of PASCAL VOC.
package struct VOCDataset: Dataset {
    package let classes: ClassList
    private let list: ImageList
    private let layout: VOCLayout
    private let labels: LabelFolders

    /// The images that the list `split` names.
    ///
    /// - Throws: `InputError` if there is no such list, or as `ImageList` does.
    package init(root: String, split: String, classes: ClassList, labels: LabelFolders = LabelFolders()) throws {
        layout = VOCLayout(root: root)
        list = try ImageList(contentsOf: layout.list(split))
        (self.classes, self.labels) = (classes, labels)
    }

    package var count: Int { list.ids.count }

    package var remarks: [InputError] { list.remarks }

    package func id(at index: Int) -> String { list.ids[index] }

    package func load(at index: Int, _ contents: SampleContents) throws -> Sample {
        let id = id(at: index)
        let path = layout.image(id)
        var sample = Sample(id: id, image: try advising(remedy(id)) { try RGBImage(contentsOf: path) })
        if try ImageHeader(contentsOf: path).hasExifRotation {
            sample.remarks = [InputError("the rotation in the file's EXIF data is ignored", file: path)]
        }
        if contents.contains(.boxes) {
            sample.boxes = try boxes(id, in: sample.image)
            sample.backgroundMask = try backgroundMask(id, sample.boxes, of: sample.image)
        }
        if contents.contains(.labels) {
            sample.crfLabels = try pseudoLabels(id, in: labels.crf, of: sample.image)
            sample.retrievalLabels = try pseudoLabels(id, in: labels.retrieval, of: sample.image)
        }
        return sample
    }

    package func hasTruth(at index: Int) -> Bool { exists(layout.truth(id(at: index))) }

    package func truth(at index: Int) throws -> LabelMap {
        let path = layout.truth(id(at: index))
        return try advising(remedy(id(at: index))) {
            try labelMap(path, size: imageSize(of: layout.image(id(at: index))))
        }
    }

    package func inspect(at index: Int, _ contents: SampleContents) -> Inspection {
        let id = id(at: index)
        var inspection = Inspection()
        guard let sample = inspection.attempt({ try load(at: index, []) }) else { return inspection }
        inspection.remarks = sample.remarks
        if contents.contains(.boxes) || exists(layout.annotation(id)) {
            inspectBoxes(id, of: sample.image, &inspection)
        }
        if contents.contains(.labels) {
            for folder in [labels.crf, labels.retrieval] {
                inspection.attempt { try pseudoLabels(id, in: folder, of: sample.image) }
            }
        }
        if hasTruth(at: index) { inspection.attempt { try truth(at: index) } }
        return inspection
    }

    private func inspectBoxes(_ id: String, of image: RGBImage, _ inspection: inout Inspection) {
        if let annotation = inspection.attempt({ try VOCAnnotation(contentsOf: layout.annotation(id)) }) {
            inspection.problems += annotation.problems(classes: classes, width: image.width, height: image.height)
        }
        inspection.attempt { try backgroundMask(id, [], of: image) }
    }

    private func boxes(_ id: String, in image: RGBImage) throws -> [LabelledBox] {
        try advising(remedy(id)) {
            try VOCAnnotation(contentsOf: layout.annotation(id))
                .boxes(classes: classes, width: image.width, height: image.height)
        }
    }

    private func remedy(_ id: String) -> String { "bring it, or take \(id) out of the list" }

    /// The mask on disk, if there is one (its 255 is taken for 1), else the one the boxes give.
    private func backgroundMask(_ id: String, _ boxes: [LabelledBox], of image: RGBImage) throws -> LabelMap {
        let (path, width, height) = (layout.backgroundMask(id), image.width, image.height)
        guard exists(path) else {
            let mask = Annotations.backgroundMask(boxes, width: width, height: height)
            return LabelMap(width: width, height: height, pixels: mask)
        }
        var mask = try LabelMap(contentsOf: path)
        try mask.check(classCount: 2, size: (width, height), file: path)
        for index in mask.pixels.indices where mask.pixels[index] == 255 { mask.pixels[index] = 1 }
        return mask
    }

    private func pseudoLabels(_ id: String, in folder: String?, of image: RGBImage) throws -> LabelMap? {
        try advising("make it with bana label, or take \(id) out of the list") {
            try folder.map { try labelMap(join($0, id + ".png"), size: (image.width, image.height)) }
        }
    }

    private func labelMap(_ path: String, size: (width: Int, height: Int)) throws -> LabelMap {
        let map = try LabelMap(contentsOf: path)
        try map.check(classCount: classes.count, size: size, file: path)
        return map
    }
}
