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
    /// - Throws: `InputError` if the boxes cannot be read.
    package func apply(to settings: inout RunConfiguration) throws {
        settings.data.root = "."
        settings.data.format = isDirectory(boxes) ? .voc : .coco
        (settings.data.images, settings.data.annotations) = (images, boxes)
        settings.data.classes = try ClassList(try classes.isEmpty ? foundClasses() : classes)
        settings.data.labels = LabelFolderSettings()
        settings.label.split = nil
    }

    /// COCO's categories in the order of their numbers; VOC's names in alphabetical order.
    ///
    /// What is wrong with single boxes is told by those who use them.
    private func foundClasses() throws -> [String] {
        guard isDirectory(boxes) else {
            return try COCOInstances(contentsOf: boxes, report: { _ in }).categories.map(\.name)
        }
        var names: Set<String> = []
        for id in try ImageList(filesIn: boxes, suffix: "xml").ids {
            let annotation = try? VOCAnnotation(contentsOf: join(boxes, id + ".xml"))
            names.formUnion(annotation?.objects.map(\.name) ?? [])
        }
        guard !names.isEmpty else { throw InputError("no box in this folder", file: boxes) }
        return names.sorted()
    }
}
