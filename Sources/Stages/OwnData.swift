import Annotations
package import Configuration
import FileAccess
import Runs

/// A folder of images with boxes that somebody drew: what a few flags can say in place of a config.
package struct OwnData: Sendable {
    private let images: String
    private let boxes: String
    private let classes: [String]

    /// - Parameters:
    ///   - boxes: a folder of VOC's XML files, or an instances file of COCO.
    ///   - classes: names in the order of their numbers; none takes those that the boxes have.
    package init(images: String, boxes: String, classes: [String]) {
        (self.images, self.boxes, self.classes) = (images, boxes, classes)
    }

    /// The data settings that mean this folder.
    ///
    /// - Parameters:
    ///   - overrides: settings given besides; with `data.classes` among them the boxes are not asked for theirs.
    ///   - isCheck: whether broken files of boxes are told elsewhere.
    /// - Throws: `InputError` if the boxes cannot be read, or if they leave open which classes there are.
    package func apply(to settings: inout RunConfiguration, overrides: [String], isCheck: Bool = false) throws {
        try refuseStream(boxes)
        settings.data.root = "."
        settings.data.format = isDirectory(boxes) ? .voc : .coco
        (settings.data.images, settings.data.annotations) = (images, boxes)
        if !classes.isEmpty {
            settings.data.classes = try ClassList(classes)
        } else if !overrides.contains(where: { $0.hasPrefix("data.classes=") }) {
            settings.data.classes = try isDirectory(boxes) ? classesOfFolder(isCheck) : classesOfFile(isCheck)
        }
        settings.data.labels = LabelFolderSettings()
        settings.label.split = nil
    }

    /// COCO's categories in the order of their numbers.
    private func classesOfFile(_ isCheck: Bool) throws -> ClassList {
        try COCOInstances(contentsOf: boxes, report: { _ in }, refuse: { if !isCheck { throw $0 } }).classes()
    }

    /// The names of all objects in alphabetical order.
    ///
    /// A file that cannot be read may have another: classes would get other numbers once it is mended.
    private func classesOfFolder(_ isCheck: Bool) throws -> ClassList {
        let files = try dataFiles(in: boxes, ["xml"])
        guard !files.isEmpty else { throw noXML(in: boxes) }
        var (names, broken): (Set<String>, [InputError]) = ([], [])
        for file in files {
            do {
                let annotation = try VOCAnnotation(contentsOf: join(boxes, file), report: { _ in })
                for object in annotation.objects {
                    guard let problem = ClassList.problem(withNew: object.name) else { continue }
                    throw InputError(
                        problem.problem, file: annotation.file, at: "line \(object.line)",
                        remedy: "rename or remove this object, or give --classes without it")
                }
                names.formUnion(annotation.names)
                if let nameless = annotation.nameless { broken.append(nameless) }
            } catch let error as InputError {
                broken.append(error)
            }
        }
        if let first = broken.first, names.isEmpty || !isCheck {
            throw unknownClasses(first, broken.count, files.count)
        }
        guard !names.isEmpty else { throw InputError("no box in this folder", file: boxes) }
        return try advising("give --classes") { try ClassList(names.sorted()) }
    }

    private func unknownClasses(_ first: InputError, _ count: Int, _ all: Int) -> InputError {
        var copy = first
        if count > 1 { copy.problem += " (the first of \(count) broken files of \(all))" }
        copy.remedy =
            "the list of classes is not known while this file is broken: mend it, remove it, or give --classes a,b,c"
        return copy
    }
}
