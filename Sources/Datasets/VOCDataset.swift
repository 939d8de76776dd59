package import Annotations
package import FileAccess
package import ImageFiles

/// A split of a data set in the folder layout of PASCAL VOC.
package struct VOCDataset: Dataset {
    package let classes: ClassList
    private let list: ImageList
    private let layout: VOCLayout
    private let labels: LabelFolders

    /// The images that the list `split` names.
    ///
    /// - Parameters:
    ///   - crfLabels: the folder of Y_crf, `retrievalLabels` that of Y_ret; for a segmenter.
    ///   - report: hears of lines that had to be left out; by default the first one is an error.
    /// - Throws: `InputError` if there is no such list, and what `report` throws.
    package init(
        root: String, split: String, classes: ClassList, crfLabels: String? = nil,
        retrievalLabels: String? = nil, report: (InputError) throws -> Void = { throw $0 }
    ) throws {
        layout = VOCLayout(root: root)
        list = try ImageList(contentsOf: layout.list(split), report: report)
        self.classes = classes
        labels = LabelFolders(crf: crfLabels, retrieval: retrievalLabels)
    }

    /// The images in one folder that have boxes, `ID.xml`, in another.
    ///
    /// - Throws: `InputError` if there are none.
    package init(
        images: String, annotations: String, classes: ClassList, crfLabels: String? = nil,
        retrievalLabels: String? = nil
    ) throws {
        layout = VOCLayout(images: images, annotations: annotations)
        list = try ImageList(filesIn: annotations, suffix: "xml")
        self.classes = classes
        labels = LabelFolders(crf: crfLabels, retrieval: retrievalLabels)
    }

    package var count: Int { list.ids.count }

    package var remarks: [InputError] { list.remarks }

    package func id(at index: Int) -> String { list.ids[index] }

    package func area(at index: Int) -> Int {
        guard let header = try? ImageHeader(contentsOf: layout.image(id(at: index))) else { return 0 }
        return header.width * header.height
    }

    package func load(at index: Int, _ contents: SampleContents) throws -> Sample {
        let id = id(at: index)
        let path = layout.image(id)
        var sample = Sample(id: id, image: try advising(remedy(id)) { try RGBImage(contentsOf: path) })
        sample.remarks = try imageRemarks(path)
        if contents.contains(.boxes) {
            sample.boxes = try boxes(id, in: sample.image)
            sample.backgroundMask = try backgroundMask(id, sample.boxes, of: sample.image)
        }
        if contents.contains(.labels) { try labels.load(into: &sample, classCount: classes.count) }
        return sample
    }

    package func hasTruth(at index: Int) -> Bool { exists(layout.truth(id(at: index))) }

    package func truth(at index: Int) throws -> LabelMap {
        let path = layout.truth(id(at: index))
        return try advising(remedy(id(at: index))) {
            try LabelMap(
                contentsOf: path, classCount: classes.count, size: imageSize(of: layout.image(id(at: index))))
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
                inspection.attempt { try labels.labels(of: sample, in: folder, classCount: classes.count) }
            }
        }
        if hasTruth(at: index) { inspection.attempt { try truth(at: index) } }
        return inspection
    }

    private func inspectBoxes(_ id: String, of image: RGBImage, _ inspection: inout Inspection) {
        var found: [InputError] = []
        let annotation = inspection.attempt {
            try advising(remedy(id)) { try VOCAnnotation(contentsOf: layout.annotation(id)) { found.append($0) } }
        }
        inspection.problems += found
        if let annotation {
            inspection.problems += annotation.problems(classes: classes, width: image.width, height: image.height)
            if annotation.objects.isEmpty, found.isEmpty {
                inspection.remarks.append(InputError("no object", file: annotation.file))
            }
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
}
