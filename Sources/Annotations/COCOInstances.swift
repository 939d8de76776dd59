package import FileAccess
import Foundation

/// What an instances file of COCO says: images, classes and boxes in memory, shapes in the file until they are asked for.
///
/// The file is mapped, so that all processes of a host share its pages; the index of train2017, 450 MB of text with
/// 860,001 objects, has 80 MB.
package struct COCOInstances: Sendable {
    /// A record of `images`; sizes in pixels, 0 where the file does not state them.
    package struct Image: Equatable, Sendable {
        package var id: Int
        /// Within the folder of images; it may lie in folders of its own.
        package var fileName: String
        package var width: Int
        package var height: Int

        /// An image; its size in pixels.
        package init(id: Int, fileName: String, width: Int, height: Int) {
            (self.id, self.fileName, self.width, self.height) = (id, fileName, width, height)
        }
    }

    /// A record of `categories`.
    package struct Category: Equatable, Sendable {
        package var id: Int
        package var name: String

        /// A class of objects.
        package init(id: Int, name: String) { (self.id, self.name) = (id, name) }
    }

    /// A record of `annotations`; `image` and `category` are ids of these.
    package struct Object: Sendable {
        package var id: Int
        package var image: Int
        package var category: Int
        /// `nil` where the file gives none.
        package var box: Box?
        /// In pixels, as the file states it; `nil` where it does not.
        package var area: Double?
        /// A crowd: many objects under one mask.
        package var isCrowd: Bool
        /// Bytes of the file.
        var record: Range<Int>
        var segmentation: Range<Int>?
    }

    package let file: String
    /// In the file's order.
    package internal(set) var images: [Image] = []
    /// In ascending order of their numbers; names may be empty, or repeated.
    package internal(set) var categories: [Category] = []
    /// Image by image, in the file's order within each.
    var objects: [Object] = []
    /// Where the objects of each image begin in `objects`.
    var firstObject: [Int] = []
    /// The first annotation of an image that had to be left out, by the image's number.
    var faults: [Int: InputError] = [:]
    let data: Data
    private let lines = LineCounter()

    /// Reads an instances file.
    ///
    /// - Parameters:
    ///   - report: is given an error for each record that has to be left out, and a warning for each number that is
    ///     there twice; by default the first of either is thrown.
    ///   - refuse: is given an error for each pair of records that contradict each other; by default it is thrown.
    /// - Throws: `InputError` if the file is of another kind, naming the line, or if no record of a list can be used,
    ///   and what `report` and `refuse` throw.
    package init(
        contentsOf path: String, report: (Diagnostic) throws -> Void = { throw $0.finding },
        refuse: (InputError) throws -> Void = { throw $0 }
    ) throws {
        file = path
        data = try readFile(path)
        if let problem = notCOCO(data) { throw problem.inFile(path) }
        var contents = Contents()
        try data.withUnsafeBytes { bytes in
            var reader = JSONReader(bytes, file: path, lines: lines)
            try contents.read(&reader, report, refuse)
        }
        (images, faults) = (contents.images, contents.faults)
        try arrange(contents.categories, usedBy: contents.objects, report, refuse)
        try arrange(contents.objects, report, refuse)
    }

    /// The objects of the image at `index`, in the file's order.
    package func objects(of index: Int) -> ArraySlice<Object> { objects[firstObject[index]..<firstObject[index + 1]] }

    /// What is wrong with the first annotation of the image at `index` that was left out.
    package func fault(of index: Int) -> InputError? { faults[images[index].id] }

    /// Whether an object has the number 0, which COCO's evaluation takes for none.
    package var hasObjectNumberedZero: Bool { objects.contains { $0.id == 0 } }

    /// The numbers of the categories that boxes have.
    var categoriesOfBoxes: Set<Int> { Set(objects.lazy.filter { $0.box != nil }.map(\.category)) }

    /// The size of the image at `index`, as the file states it.
    ///
    /// - Throws: `InputError` if it does not.
    package func statedSize(of index: Int) throws -> (width: Int, height: Int) {
        let image = images[index]
        guard image.width > 0, image.height > 0 else {
            throw InputError(
                "no width and height, which masks need", file: file, at: "image \(image.id)", remedy: "state them")
        }
        return (image.width, image.height)
    }

    /// The shape of an object of the image at `index`; `nil` where the file has none.
    ///
    /// - Parameter size: the image's, where it is known better than from the file.
    /// - Throws: `InputError` naming the object.
    package func mask(
        of object: Object, in index: Int, size: (width: Int, height: Int)? = nil
    ) throws -> RunLengths? {
        guard let range = object.segmentation else { return nil }
        let size = try size ?? statedSize(of: index)
        return try data.withUnsafeBytes { bytes in
            var reader = JSONReader(bytes, file: file, from: range.lowerBound, lines: lines)
            do {
                return try reader.segmentation(width: size.width, height: size.height)
            } catch let error as InputError {
                throw located(error, object)
            }
        }
    }

    /// The same error, saying which object of which line it is about.
    package func located(_ error: InputError, _ object: Object) -> InputError {
        data.withUnsafeBytes { bytes in
            let line = JSONReader(bytes, file: file, lines: lines).line(at: object.record.lowerBound)
            var copy = error.inFile(file)
            copy.place = "line \(line), annotation \(object.id)"
            copy.remedy = copy.remedy ?? "correct the annotation"
            return copy
        }
    }
}
