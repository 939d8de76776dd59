import Annotations
import Communication
package import Datasets
package import Evaluation
import FileAccess
package import ImageFiles

extension ConfusionMatrix {
    /// Counts an image whose maps have names for messages.
    ///
    /// - Throws: `InputError` naming the map with a label out of range.
    package mutating func add(
        _ prediction: [UInt8], named name: String, truth: [UInt8], named truthName: String
    ) throws {
        do throws(LabelOutOfRange) {
            try add(prediction: prediction, truth: truth)
        } catch {
            throw InputError(
                "\(error)", file: error.role == .truth ? truthName : name, remedy: "is it of other classes?")
        }
    }
}

extension Session {
    /// The ranks' confusion matrices in one; all ranks must ask.
    package func allReduce(_ matrix: ConfusionMatrix) throws -> ConfusionMatrix {
        let counts = try communicator.allReduce(matrix.counts.map { Double($0) })
        return ConfusionMatrix(classCount: matrix.classCount, counts: counts.map { Int($0) })
    }
}

extension Dataset {
    /// A label map on disk that belongs to `image`.
    ///
    /// - Throws: `InputError` naming the file if it has another size, or labels of no class.
    package func labelMap(_ path: String, of image: RGBImage) throws -> LabelMap {
        let map = try LabelMap(contentsOf: path)
        try map.check(classCount: classes.count, size: (image.width, image.height), file: path)
        return map
    }
}
