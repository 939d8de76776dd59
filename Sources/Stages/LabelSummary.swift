import Communication
import Foundation
import Runs

/// What became of a rank's images.
struct LabelTally {
    var made = 0
    /// 1 for an image of the queue that could not be labelled.
    var hasFailed: [Double]
    private let start = Date()

    /// Begins to count, and to measure time.
    init(images: Int) { hasFailed = [Double](repeating: 0, count: images) }

    var seconds: Double { -start.timeIntervalSinceNow }
}

/// What became of the images of all ranks.
struct LabelSummary {
    let made: Int
    /// For every image of the queue, in its order.
    let hasFailed: [Bool]
    /// Whether some rank was asked to stop.
    let isStopping: Bool
    /// Images and seconds of each rank.
    private let ranks: [(made: Int, seconds: Double)]

    /// Adds up the ranks' tallies; all ranks must ask.
    init(_ tally: LabelTally, _ session: Session) throws {
        let (communicator, first) = (session.communicator, 2 * session.communicator.rank)
        var numbers = [Double](repeating: 0, count: 2 * communicator.size)
        (numbers[first], numbers[first + 1]) = (Double(tally.made), tally.seconds)
        numbers = try communicator.allReduce(numbers)
        ranks = (0..<communicator.size).map { (Int(numbers[2 * $0]), numbers[2 * $0 + 1]) }
        made = ranks.reduce(0) { $0 + $1.made }
        hasFailed = try communicator.allReduce(tally.hasFailed).map { $0 > 0 }
        isStopping = try session.isStopping
    }

    /// The summary in words: how many, how fast each rank was, and which images failed.
    func lines(skipped: Int, failed: [String]) -> [String] {
        var lines = ["labelled \(made) images, \(skipped) had their labels, \(failed.count) failed"]
        if made > 0 {
            lines += ranks.enumerated().map { rank, share in
                let speed = String(format: "%.2f images/s", Double(share.made) / max(share.seconds, 1e-9))
                return "rank \(rank): \(share.made) images, \(speed)"
            }
        }
        if !failed.isEmpty {
            let more = failed.count > 20 ? ", and \(failed.count - 20) more" : ""
            lines.append("failed: " + failed.prefix(20).joined(separator: ", ") + more)
        }
        return lines
    }
}
