package import Annotations
package import FileAccess
package import ImageFiles

/// A split of a data set in the folder layout of PASCAL VOC.
package struct VOCDataset: Dataset {
    package let classes: ClassList
    package let warnings: [Diagnostic]
    private let list: ImageList
    private let layout: VOCLayout
    private let labels: PseudoLabelSource

    /// The images that the list `split` names.
    ///
    /// - Parameters:
    ///   - crfLabels: the folder of Y_crf, `retrievalLabels` that of Y_ret; for a segmenter.
    ///   - report: is given an error for each line that has to be left out; by default the first is thrown.
    /// - Throws: `InputError` if there is no such list, and what `report` throws.
    package init(
        root: String, split: String, classes: ClassList, crfLabels: String? = nil,
        retrievalLabels: String? = nil,
        report: (Diagnostic) throws -> Void = { try $0.throwIfError() }
    ) throws {
        layout = VOCLayout(root: root)
        var warnings: [Diagnostic] = []
        list = try ImageList(contentsOf: layout.list(split)) { diagnostic in
            if diagnostic.severity == .error { try report(diagnostic) } else { warnings.append(diagnostic) }
        }
        self.warnings = warnings
        self.classes = classes
        labels = PseudoLabelSource(crf: crfLabels, retrieval: retrievalLabels)
    }

    /// The images in one folder that have boxes, `ID.xml`, in another.
    ///
    /// - Throws: `InputError` if there are none.
    package init(
        images: String, annotations: String, classes: ClassList, crfLabels: String? = nil,
        retrievalLabels: String? = nil
    ) throws {
        layout = VOCLayout(images: images, annotations: annotations)
        list = try ImageList(filesIn: annotations)
        warnings = []
        self.classes = classes
        labels = PseudoLabelSource(crf: crfLabels, retrieval: retrievalLabels)
    }

    package var count: Int { list.ids.count }

    package func id(at index: Int) -> String { list.ids[index] }

    package func size(at index: Int) -> (width: Int, height: Int)? { try? imageSize(of: layout.image(id(at: index))) }

    package func fingerprint(at index: Int) -> UInt32? {
        let id = id(at: index)
        guard let image = try? readFile(layout.image(id)),
            let annotation = try? VOCAnnotation(contentsOf: layout.annotation(id), report: { _ in })
        else { return nil }
        let mask = (try? readFile(layout.backgroundMask(id))).map { "\(checksum($0))" }
        return Datasets.fingerprint(
            image, annotation.objects.map { "\($0.name) \($0.box)" } + [mask].compactMap(\.self))
    }

    package func load(at index: Int, _ contents: SampleContents) throws -> Sample {
        let id = id(at: index)
        let path = try layout.image(id)
        var sample = Sample(id: id, image: try advising(remedy(id)) { try RGBImage(contentsOf: path) })
        sample.warnings = try imageWarnings(path)
        if contents.contains(.boxes) {
            sample.boxes = try boxes(id, in: sample.image, &sample.warnings)
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
                contentsOf: path, classCount: classes.count, size: imageSize(of: try layout.image(id(at: index))))
        }
    }

    package func inspect(at index: Int, _ contents: SampleContents) -> [Diagnostic] {
        let id = id(at: index)
        var found: [Diagnostic] = []
        guard let sample = found.attempt({ try load(at: index, []) }) else { return found }
        found += sample.warnings
        if contents.contains(.boxes) || exists(layout.annotation(id)) {
            inspectBoxes(id, of: sample.image, &found)
        }
        if contents.contains(.labels) {
            for folder in [labels.crf, labels.retrieval] {
                let map = found.attempt { try labels.labels(of: sample, in: folder, classCount: classes.count) }
                if let map = map ?? nil, let warning = labels.emptiness(of: map, id) { found.append(warning) }
            }
        }
        if hasTruth(at: index), let map = found.attempt({ try truth(at: index) }), map.looksBinary {
            found.append(Diagnostic(.warning, .binaryMask(layout.truth(id))))
        }
        return found
    }

    private func inspectBoxes(_ id: String, of image: RGBImage, _ found: inout [Diagnostic]) {
        var leftOut: [Diagnostic] = []
        let annotation = found.attempt {
            try advising(remedy(id)) { try VOCAnnotation(contentsOf: layout.annotation(id)) { leftOut.append($0) } }
        }
        found += leftOut
        if let annotation {
            found += annotation.problems(
                classes: classes, width: image.width, height: image.height, isTurned: isShownOnItsSide(id)
            ).map { Diagnostic(.error, $0) }
            if annotation.objects.isEmpty, leftOut.isEmpty {
                found.append(Diagnostic(.note, InputError("no object", file: annotation.file)))
            }
        }
        found.attempt { try backgroundMask(id, [], of: image) }
    }

    /// An image's boxes; objects that are not as they should be are left out with a warning, if there are others.
    private func boxes(
        _ id: String, in image: RGBImage, _ warnings: inout [Diagnostic]
    ) throws -> [LabelledBox] {
        try advising(remedy(id)) {
            var faults: [InputError] = []
            let annotation = try VOCAnnotation(contentsOf: layout.annotation(id)) { faults.append($0.finding) }
            if annotation.objects.isEmpty, annotation.hasObjects, let fault = faults.first { throw fault }
            warnings += faults.map(Diagnostic.leftOut)
            return try annotation.boxes(
                classes: classes, width: image.width, height: image.height, isTurned: isShownOnItsSide(id))
        }
    }

    private func isShownOnItsSide(_ id: String) -> Bool {
        (try? ImageHeader(contentsOf: layout.image(id)).isShownOnItsSide) ?? false
    }

    private func remedy(_ id: String) -> String { remedyForEnding(of: id) ?? "bring it, or take \(id) out of the list" }

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
