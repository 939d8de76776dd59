import Communication
import Datasets
import Evaluation
import FileAccess
import Runs

/// Notices truth that is all 0 and 255, by which everything scores 100: binary masks in place of maps of classes.
struct BinaryTruth {
    private var hasIgnoredPixels = false

    /// Looks at the true labels of one image.
    mutating func look(at labels: [UInt8]) {
        hasIgnoredPixels = hasIgnoredPixels || labels.contains(255)
    }

    /// Refuses such truth, of all images; all ranks must ask.
    ///
    /// - Throws: `InputError` naming `place`, where the truth lies.
    func check(_ matrix: ConfusionMatrix, place: String, _ session: Session) throws {
        let ignored = try session.communicator.allReduce([hasIgnoredPixels ? 1.0 : 0])[0]
        let objects = (1..<matrix.classCount).contains { truth in
            (0...matrix.classCount).contains { matrix[truth: truth, prediction: $0] > 0 }
        }
        if ignored > 0, !objects { throw InputError.binaryMask(place) }
    }
}
