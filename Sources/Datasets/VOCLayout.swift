import FileAccess

/// Where a data set in the folder layout of PASCAL VOC keeps its files.
package struct VOCLayout: Sendable {
    private let root: String
    private let images: String
    private let annotations: String

    /// The layout below the folder `root`, such as `VOCdevkit/VOC2012`.
    package init(root: String) {
        (self.root, images, annotations) = (root, join(root, "JPEGImages"), join(root, "Annotations"))
    }

    /// Two folders that hold images and boxes, and nothing else.
    package init(images: String, annotations: String) {
        (root, self.images, self.annotations) = (annotations, images, annotations)
    }

    /// `JPEGImages/ID.jpg`; if it is missing, `ID.jpeg` or `ID.png`.
    package func image(_ id: String) -> String {
        let usual = join(images, id + ".jpg")
        if exists(usual) { return usual }
        return ["jpeg", "JPG", "JPEG", "png"].map { join(images, "\(id).\($0)") }.first(where: exists) ?? usual
    }

    /// `Annotations/ID.xml`: the boxes.
    package func annotation(_ id: String) -> String { join(annotations, id + ".xml") }

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
