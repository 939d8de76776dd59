package import Annotations
package import FileAccess
import Foundation
package import ImageFiles

/// Annotated images that can be counted, named and loaded one by one.
package protocol Dataset: Sendable {
    /// The classes its boxes and label maps speak of.
    var classes: ClassList { get }
    /// Number of images.
    var count: Int { get }
    /// About the set as a whole: ids that are listed twice.
    var warnings: [Diagnostic] { get }
    /// Name of an image, from which the names of its outputs are made.
    func id(at index: Int) -> String
    /// Width and height of an image in pixels; `nil` where they cannot be told.
    func size(at index: Int) -> (width: Int, height: Int)?
    /// A number that tells an image and its boxes from what they were before; `nil` where they cannot be read.
    func fingerprint(at index: Int) -> UInt32?
    /// An image and what is asked for of its annotations.
    ///
    /// - Throws: `InputError` naming the file that is missing, damaged or does not fit the image.
    func load(at index: Int, _ contents: SampleContents) throws -> Sample
    /// Whether there is a map of an image's true classes.
    func hasTruth(at index: Int) -> Bool
    /// The true classes of an image's pixels.
    ///
    /// - Throws: `InputError` as `load` does.
    func truth(at index: Int) throws -> LabelMap
    /// Reads what is asked for, and whatever else there is of an image; everything that is wrong with it, or odd.
    func inspect(at index: Int, _ contents: SampleContents) -> [Diagnostic]
}

extension Dataset {
    package func size(at index: Int) -> (width: Int, height: Int)? { nil }
    package func fingerprint(at index: Int) -> UInt32? { nil }

    /// Pixels of an image, by which work can be dealt out; 0 where they cannot be told.
    package func area(at index: Int) -> Int { size(at: index).map { $0.width * $0.height } ?? 0 }
}

/// Warns of an image file that other programs show rotated.
///
/// - Throws: `InputError` if the file is no image.
package func imageWarnings(_ path: String) throws -> [Diagnostic] {
    guard try ImageHeader(contentsOf: path).hasExifRotation else { return [] }
    return [Diagnostic(.warning, InputError("the rotation in the file's EXIF data is ignored", file: path))]
}

/// A number made of an image's file and of what its boxes are.
func fingerprint(_ image: Data, _ boxes: [String]) -> UInt32 {
    checksum(Data("\(checksum(image))\n\(boxes.joined(separator: "\n"))".utf8))
}

extension Diagnostic {
    /// Warns of a record that is left out because of `problem`.
    static func leftOut(_ problem: InputError) -> Diagnostic {
        var finding = problem
        finding.problem += ", left out"
        return Diagnostic(.warning, finding)
    }
}

/// What to load with an image.
package struct SampleContents: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Boxes and background mask: what the classifier learns from and labels are made from.
    package static let boxes = SampleContents(rawValue: 1)
    /// Pseudo labels: what the segmenter learns from.
    package static let labels = SampleContents(rawValue: 2)
}

/// An image with its annotations; every map has the image's size.
package struct Sample: Sendable {
    package var id: String
    package var image: RGBImage
    package var boxes: [LabelledBox] = []
    /// 1 outside every box, 0 inside.
    package var backgroundMask: LabelMap?
    /// Y_crf: the labels the dense CRF gave.
    package var crfLabels: LabelMap?
    /// Y_ret: the labels retrieval gave.
    package var retrievalLabels: LabelMap?
    /// About the image's files; each kind is to be logged once.
    package var warnings: [Diagnostic] = []

    /// A sample without annotations.
    package init(id: String, image: RGBImage) {
        (self.id, self.image) = (id, image)
    }
}
