import Annotations
package import Configuration
import Datasets
import DenseCRF
import FileAccess
import ImageFiles
import Kernels
import Networks
import PseudoLabels
package import Runs
import TensorCore

/// Times the pseudo labels of one picture with two boxes: network, attention, CRF, retrieval (`bana bench label`).
///
/// - Parameter path: an image file; `nil` takes a picture of 500 x 375 pixels.
/// - Throws: `InputError` for a bad picture, or a Python that has no torch or pydensecrf.
package func benchmarkLabel(
    picture path: String?, _ precision: Precision, _ options: BenchmarkOptions, _ session: Session
) throws -> RunEnd {
    let rivals = try options.rivals(session)
    var model = ModelSettings()
    model.precision = precision
    let work = try LabelWork(Picture(path), model, session)
    let comparison = try Comparison(options.repeats, against: rivals, work.request) { stopwatch in
        try work.run(&stopwatch)
    }
    let parts = LabelWork.parts.map { part in
        LabelPart(part: part, seconds: comparison.ours[part], torchSeconds: comparison.theirs?[part])
    }
    let whole = LabelPart(part: "together", seconds: comparison.ours.total, torchSeconds: comparison.theirs?.total)
    var table = TextTable(["part", "ms", "PyTorch and pydensecrf ms", "ratio"])
    for part in parts + [whole] {
        table.append([
            part.part, milliseconds(part.seconds), milliseconds(part.torchSeconds), number(part.ratio, digits: 2),
        ])
    }
    let image = work.picture.image
    let threads = "\(session.pool.threadCount) threads with \(Instructions.description)"
    print("\(image.width)x\(image.height), \(work.picture.boxes.count) boxes, \(threads)")
    print(table)
    try Results("label", parts + [whole], options, session).write(to: options.json)
    return .finished
}

private struct LabelPart: Encodable {
    let part: String
    let seconds: Double?
    let torchSeconds: Double?
    var ratio: Double? { torchSeconds.flatMap { theirs in seconds.map { theirs / $0 } } }
}

/// An image, a network of random weights, and what makes labels of them.
private struct LabelWork {
    let picture: Picture
    let session: Session
    let network: BoxClassifier
    let context: StepContext
    let labeler: PseudoLabeler
    let annotated: AnnotatedImage

    static let parts = ["network"] + PseudoLabeler.Part.allCases.map(\.rawValue)
    private static let classes = 21

    init(_ picture: Picture, _ model: ModelSettings, _ session: Session) throws {
        (self.picture, self.session) = (picture, session)
        context = session.inferenceContext(model)
        network = model.makeClassifier(classes: LabelWork.classes)
        network.arena.initialize(seed: 1, fromScratch: true)
        let weights = ClassWeights(
            rows: network.weight.value, channels: network.weight.fileShape[1],
            rowOfClass: (0..<LabelWork.classes).map { $0 })
        labeler = PseudoLabeler(
            LabelOptions(crf: .pseudoLabels), weights, workspace: session.workspace, pool: session.pool)
        let image = picture.image
        annotated = AnnotatedImage(
            width: image.width, height: image.height, pixels: image.pixels, boxes: picture.boxes,
            backgroundMask: backgroundMask(picture.boxes, width: image.width, height: image.height))
    }

    /// The request that `rival.py` understands.
    struct Request: Encodable {
        let prepare = "label"
        let width, height: Int
        let pixels: String
        /// Class, left, top, right, bottom.
        let boxes: [[Int]]
        let classes: Int
        let parameters: [Float]
    }

    var request: Request {
        let boxes = picture.boxes.map { labelled in
            let box = labelled.box
            return [labelled.classIndex] + [box.left, box.top, box.right, box.bottom].map { Int($0) }
        }
        return Request(
            width: picture.image.width, height: picture.image.height, pixels: picture.base64, boxes: boxes,
            classes: LabelWork.classes, parameters: CRFParameters.pseudoLabels.numbers)
    }

    func run(_ stopwatch: inout Stopwatch) throws {
        let image = picture.image
        let input = session.workspace.tensor(Shape(1, image.height, image.width, 3))
        ColorNormalization.caffe.apply(to: image, into: input.floats)
        let features = network.features(input, context)
        stopwatch.finish("network")
        _ = try labeler.label(annotated, features: features) { stopwatch.finish($0.rawValue) }
    }
}
