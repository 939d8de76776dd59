import Annotations
import FileAccess
import Foundation
import ImageFiles

/// The instances file of some pictures of the procedural data set.
struct COCOShapes: Encodable {
    /// What the file says of a picture.
    struct Picture {
        let id: String
        let width: Int
        let height: Int
        let objects: [ShapesPicture.Object]

        init(_ picture: ShapesPicture, id: String) {
            (width, height) = (picture.image.width, picture.image.height)
            (self.id, objects) = (id, picture.objects)
        }
    }

    fileprivate struct Image: Encodable {
        let id: Int
        let fileName: String
        let width: Int
        let height: Int
    }

    fileprivate struct Category: Encodable {
        let id: Int
        let name: String
    }

    fileprivate struct Annotation: Encodable {
        let id: Int
        let imageId: Int
        let categoryId: Int
        /// Left, top, width, height.
        let bbox: [Int]
        let area: Int
        let iscrowd = 0
        let segmentation: Mask
    }

    /// Compressed run lengths.
    fileprivate struct Mask: Encodable {
        /// Height, width.
        let size: [Int]
        let counts: String
    }

    private let images: [Image]
    private let categories: [Category]
    private let annotations: [Annotation]

    /// Numbers pictures and objects from 1, in their order.
    init(_ pictures: [Picture]) {
        images = pictures.enumerated().map { index, picture in
            Image(id: index + 1, fileName: picture.id + ".jpg", width: picture.width, height: picture.height)
        }
        categories = shapesClasses.enumerated().map { Category(id: $0 + 1, name: $1) }
        let objects = pictures.enumerated().flatMap { index, picture in picture.objects.map { (index + 1, $0) } }
        annotations = objects.enumerated().map { Annotation($1.1, id: $0 + 1, image: $1.0) }
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try writeAtomically(try encoder.encode(self), to: path)
    }
}

extension COCOShapes.Annotation {
    fileprivate init(_ object: ShapesPicture.Object, id: Int, image: Int) {
        let box = object.box
        self.init(
            id: id, imageId: image, categoryId: object.outline.rawValue + 1,
            bbox: [Int(box.left), Int(box.top), Int(box.right - box.left), Int(box.bottom - box.top)],
            area: object.mask.area,
            segmentation: COCOShapes.Mask(size: [object.mask.height, object.mask.width], counts: object.mask.text))
    }
}
