package import Annotations
package import FileAccess
package import ImageFiles

/// The images of an instances file of COCO, with a folder that holds them.
package struct COCODataset: Dataset {
    package let classes: ClassList
    package let instances: COCOInstances
    private let folder: String
    private let labels: PseudoLabelSource
    /// The class of every category, by its number; none for those that `classes` lacks.
    private let classOfCategory: [Int: Int]

    /// The images that `annotations` lists, in its order.
    ///
    /// VOC's and COCO's different words for one class count as the same.
    ///
    /// - Parameters:
    ///   - crfLabels: the folder of Y_crf, `retrievalLabels` that of Y_ret; for a segmenter.
    ///   - report: is given an error for each record that has to be left out; by default the first is thrown.
    /// - Throws: `InputError` if the file cannot be read, and what `report` throws.
    package init(
        annotations: String, images: String, classes: ClassList, crfLabels: String? = nil,
        retrievalLabels: String? = nil,
        report: (Diagnostic) throws -> Void = { try $0.throwIfError() }
    ) throws {
        instances = try COCOInstances(contentsOf: annotations, report: report)
        (folder, self.classes) = (images, classes)
        labels = PseudoLabelSource(crf: crfLabels, retrieval: retrievalLabels)
        var known: [Int: Int] = [:]
        for category in instances.categories { known[category.id] = classes.index(ofSynonym: category.name) }
        classOfCategory = known
    }

    package var count: Int { instances.images.count }

    package var warnings: [Diagnostic] { [] }

    package func id(at index: Int) -> String { fileStem(instances.images[index].fileName) }

    package func area(at index: Int) -> Int { instances.images[index].width * instances.images[index].height }

    package func load(at index: Int, _ contents: SampleContents) throws -> Sample {
        let image = try image(at: index)
        var sample = Sample(id: id(at: index), image: image)
        sample.warnings = try imageWarnings(join(folder, instances.images[index].fileName))
        if contents.contains(.boxes) {
            let (objects, warnings) = try objects(at: index)
            sample.boxes = objects.map(\.box)
            sample.warnings += warnings
            let mask = backgroundMask(sample.boxes, width: image.width, height: image.height)
            sample.backgroundMask = LabelMap(width: image.width, height: image.height, pixels: mask)
        }
        if contents.contains(.labels) { try labels.load(into: &sample, classCount: classes.count) }
        return sample
    }

    package func hasTruth(at index: Int) -> Bool { false }

    package func truth(at index: Int) throws -> LabelMap {
        throw InputError(
            "COCO has no map of classes for each image", file: instances.file,
            remedy: "score masks with bana evaluate instances, or take a set in VOC's layout")
    }

    package func inspect(at index: Int, _ contents: SampleContents) -> [Diagnostic] {
        var found: [Diagnostic] = []
        for object in instances.objects(of: index) {
            if let problem = problem(with: object, at: index) { found.append(problem) }
            found.attempt { try instances.mask(of: object, in: index) }
        }
        guard let image = found.attempt({ try image(at: index) }) else { return found }
        found += (try? imageWarnings(join(folder, instances.images[index].fileName))) ?? []
        var sample = Sample(id: id(at: index), image: image)
        if contents.contains(.labels) {
            found.attempt { try labels.load(into: &sample, classCount: classes.count) }
        }
        return found
    }

    /// The objects of an image that have a box, in the file's order; crowds count as one object.
    ///
    /// - Returns: The objects, and a warning for each that was left out because its box is empty.
    /// - Throws: `InputError` for an unknown class, or a box that reaches outside the image.
    package func objects(
        at index: Int
    ) throws -> (objects: [(object: COCOInstances.Object, box: LabelledBox)], warnings: [Diagnostic]) {
        let image = instances.images[index]
        var (objects, warnings): ([(COCOInstances.Object, LabelledBox)], [Diagnostic]) = ([], [])
        for object in instances.objects(of: index) {
            if let problem = problem(with: object, at: index) {
                try problem.throwIfError()
                warnings.append(problem)
            } else if let box = object.box, let classIndex = classOfCategory[object.category] {
                let clipped = box.clipped(width: image.width, height: image.height)
                objects.append((object, LabelledBox(classIndex: classIndex, box: clipped)))
            }
        }
        return (objects, warnings)
    }

    /// Why an object of the image at `index` cannot be used, or `nil` if it can.
    ///
    /// COCO has a few objects whose boxes have no extent: a warning, for they are simply left out.
    private func problem(with object: COCOInstances.Object, at index: Int) -> Diagnostic? {
        func located(_ severity: Diagnostic.Severity, _ finding: InputError) -> Diagnostic {
            Diagnostic(severity, instances.located(finding, object))
        }
        guard classOfCategory[object.category] != nil else {
            let name = instances.categories.first { $0.id == object.category }?.name ?? "\(object.category)"
            return located(.error, classes.problem(withName: name) ?? InputError("unknown class '\(name)'"))
        }
        guard let box = object.box else { return located(.error, InputError("an object without bbox")) }
        if box.right >= box.left && box.bottom >= box.top && (box.right == box.left || box.bottom == box.top) {
            return located(.warning, InputError("a box without extent, left out", remedy: "remove it"))
        }
        let image = instances.images[index]
        return box.problem(width: image.width, height: image.height).map { located(.error, $0) }
    }

    private func image(at index: Int) throws -> RGBImage {
        let stated = instances.images[index]
        let path = join(folder, stated.fileName)
        let image = try advising("bring it, or take it out of \(instances.file)") { try RGBImage(contentsOf: path) }
        guard (image.width, image.height) == (stated.width, stated.height) else {
            throw InputError(
                "\(image.width)x\(image.height) pixels, but \(instances.file) says \(stated.width)x\(stated.height)",
                file: path, remedy: "bring the image that belongs to these annotations")
        }
        return image
    }
}
