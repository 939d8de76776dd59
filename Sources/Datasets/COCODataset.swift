package import Annotations
package import FileAccess
package import ImageFiles

/// The images of an instances file of COCO, with a folder that holds them.
package struct COCODataset: Dataset {
    package let classes: ClassList
    /// Of the records that are wrong, the first of each kind.
    package let warnings: [Diagnostic]
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
    ///   - report: is given each record that is wrong; by default that is a warning, and most are left out.
    /// - Throws: `InputError` if the file cannot be read, or if records contradict each other, and what `report` throws.
    package init(
        annotations: String, images: String, classes: ClassList, crfLabels: String? = nil,
        retrievalLabels: String? = nil,
        report: ((Diagnostic) throws -> Void)? = nil
    ) throws {
        var faulty = FaultyRecords()
        let refuse = { (problem: InputError) in
            if let report { try report(Diagnostic(.error, problem)) } else { throw problem }
        }
        instances = try COCOInstances(
            contentsOf: annotations, report: { if let report { try report($0) } else { faulty.add($0) } },
            refuse: refuse)
        (folder, self.classes, warnings) = (images, classes, faulty.warnings)
        for problem in instances.images.problemsWithIDs { try refuse(problem.inFile(annotations)) }
        labels = PseudoLabelSource(crf: crfLabels, retrieval: retrievalLabels)
        var known: [Int: Int] = [:]
        for category in instances.categories { known[category.id] = classes.index(ofSynonym: category.name) }
        classOfCategory = known
    }

    package var count: Int { instances.images.count }

    package func id(at index: Int) -> String { fileStem(instances.images[index].fileName) }

    package func size(at index: Int) -> (width: Int, height: Int)? { try? knownSize(at: index) }

    package func fingerprint(at index: Int) -> UInt32? {
        guard let image = try? readFile(path(at: index)) else { return nil }
        let boxes = instances.objects(of: index).map { object in
            "\(classOfCategory[object.category] ?? 0) \(object.box.map { "\($0)" } ?? "")"
        }
        return Datasets.fingerprint(image, boxes)
    }

    /// The size that the file states, or else that of the image.
    private func knownSize(at index: Int) throws -> (width: Int, height: Int) {
        let stated = instances.images[index]
        if stated.width > 0, stated.height > 0 { return (stated.width, stated.height) }
        return try advising(remedy) { try imageSize(of: path(at: index)) }
    }

    private func path(at index: Int) -> String { join(folder, instances.images[index].fileName) }

    private var remedy: String { "bring it, or take it out of \(instances.file)" }

    package func load(at index: Int, _ contents: SampleContents) throws -> Sample {
        let image = try image(at: index)
        var sample = Sample(id: id(at: index), image: image)
        sample.warnings = try imageWarnings(path(at: index))
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
        guard let size = found.attempt({ try knownSize(at: index) }) else { return found }
        for object in instances.objects(of: index) {
            if let problem = problem(with: object, size) { found.append(problem) }
            found.attempt { try instances.mask(of: object, in: index, size: size) }
        }
        if let problem = normalizedProblem(at: index, size) { found.append(Diagnostic(.error, problem)) }
        guard let image = found.attempt({ try image(at: index) }) else { return found }
        found += (try? imageWarnings(path(at: index))) ?? []
        var sample = Sample(id: id(at: index), image: image)
        if contents.contains(.labels) {
            found.attempt { try labels.load(into: &sample, classCount: classes.count) }
            found += [sample.crfLabels, sample.retrievalLabels].compactMap {
                $0.flatMap { labels.emptiness(of: $0, sample.id) }
            }
        }
        return found
    }

    /// The objects of an image that have a box, in the file's order; crowds count as one object.
    ///
    /// - Returns: The objects, and a warning for each that was left out because its box is missing or without extent.
    /// - Throws: `InputError` for an unknown class, for a box that reaches outside the image, and if there are objects
    ///   but none of them can be used.
    package func objects(
        at index: Int
    ) throws -> (objects: [(object: COCOInstances.Object, box: LabelledBox)], warnings: [Diagnostic]) {
        let size = try knownSize(at: index)
        var (objects, warnings): ([(COCOInstances.Object, LabelledBox)], [Diagnostic]) = ([], [])
        var fault = instances.fault(of: index)
        for object in instances.objects(of: index) {
            if let problem = problem(with: object, size) {
                if object.box != nil { try problem.throwIfError() }
                if problem.severity == .error { fault = fault ?? problem.finding }
                warnings.append(problem.severity == .error ? .leftOut(problem.finding) : problem)
            } else if let box = object.box, let classIndex = classOfCategory[object.category] {
                let clipped = box.clipped(width: size.width, height: size.height)
                objects.append((object, LabelledBox(classIndex: classIndex, box: clipped)))
            }
        }
        if objects.isEmpty, let fault { throw fault }
        if let problem = normalizedProblem(at: index, size) { throw problem }
        return (objects, warnings)
    }

    /// Why an object of an image of this size cannot be used, or `nil` if it can.
    ///
    /// COCO has a few objects whose boxes have no extent: a warning, for they are simply left out.
    private func problem(with object: COCOInstances.Object, _ size: (width: Int, height: Int)) -> Diagnostic? {
        func located(_ severity: Diagnostic.Severity, _ finding: InputError) -> Diagnostic {
            Diagnostic(severity, instances.located(finding, object))
        }
        guard classOfCategory[object.category] != nil else {
            let name = instances.categories.first { $0.id == object.category }?.name ?? "\(object.category)"
            return located(.error, classes.problem(withName: name) ?? InputError("unknown class \(quoted(name))"))
        }
        guard let box = object.box else { return located(.error, InputError("no \"bbox\"")) }
        if box.right >= box.left && box.bottom >= box.top && (box.right == box.left || box.bottom == box.top) {
            return located(.warning, InputError("a box without extent, left out", remedy: "remove it"))
        }
        return box.problem(width: size.width, height: size.height).map { located(.error, $0) }
    }

    private func normalizedProblem(at index: Int, _ size: (width: Int, height: Int)) -> InputError? {
        let objects = instances.objects(of: index).filter { $0.box != nil }
        let problem = Annotations.normalizedProblem(objects.compactMap(\.box), width: size.width, height: size.height)
        return problem.flatMap { problem in objects.first.map { instances.located(problem, $0) } }
    }

    private func image(at index: Int) throws -> RGBImage {
        let path = path(at: index)
        let image = try advising(remedy) { try RGBImage(contentsOf: path) }
        let size = try knownSize(at: index)
        if (image.width, image.height) == size { return image }
        let problem = InputError(
            "\(image.width)x\(image.height) pixels, but \(instances.file) says \(size.width)x\(size.height)",
            file: path,
            remedy: "bring the image that belongs to these annotations")
        let isTurned = try size == (image.height, image.width) && ImageHeader(contentsOf: path).isShownOnItsSide
        throw isTurned ? problem.blamingRotation : problem
    }
}

extension [COCOInstances.Image] {
    /// The images that have the same name as another but for folder or extension: their outputs would be one file.
    fileprivate var problemsWithIDs: [InputError] {
        var first: [String: COCOInstances.Image] = [:]
        return compactMap { image in
            let id = fileStem(image.fileName)
            guard let other = first.updateValue(image, forKey: id) else { return nil }
            let (name, otherName) = (shortened(image.fileName, limit: 80), shortened(other.fileName, limit: 80))
            return InputError(
                "\(name) and \(otherName) would both have the labels \(shortened(id)).png", at: "image \(image.id)",
                remedy: "rename one")
        }
    }
}
