import FileAccess
import Foundation
import ImageFiles
package import TensorCore

/// How much of the procedural data set to make.
package struct ShapesOptions: Equatable, Sendable {
    /// Images of the split `train`.
    package var trainingImages: Int
    /// Images of the split `val`.
    package var validationImages: Int
    /// Mean side of an image in pixels; sides vary by a quarter of it.
    package var size: Int
    package var seed: UInt64

    /// The data set of the quick start, unless told otherwise.
    package init(trainingImages: Int = 400, validationImages: Int = 100, size: Int = 128, seed: UInt64 = 13) {
        (self.trainingImages, self.validationImages) = (trainingImages, validationImages)
        (self.size, self.seed) = (size, seed)
    }
}

/// The classes of the procedural data set.
package let shapesClasses = Outline.allCases.map { "\($0)" }

/// Makes the procedural data set: textured objects of six shapes on textured grounds, in VOC's layout.
///
/// Boxes hold about as much background as object, and the background looks alike inside and outside of them, as
/// background-aware pooling assumes. An image depends on the seed, the size and its number in its split alone. The names
/// of the classes are written first and claim the folder, the lists last: with them the set is complete.
///
/// - Throws: `InputError` if options are out of range, `folder` holds another data set, or a file cannot be written.
package func generateShapes(to folder: String, _ options: ShapesOptions = ShapesOptions(), _ pool: ThreadPool) throws {
    try options.check()
    try refuseOtherData(in: folder)
    try writeText(classesText, to: classesFile, in: folder)
    let splits = [
        ShapesSplit(name: "train", count: options.trainingImages, start: 0),
        ShapesSplit(name: "val", count: options.validationImages, start: 1 << 32),
    ]
    for split in splits {
        try forEach(split.count, on: pool) { number in
            try ShapesPicture(number: split.start + UInt64(number), size: options.size, seed: options.seed)
                .write(id: split.id(number), to: folder)
        }
    }
    for split in splits {
        let ids = (0..<split.count).map { split.id($0) + "\n" }.joined()
        try writeText(ids, to: "ImageSets/Segmentation/\(split.name).txt", in: folder)
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

/// Runs `body` for every number on all threads.
///
/// - Throws: The error of the lowest number that failed.
private func forEach(_ count: Int, on pool: ThreadPool, _ body: (Int) throws -> Void) throws {
    var errors = [(any Error)?](repeating: nil, count: count)
    errors.withUnsafeMutableBufferPointer { errors in
        pool.parallelFor(count) { number in
            do { try body(number) } catch { errors[number] = error }
        }
    }
    if let error = errors.lazy.compactMap({ $0 }).first { throw error }
}
