import Annotations
import Communication
import Configuration
import Datasets
import FileAccess
import Logging
import PseudoLabels
import Runs
import Stages

/// Turns the boxes of an image into pseudo labels, with a trained classifier (stage 2 of the method).
///
/// One thread at a time may use a labeler; it works with threads of its own.
public final class BoxLabeler {
    private let labeler: ImageLabeler
    private let list: ClassList

    /// Loads a classifier that `bana train classifier` has trained.
    ///
    /// - Parameters:
    ///   - path: its run folder, or its `model.safetensors`.
    ///   - classes: names of the boxes' classes in the order of their numbers; `nil` takes those of the classifier. Classes
    ///     that it never saw are told from the background alone.
    ///   - threads: at least 1; `nil` takes as many as the process may use.
    /// - Throws: `BanaError` for files that are missing or do not fit, and a processor that lacks what the library needs.
    public init(contentsOf path: String, classes: [String]? = nil, threads: Int? = nil) throws(BanaError) {
        (labeler, list) = try reporting {
            let settings = try RunConfiguration(ofModel: path)
            let list = try classes.map { try ClassList($0) } ?? settings.model.classes ?? settings.data.classes
            return (try ImageLabeler(settings, classes: list, try session(threads)), list)
        }
    }

    /// The names of the classes, the background first.
    public var classes: [String] { list.names }

    /// Labels an image.
    ///
    /// - Throws: `BanaError` for a box of an unknown class, with an edge that is not finite, or without a pixel of the image.
    public func label(_ image: Image, boxes: [Box]) throws(BanaError) -> PseudoLabelSet {
        try reporting {
            var sample = Sample(id: "image", image: image.image)
            sample.boxes = try boxes.map { try labelled($0, in: image) }
            return PseudoLabelSet(try labeler.label(sample), boxes: sample.boxes, list)
        }
    }

    /// The box within the image.
    private func labelled(_ box: Box, in image: Image) throws -> LabelledBox {
        guard [box.left, box.top, box.right, box.bottom].allSatisfy(\.isFinite) else {
            throw InputError("\(box) has an edge that is NaN or infinite")
        }
        let inside = Annotations.Box(
            left: max(0, box.left), top: max(0, box.top), right: min(Double(image.width), box.right),
            bottom: min(Double(image.height), box.bottom))
        guard inside.left < inside.right, inside.top < inside.bottom else {
            throw InputError("\(box) has no pixel of the \(image.width)x\(image.height) image")
        }
        return LabelledBox(classIndex: try list.index(of: box.label), box: inside)
    }
}

/// The pseudo labels of one image.
public struct PseudoLabelSet: Sendable {
    /// Y_crf: background attention and class maps, refined by the dense CRF.
    public let crf: SegmentationMap
    /// Y_ret: the class whose prototype is nearest to a pixel's features.
    public let retrieval: SegmentationMap
    /// Where the two agree; 255 elsewhere.
    public let agreement: SegmentationMap
    /// How probable Y_crf's class is, `height * width` bytes, 255 for certain.
    public let confidence: [UInt8]
    /// The part of Y_crf that belongs to each box, in the order of the boxes.
    public let masks: [Mask]

    init(_ maps: PseudoLabelMaps, boxes: [LabelledBox], _ classes: ClassList) {
        let map = { SegmentationMap(width: maps.width, height: maps.height, pixels: $0, classes) }
        (crf, retrieval, agreement) = (map(maps.crf), map(maps.retrieval), map(maps.agreement))
        confidence = maps.confidence
        masks = boxes.map { Mask(instanceMask($0, in: maps.crf, width: maps.width, height: maps.height)) }
    }
}

/// A process on its own, which says nothing.
func session(_ threads: Int?) throws -> Session {
    Session(
        communicator: Communicator(), threads: try checked(threads),
        logger: Logger(label: "bana") { _ in SwiftLogNoOpLogHandler() })
}

/// A number of threads that can work; `nil` leaves it open.
func checked(_ threads: Int?) throws -> Int? {
    if let threads, threads < 1 { throw InputError("\(threads) threads", remedy: "give at least 1, or nil") }
    return threads
}
