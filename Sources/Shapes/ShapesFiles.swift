import Annotations
import FileAccess
import Foundation
import ImageFiles

/// File that names the classes, one a line, as `data.classes` lists them.
let classesFile = "classes.txt"
let classesText = shapesClasses.map { $0 + "\n" }.joined()

/// Makes sure that no other data set would be mixed with this one.
///
/// - Throws: `InputError` if `folder` holds one.
func refuseOtherData(in folder: String) throws {
    let classes = join(folder, classesFile)
    if exists(classes) {
        if try readFile(classes) == Data(classesText.utf8) { return }
    } else if !exists(join(folder, "ImageSets")) && !exists(join(folder, "annotations")) {
        return
    }
    throw InputError("another data set is in this folder", file: folder, remedy: "name a new folder")
}

/// Removes what an earlier command left half written, in all folders of both layouts.
func removeUnfinishedShapes(in folder: String) throws {
    let folders = [
        "Annotations", "JPEGImages", "SegmentationClass", "ImageSets/Segmentation", "annotations", "train", "val",
    ]
    for name in [""] + folders { try removeUnfinishedFiles(in: join(folder, name), evenOfOthers: true) }
}

func writeText(_ text: String, to name: String, in folder: String) throws {
    try writeAtomically(Data(text.utf8), to: join(folder, name))
}

/// What the lists of a split say of a picture, whose pixels need not be kept for that.
struct ShapesRecord {
    let id: String
    let width: Int
    let height: Int
    let objects: [ShapesPicture.Object]

    init(_ picture: ShapesPicture, id: String) {
        (width, height) = (picture.image.width, picture.image.height)
        (self.id, objects) = (id, picture.objects)
    }
}

/// Writes the instances file of some pictures; images and objects are numbered from 1, in their order.
func writeInstances(of pictures: [ShapesRecord], to path: String) throws {
    let images = pictures.enumerated().map { index, picture in
        COCOInstances.Image(
            id: index + 1, fileName: picture.id + ".jpg", width: picture.width, height: picture.height)
    }
    let categories = shapesClasses.enumerated().map { COCOInstances.Category(id: $0 + 1, name: $1) }
    try writeCOCOInstances(to: path, images: images, categories: categories) { array in
        var id = 0
        for (index, picture) in pictures.enumerated() {
            for object in picture.objects {
                id += 1
                let category = object.outline.rawValue + 1
                try array.append(InstanceRecord(id: id, image: index + 1, category: category, mask: object.mask))
            }
        }
    }
}

extension ShapesPicture {
    /// Writes the picture: in VOC's layout with labels and annotation, in COCO's alone, in the folder of its split.
    func write(id: String, of split: String, to folder: String, _ layout: ShapesLayout) throws {
        switch layout {
        case .voc: try writeVOC(id: id, to: folder)
        case .coco: try image.writeJPEG(to: join(folder, "\(split)/\(id).jpg"), quality: 92)
        }
    }

    private func writeVOC(id: String, to folder: String) throws {
        try image.writeJPEG(to: join(folder, "JPEGImages/\(id).jpg"), quality: 92)
        try labels.write(to: join(folder, "SegmentationClass/\(id).png"))
        try writeText(annotation(id), to: "Annotations/\(id).xml", in: folder)
    }

    private func annotation(_ id: String) -> String {
        """
        <annotation>
            <folder>shapes</folder>
            <filename>\(id).jpg</filename>
            <size>
                <width>\(image.width)</width>
                <height>\(image.height)</height>
                <depth>3</depth>
            </size>
            <segmented>1</segmented>
        \(objects.map(element).joined())</annotation>

        """
    }

    private func element(_ object: Object) -> String {
        """
            <object>
                <name>\(object.outline)</name>
                <truncated>\(object.isTruncated ? 1 : 0)</truncated>
                <occluded>\(object.isOccluded ? 1 : 0)</occluded>
                <difficult>0</difficult>
                <bndbox>
                    <xmin>\(Int(object.box.left))</xmin>
                    <ymin>\(Int(object.box.top))</ymin>
                    <xmax>\(Int(object.box.right))</xmax>
                    <ymax>\(Int(object.box.bottom))</ymax>
                </bndbox>
            </object>

        """
    }
}
