package import FileAccess

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
    /// Size of the image in pixels, where the file states one.
    package let size: (width: Int, height: Int)?
    /// The objects in the file's order.
    package let objects: [Object]

    /// Reads an XML file.
    ///
    /// - Parameter report: is given an error for each object that has to be left out; by default the first is thrown.
    /// - Throws: `InputError` naming file and line if it is not an annotation of this kind, and what `report` throws.
    package init(contentsOf path: String, report: (Diagnostic) throws -> Void = { try $0.throwIfError() }) throws {
        let parser = VOCParser(file: path)
        try parser.parse(readFile(path), report: report)
        (file, size, objects) = (path, parser.size, parser.objects)
    }

    /// The boxes with their classes' indices, in the file's order.
    ///
    /// Boxes that reach up to one pixel beyond the image, as rounding tools write them, end at its edge.
    ///
    /// - Throws: `InputError`, the first of `problems`.
    package func boxes(classes: ClassList, width: Int, height: Int) throws -> [LabelledBox] {
        if let problem = problems(classes: classes, width: width, height: height).first { throw problem }
        return try objects.map { object in
            LabelledBox(
                classIndex: try classes.index(of: object.name),
                box: object.box.clipped(width: width, height: height), isDifficult: object.isDifficult)
        }
    }

    /// Everything that is wrong with the annotation of an image of this size: unknown classes, boxes that are empty
    /// or outside, another size than the image's.
    package func problems(classes: ClassList, width: Int, height: Int) -> [InputError] {
        if let size, size != (width, height) {
            return [
                InputError(
                    "made for an image of \(size.width)x\(size.height) pixels, but the image has \(width)x\(height)",
                    file: file, remedy: "bring the annotation that belongs to this image")
            ]
        }
        return objects.flatMap { object in
            [classes.problem(withName: object.name), object.box.problem(width: width, height: height)]
                .compactMap { $0?.inLine(object.line, of: file) }
        }
    }
}
