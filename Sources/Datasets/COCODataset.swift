package import Annotations
package import FileAccess
package import ImageFiles

/// The images of an instances file of COCO, with a folder that holds them.
package struct COCODataset: Dataset {
    package let classes: ClassList
    package let instances: COCOInstances
    private let folder: String
    private let labels: LabelFolders
    /// The class of every category, by its number; none for those that `classes` lacks.
    private let classOfCategory: [Int: Int]

    /// The images that `annotations` lists, in its order.
    ///
    /// VOC's and COCO's different words for one class count as the same.
    ///
    /// - Parameters:
    ///   - crfLabels: the folder of Y_crf, `retrievalLabels` that of Y_ret; for a segmenter.
    ///   - report: hears of records that had to be left out; by default the first one is an error.
    /// - Throws: `InputError` if the file cannot be read, and what `report` throws.
    package init(
        annotations: String, images: String, classes: ClassList, crfLabels: String? = nil,
        retrievalLabels: String? = nil, report: (InputError) throws -> Void = { throw $0 }
    ) throws {
        instances = try COCOInstances(contentsOf: annotations, report: report)
        (folder, self.classes) = (images, classes)
        labels = LabelFolders(crf: crfLabels, retrieval: retrievalLabels)
        var known: [Int: Int] = [:]
        for category in instances.categories { known[category.id] = classes.index(ofSynonym: category.name) }
        classOfCategory = known
    }

    package var count: Int { instances.images.count }

    package var remarks: [InputError] { [] }

    package func id(at index: Int) -> String { fileStem(instances.images[index].fileName) }

    package func area(at index: Int) -> Int { instances.images[index].width * instances.images[index].height }

    package func load(at index: Int, _ contents: SampleContents) throws -> Sample {
        let image = try image(at: index)
        var sample = Sample(id: id(at: index), image: image)
        sample.remarks = try imageRemarks(join(folder, instances.images[index].fileName))
        if contents.contains(.boxes) {
            let (objects, remarks) = try objects(at: index)
            sample.boxes = objects.map(\.box)
            sample.remarks += remarks
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

    package func inspect(at index: Int, _ contents: SampleContents) -> Inspection {
        var inspection = Inspection()
        for object in instances.objects(of: index) {
            switch boxed(object, at: index) {
            case .success: break
            case .failure(let remark) where remark.isEmptyBox: inspection.remarks.append(remark.error)
            case .failure(let problem): inspection.problems.append(problem.error)
            }
            inspection.attempt { try instances.mask(of: object, in: index) }
        }
        guard let image = inspection.attempt({ try image(at: index) }) else { return inspection }
        inspection.remarks += (try? imageRemarks(join(folder, instances.images[index].fileName))) ?? []
        var sample = Sample(id: id(at: index), image: image)
        if contents.contains(.labels) {
            inspection.attempt { try labels.load(into: &sample, classCount: classes.count) }
        }
        return inspection
    }

    /// The objects of an image that have a box, in the file's order; crowds count as one object.
    ///
    /// - Throws: `InputError` for an unknown class, or a box that reaches outside the image.
    package func objects(
        at index: Int
    ) throws -> (objects: [(object: COCOInstances.Object, box: LabelledBox)], remarks: [InputError]) {
        var (objects, remarks): ([(COCOInstances.Object, LabelledBox)], [InputError]) = ([], [])
        for object in instances.objects(of: index) {
            switch boxed(object, at: index) {
            case .success(let box): objects.append((object, box))
            case .failure(let remark) where remark.isEmptyBox: remarks.append(remark.error)
            case .failure(let problem): throw problem.error
            }
        }
        return (objects, remarks)
    }

    private struct Unusable: Error {
        let error: InputError
        /// COCO has a few objects without extent; they are left out.
        let isEmptyBox: Bool
    }

    private func boxed(_ object: COCOInstances.Object, at index: Int) -> Result<LabelledBox, Unusable> {
        let image = instances.images[index]
        func unusable(_ error: InputError, isEmptyBox: Bool = false) -> Result<LabelledBox, Unusable> {
            .failure(Unusable(error: instances.located(error, object), isEmptyBox: isEmptyBox))
        }
        guard let classIndex = classOfCategory[object.category] else {
            let name = instances.categories.first { $0.id == object.category }?.name ?? "\(object.category)"
            return unusable(classes.problem(withName: name) ?? InputError("unknown class '\(name)'"))
        }
        guard let box = object.box else { return unusable(InputError("an object without bbox")) }
        if box.right >= box.left && box.bottom >= box.top && (box.right == box.left || box.bottom == box.top) {
            return unusable(InputError("a box without extent, left out", remedy: "remove it"), isEmptyBox: true)
        }
        if let problem = box.problem(width: image.width, height: image.height) { return unusable(problem) }
        return .success(
            LabelledBox(classIndex: classIndex, box: box.clipped(width: image.width, height: image.height)))
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
