import FileAccess
import Foundation
import ImageFiles
package import TensorCore

/// How the procedural data set lies on disk.
package enum ShapesLayout: String, CaseIterable, Sendable {
    /// PASCAL VOC's: boxes, and maps of classes.
    case voc
    /// MS COCO's: a mask for each object.
    case coco
}

/// How much of the procedural data set to make.
package struct ShapesOptions: Equatable, Sendable {
    /// Images of the split `train`.
    package var trainingImages: Int
    /// Images of the split `val`.
    package var validationImages: Int
    /// Mean side of an image in pixels; sides vary by a quarter of it.
    package var size: Int
    package var seed: UInt64
    package var layout: ShapesLayout

    /// The data set of the quick start, unless told otherwise.
    package init(
        trainingImages: Int = 400, validationImages: Int = 100, size: Int = 128, seed: UInt64 = 13,
        layout: ShapesLayout = .voc
    ) {
        (self.trainingImages, self.validationImages) = (trainingImages, validationImages)
        (self.size, self.seed, self.layout) = (size, seed, layout)
    }
}

/// The classes of the procedural data set.
package let shapesClasses = Outline.allCases.map { "\($0)" }

/// Makes the procedural data set: textured objects of six shapes on textured grounds.
///
/// Boxes hold about as much background as object, and the background looks alike inside and outside of them, as
/// background-aware pooling assumes. An image depends on the seed, the size and its number in its split alone. The names
/// of the classes are written first and claim the folder, the lists last: with them the set is complete.
///
/// - Throws: `InputError` if options are out of range, `folder` holds another data set, or a file cannot be written.
package func generateShapes(to folder: String, _ options: ShapesOptions = ShapesOptions(), _ pool: ThreadPool) throws {
    try options.check()
    try refuseOtherData(in: folder)
    try removeUnfinishedShapes(in: folder)
    try writeText(classesText, to: classesFile, in: folder)
    let splits = [
        ShapesSplit(name: "train", count: options.trainingImages, start: 0),
        ShapesSplit(name: "val", count: options.validationImages, start: 1 << 32),
    ]
    let records = try splits.map { split in
        try collect(split.count, on: pool) { number in
            let picture = ShapesPicture(
                number: split.start + UInt64(number), size: options.size, seed: options.seed)
            try picture.write(id: split.id(number), of: split.name, to: folder, options.layout)
            return ShapesRecord(picture, id: split.id(number))
        }
    }
    for (split, pictures) in zip(splits, records) {
        switch options.layout {
        case .voc:
            let ids = pictures.map { $0.id + "\n" }.joined()
            try writeText(ids, to: "ImageSets/Segmentation/\(split.name).txt", in: folder)
        case .coco:
            try writeInstances(of: pictures, to: join(folder, "annotations/instances_\(split.name).json"))
        }
    }
}

/// A part of the set, and the number of its first image: no number is in two splits, whatever their sizes.
private struct ShapesSplit {
    let name: String
    let count: Int
    let start: UInt64

    func id(_ number: Int) -> String {
        let digits = String(number)
        return "\(name)_" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}

extension ShapesOptions {
    fileprivate func check() throws {
        for (name, value, range) in [
            ("training images", trainingImages, 1...100_000), ("validation images", validationImages, 1...100_000),
            ("pixels as the images' size", size, 32...2048),
        ] where !range.contains(value) {
            throw InputError("\(value) \(name)", remedy: "\(range.lowerBound) to \(range.upperBound) are possible")
        }
    }
}

/// What `body` makes of every number, on all threads.
///
/// - Throws: The error of the lowest number that failed.
private func collect<Value>(
    _ count: Int, on pool: ThreadPool, _ body: (Int) throws -> Value
) throws -> [Value] {
    var results = [Result<Value, any Error>?](repeating: nil, count: count)
    results.withUnsafeMutableBufferPointer { results in
        pool.parallelFor(count) { number in results[number] = Result { try body(number) } }
    }
    return try results.compactMap { try $0?.get() }
}
