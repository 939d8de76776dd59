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

func writeText(_ text: String, to name: String, in folder: String) throws {
    try writeAtomically(Data(text.utf8), to: join(folder, name))
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
