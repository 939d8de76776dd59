package import FileAccess
package import Foundation

/// What a VOC XML file says of an image: its size and its objects.
package struct VOCAnnotation: Sendable {
    /// An object as it is written.
    package struct Object: Equatable, Sendable {
        package var name: String
        /// The object's own `bndbox` in the XML's coordinates, which may have fractions; not those of its parts.
        package var box: Box
        package var isDifficult: Bool
        /// Line of the file in which the object begins.
        package var line: Int
    }

    /// The file it was read from.
    package let file: String
    /// The image's file as `<filename>` has it, be it a path of the machine where it was drawn; `nil` where it is missing.
    package let imageName: String?
    /// Size of the image in pixels, where the file states one.
    package let size: (width: Int, height: Int)?
    /// The objects in the file's order.
    package let objects: [Object]

    /// The names of all objects, also of those that were left out.
    package let names: [String]
    /// What is wrong with the first object that has no name; `nil` if all have one.
    package let nameless: InputError?

    /// Whether there is an object, be it one that was left out.
    package var hasObjects: Bool { !names.isEmpty || nameless != nil }

    /// Reads an XML file.
    ///
    /// - Parameter report: is given an error for each object that has to be left out, and for a size that is no size;
    ///   by default the first is thrown.
    /// - Throws: `InputError` naming file and line if it is not an annotation of this kind, and what `report` throws.
    package init(contentsOf path: String, report: (Diagnostic) throws -> Void = { try $0.throwIfError() }) throws {
        try self.init(decoding: try readFile(path), file: path, report: report)
    }

    /// Reads the contents of an XML file; see `init(contentsOf:)`.
    package init(
        decoding data: Data, file: String, report: (Diagnostic) throws -> Void = { try $0.throwIfError() }
    ) throws {
        let parser = VOCParser(file: file)
        try parser.parse(data, report: report)
        (self.file, size, objects) = (file, parser.size, parser.objects)
        (names, nameless, imageName) = (parser.names, parser.nameless, parser.imageName)
    }

    /// The boxes with their classes' indices, in the file's order.
    ///
    /// Boxes that reach up to one pixel beyond the image, as rounding tools write them, end at its edge.
    ///
    /// - Parameter isTurned: whether viewers show the image on its side.
    /// - Throws: `InputError`, the first of `problems`.
    package func boxes(
        classes: ClassList, width: Int, height: Int, isTurned: @autoclosure () -> Bool = false
    ) throws -> [LabelledBox] {
        let problems = problems(classes: classes, width: width, height: height, isTurned: isTurned())
        if let problem = problems.first { throw problem }
        return try objects.map { object in
            LabelledBox(
                classIndex: try classes.index(of: object.name),
                box: object.box.clipped(width: width, height: height), isDifficult: object.isDifficult)
        }
    }

    /// Everything that is wrong with the annotation of an image of this size: unknown classes, boxes that are empty
    /// or outside, another size than the image's.
    ///
    /// - Parameter isTurned: whether viewers show the image on its side.
    package func problems(classes: ClassList, width: Int, height: Int, isTurned: @autoclosure () -> Bool = false)
        -> [InputError]
    {
        if let size, size != (width, height) {
            let found = InputError(
                "made for an image of \(size.width)x\(size.height) pixels, but the image has \(width)x\(height)",
                file: file, remedy: "bring the annotation that belongs to this image")
            return [size == (height, width) && isTurned() ? found.blamingRotation : found]
        }
        let normalized = normalizedProblem(objects.map(\.box), width: width, height: height)
        return objects.flatMap { object in
            [classes.problem(withName: object.name), object.box.problem(width: width, height: height)]
                .compactMap { $0?.inLine(object.line, of: file) }
        } + [normalized].compactMap { $0?.inLine(objects[0].line, of: file) }
    }
}

extension InputError {
    /// The same error of sizes that differ, said to come from EXIF data.
    package var blamingRotation: InputError {
        var copy = self
        copy.problem += ": its EXIF data turns it when it is shown, and the boxes were drawn on it as shown"
        copy.remedy = "store the image turned, without that entry (exiftran -ai FILE, or mogrify -auto-orient FILE)"
        return copy
    }
}
