import Annotations
import FileAccess

/// Where a data set in the folder layout of PASCAL VOC keeps its files.
package struct VOCLayout: Sendable {
    private let root: String
    private let images: DataFolder
    private let annotations: DataFolder

    /// The layout below the folder `root`, such as `VOCdevkit/VOC2012`.
    package init(root: String) {
        self.init(root, images: join(root, "JPEGImages"), annotations: join(root, "Annotations"))
    }

    /// Two folders that hold images and boxes, and nothing else.
    package init(images: String, annotations: String) {
        self.init(annotations, images: images, annotations: annotations)
    }

    private init(_ root: String, images: String, annotations: String) {
        self.root = root
        (self.images, self.annotations) = (DataFolder(images, imageExtensions), DataFolder(annotations, ["xml"]))
    }

    /// `JPEGImages/ID.jpg`, `.jpeg` or `.png`, in any case.
    ///
    /// - Throws: `InputError` where there are several, unless the annotation names one of them.
    package func image(_ id: String) throws -> String {
        let names = images.names(of: id)
        guard names.count > 1 else { return join(images.path, names.first ?? id + ".jpg") }
        let annotation = try? VOCAnnotation(contentsOf: annotation(id), report: { _ in })
        // The path of another machine, perhaps.
        let named = annotation?.imageName?.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init)
        if let named, names.contains(named) { return join(images.path, named) }
        throw InputError(
            "\(names.map { quoted($0) }.joined(separator: " and ")) may be meant by \(quoted(id))", file: images.path,
            remedy: "take one away, or name one in the annotation's <filename>")
    }

    /// `Annotations/ID.xml`, in any case: the boxes.
    package func annotation(_ id: String) -> String {
        let usual = join(annotations.path, id + ".xml")
        return exists(usual) ? usual : join(annotations.path, annotations.names(of: id).first ?? id + ".xml")
    }

    /// `BgMaskfromBoxes/ID.png`: a background mask to be used instead of the one made from the boxes.
    package func backgroundMask(_ id: String) -> String { path("BgMaskfromBoxes", id, "png") }

    /// `SegmentationClassAug/ID.png`; if it is missing, `SegmentationClass/ID.png`.
    package func truth(_ id: String) -> String {
        let augmented = path("SegmentationClassAug", id, "png")
        return exists(augmented) ? augmented : path("SegmentationClass", id, "png")
    }

    /// `ImageSets/Segmentation/SPLIT.txt`; if it is missing, that of `ImageSets/SegmentationAug`, or of `ImageSets/Main`.
    ///
    /// - Throws: `InputError` if there is none.
    package func list(_ split: String) throws -> String {
        let candidates = ["Segmentation", "SegmentationAug", "Main"].map { path("ImageSets/\($0)", split, "txt") }
        if let found = candidates.first(where: exists) { return found }
        throw InputError(
            "no such image list, nor \(candidates[1]), nor \(candidates[2])", file: candidates[0],
            remedy: "data.root must name a folder in VOC's layout, data.split one of its lists")
    }

    private func path(_ folder: String, _ name: String, _ suffix: String) -> String {
        join(root, "\(folder)/\(name).\(suffix)")
    }
}
