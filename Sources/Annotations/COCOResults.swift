import FileAccess
import Foundation

/// One predicted instance, as a results file of COCO has it.
package struct InstanceResult: Sendable {
    package var image: Int
    package var category: Int
    package var score: Double
    package var mask: RunLengths
    /// Area of the result's own `bbox`, where it has one.
    package var boxArea: Double?

    /// An instance with a mask of its image's size.
    package init(image: Int, category: Int, score: Double, mask: RunLengths, boxArea: Double? = nil) {
        (self.image, self.category, self.score, self.mask) = (image, category, score, mask)
        self.boxArea = boxArea
    }
}

/// Reads a results file: `[{"image_id", "category_id", "segmentation", "score"}, ...]`.
///
/// A result without segmentation stands for its box.
///
/// - Throws: `InputError` naming the record, also if it is about an image that `truth` does not have.
package func readResults(_ path: String, for truth: COCOInstances) throws -> [InstanceResult] {
    let places = Dictionary(zip(truth.images.map(\.id), truth.images.indices)) { first, _ in first }
    var results: [InstanceResult] = []
    let data = try readFile(path)
    if let problem = notResults(data) { throw problem.inFile(path) }
    try data.withUnsafeBytes { bytes in
        var reader = JSONReader(bytes, file: path)
        try reader.array { reader in
            _ = reader.peek()
            let start = reader.position
            do {
                results.append(try reader.result { try places[$0].map(truth.statedSize) })
            } catch let fault as FieldFault {
                throw InputError(
                    fault.problem, file: path, at: "line \(reader.line(at: fault.position)), result \(results.count)",
                    remedy: "correct the result")
            } catch var error as InputError {
                // What is wrong with the truth has its own place.
                if error.file ?? path == path {
                    error.place = "line \(reader.line(at: start)), result \(results.count)"
                }
                throw error.inFile(path)
            }
        }
        try reader.end()
    }
    return results
}

extension JSONReader {
    fileprivate mutating func result(
        sizeOfImage: (Int) throws -> (width: Int, height: Int)?
    ) throws -> InstanceResult {
        var (image, category, score, segmentation): (Int?, Int?, Double?, Int?)
        var box: [Double]?
        try object { reader, key in
            switch key {
            case "image_id": image = try reader.wholeNumber(key)
            case "category_id": category = try reader.wholeNumber(key)
            case "score": score = try reader.field(key, "a number") { try $0.number() }
            case "bbox": box = try reader.optionalBox()
            case "segmentation": segmentation = try reader.shape()?.lowerBound
            default: try reader.skip()
            }
        }
        let end = position
        guard let image, let category, let score else {
            throw InputError("a result without image_id, category_id or score")
        }
        guard let size = try sizeOfImage(image) else { throw InputError("the truth has no image \(image)") }
        let mask = try segmentation.map { start in
            rewind(to: start)
            return try self.segmentation(width: size.width, height: size.height)
        }
        rewind(to: end)
        guard let mask = mask ?? box.flatMap({ RunLengths(width: size.width, height: size.height, box: $0) }) else {
            throw InputError("a result without segmentation")
        }
        return InstanceResult(
            image: image, category: category, score: score, mask: mask, boxArea: box.map { $0[2] * $0[3] })
    }

    /// The four numbers of a box; `nil` for an empty list.
    private mutating func optionalBox() throws -> [Double]? {
        var numbers: [Double] = []
        try array { numbers.append(try $0.number()) }
        guard numbers.isEmpty || numbers.count == 4 else {
            throw InputError("a bbox of \(numbers.count) numbers; it has 4")
        }
        return numbers.isEmpty ? nil : numbers
    }
}

extension RunLengths {
    /// The inside of a box `[x, y, width, height]`.
    fileprivate init?(width: Int, height: Int, box: [Double]) {
        let (left, top, right, bottom) = (box[0], box[1], box[0] + box[2], box[1] + box[3])
        self.init(
            width: width, height: height, polygon: [left, top, left, bottom, right, bottom, right, top])
    }
}
