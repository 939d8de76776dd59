import DenseCRF
import FileAccess
import ImageFiles
package import Runs
import TensorCore

/// Times the dense CRF over one picture: its lattices and ten iterations (`bana bench crf`).
///
/// - Parameters:
///   - channels: the numbers of channels, each timed.
///   - picture: an image file; `nil` takes one of 500 x 375 pixels.
/// - Throws: `InputError` for a bad picture, or a Python that has no pydensecrf.
package func benchmarkCRF(
    channels: [Int], picture path: String?, _ options: BenchmarkOptions, _ session: Session
) throws -> RunEnd {
    let picture = try Picture(path)
    let rivals = try options.rivals(session, [.contiguous])
    let results = try channels.map { channels in
        let work = CRFWork(picture: picture, channels: channels, session: session)
        return CRFResult(channels: channels, try work.compare(options.repeats, rivals))
    }
    var table = TextTable(["channels", "ms", "pydensecrf ms", "ratio"])
    for result in results {
        table.append([
            "\(result.channels)", milliseconds(result.seconds), milliseconds(result.pydensecrfSeconds),
            number(result.ratio, digits: 2),
        ])
    }
    print("\(picture.image.width)x\(picture.image.height), 10 iterations, \(session.pool.threadCount) threads")
    print(table)
    try Results("crf", results, options, session).write(to: options.json)
    return .finished
}

private struct CRFResult: Encodable {
    let channels: Int
    let seconds: Double?
    let pydensecrfSeconds: Double?
    let ratio: Double?

    init(channels: Int, _ comparison: Comparison) {
        self.channels = channels
        (seconds, pydensecrfSeconds) = (comparison.ours.total, comparison.theirs?.total)
        ratio = comparison.ratio
    }
}

private struct CRFWork {
    let picture: Picture
    let channels: Int
    let session: Session

    /// The request that `rival.py` understands.
    private struct Request: Encodable {
        let prepare = "crf"
        let width, height: Int
        let pixels: String
        let channels: Int
        let parameters: [Float]
    }

    func compare(_ repeats: Int, _ rivals: [Rival]) throws -> Comparison {
        let image = picture.image
        let request = Request(
            width: image.width, height: image.height, pixels: picture.base64, channels: channels,
            parameters: CRFParameters.pseudoLabels.numbers)
        let probabilities = session.workspace.tensor(Shape(1, image.height, image.width, channels))
        let random = RandomStream(seed: 1, purpose: .initialization, position: 0)
        for i in 0..<probabilities.count { probabilities.floats[i] = Float(random.uniform(i)) }
        return try Comparison(repeats, against: rivals, request) { stopwatch in
            let crf = try ImageCRF(
                image.pixels, width: image.width, height: image.height, parameters: .pseudoLabels,
                pool: session.pool, workspace: session.workspace)
            _ = crf.marginals(of: probabilities)
            stopwatch.finish("crf")
        }
    }
}
