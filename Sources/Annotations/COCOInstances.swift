package import FileAccess
import Foundation

/// What an instances file of COCO says: images, classes and boxes in memory, shapes in the file until they are asked for.
///
/// The file is mapped, so that all processes of a host share its pages; the index of train2017, 450 MB of text with
/// 860,001 objects, has 80 MB.
package struct COCOInstances: Sendable {
    /// A record of `images`; sizes in pixels.
    package struct Image: Equatable, Sendable {
        package var id: Int
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
    /// In ascending order of their numbers.
    package internal(set) var categories: [Category] = []
    /// Image by image, in the file's order within each.
    private var objects: [Object] = []
    /// Where the objects of each image begin in `objects`.
    private var firstObject: [Int] = []
    let data: Data

    /// Reads an instances file.
    ///
    /// - Parameter report: is given an error for each record that has to be left out; by default the first is thrown.
    /// - Throws: `InputError` if the file is not JSON, naming the line, and what `report` throws.
    package init(contentsOf path: String, report: (Diagnostic) throws -> Void = { try $0.throwIfError() }) throws {
        file = path
        data = try readFile(path)
        var contents = Contents()
        try data.withUnsafeBytes { bytes in
            var reader = JSONReader(bytes, file: path)
            try contents.read(&reader, report)
        }
        images = contents.images
        categories = contents.categories.sorted { $0.id < $1.id }
        try arrange(contents.objects, report)
    }

    /// The objects of the image at `index`, in the file's order.
    package func objects(of index: Int) -> ArraySlice<Object> { objects[firstObject[index]..<firstObject[index + 1]] }

    /// Whether an object has the number 0, which COCO's evaluation takes for none.
    package var hasObjectNumberedZero: Bool { objects.contains { $0.id == 0 } }

    /// The shape of an object of the image at `index`; `nil` where the file has none.
    ///
    /// - Throws: `InputError` naming the object.
    package func mask(of object: Object, in index: Int) throws -> RunLengths? {
        guard let range = object.segmentation else { return nil }
        return try data.withUnsafeBytes { bytes in
            var reader = JSONReader(bytes, file: file, from: range.lowerBound)
            do {
                return try reader.segmentation(width: images[index].width, height: images[index].height)
            } catch let error as InputError {
                throw located(error, object)
            }
        }
    }

    /// The same error, saying which object of which line it is about.
    package func located(_ error: InputError, _ object: Object) -> InputError {
        data.withUnsafeBytes { bytes in
            let line = JSONReader(bytes, file: file).line(at: object.record.lowerBound)
            var copy = error.inFile(file)
            copy.place = "line \(line), annotation \(object.id)"
            copy.remedy = copy.remedy ?? "correct the annotation"
            return copy
        }
    }

    /// Groups the objects by image, in one pass of counting.
    private mutating func arrange(_ found: [Object], _ report: (Diagnostic) throws -> Void) throws {
        let positions = try imagePositions(report)
        let known = Set(categories.map(\.id))
        var kept: [(object: Int, image: Int)] = []
        var seen: Set<Int> = []
        for (index, object) in found.enumerated() {
            if let problem = problem(object, positions, known, &seen) {
                try report(Diagnostic(.error, located(problem, object)))
            } else if let image = positions[object.image] {
                kept.append((index, image))
            }
        }
        firstObject = [Int](repeating: 0, count: images.count + 1)
        for (_, image) in kept { firstObject[image + 1] += 1 }
        for image in images.indices { firstObject[image + 1] += firstObject[image] }
        var (next, order) = (firstObject, [Int](repeating: 0, count: kept.count))
        for (object, image) in kept {
            order[next[image]] = object
            next[image] += 1
        }
        objects = order.map { found[$0] }
    }

    private func problem(
        _ object: Object, _ images: [Int: Int], _ categories: Set<Int>, _ seen: inout Set<Int>
    ) -> InputError? {
        if images[object.image] == nil { return InputError("there is no image \(object.image)") }
        if !categories.contains(object.category) { return InputError("there is no category \(object.category)") }
        return seen.insert(object.id).inserted ? nil : InputError("a second annotation of this number")
    }

    /// The position of every image by its number.
    private mutating func imagePositions(_ report: (Diagnostic) throws -> Void) throws -> [Int: Int] {
        var (kept, positions, names): ([Image], [Int: Int], Set<String>) = ([], [:], [])
        for image in images {
            if positions[image.id] != nil || !names.insert(image.fileName).inserted {
                let finding = InputError(
                    "image \(image.id), \(image.fileName), is there twice", file: file, at: "image \(image.id)",
                    remedy: "keep one")
                try report(Diagnostic(.error, finding))
            } else {
                positions[image.id] = kept.count
                kept.append(image)
            }
        }
        images = kept
        return positions
    }
}
