import Annotations
import Evaluation
import TensorCore

/// COCO's twelve figures for a set of predicted masks, as pycocotools computes them.
///
/// All are fractions of 1; -1 where no true object is of that kind.
public struct MaskScores: Sendable, Equatable {
    /// The figures by COCO's names: `AP`, `AP50`, `AP75`, `APs`, `APm`, `APl`, `AR1`, `AR10`, `AR100`, `ARs`, `ARm`, `ARl`.
    public let figures: [String: Double]

    /// Average precision over the overlaps 0.50, 0.55, ..., 0.95 and over the classes.
    public var ap: Double { figures["AP"] ?? -1 }

    /// Scores a results file against an instances file, both in COCO's formats.
    ///
    /// - Parameter threads: at least 1; `nil` takes as many as the process may use.
    /// - Throws: `BanaError` naming the record that is wrong.
    public init(results: String, truth: String, threads: Int? = nil) throws(BanaError) {
        figures = try reporting {
            let instances = try COCOInstances(contentsOf: truth)
            let pool = ThreadPool(threadCount: try checked(threads) ?? availableCores())
            let scores = try scoreInstances(try readResults(results, for: instances), truth: instances, pool)
            return Dictionary(uniqueKeysWithValues: scores.figures.map { ($0.name, $0.value) })
        }
    }
}
