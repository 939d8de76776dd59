import Annotations
import Configuration
import Runs
import Segmentation

/// Segments images without boxes, with a trained DeepLab (stage 3 of the method).
///
/// One thread at a time may use a segmenter; it works with threads of its own.
public final class ImageSegmenter {
    private let segmenter: Segmenter
    private let settings: RunConfiguration
    private let session: Session
    private let list: ClassList

    /// Loads a network that `bana train segmenter` has trained.
    ///
    /// - Parameters:
    ///   - path: its run folder, or its `model.safetensors`.
    ///   - usesCRF: whether the dense CRF refines the results.
    ///   - threads: at least 1; `nil` takes as many as the process may use.
    /// - Throws: `BanaError` for files that are missing or do not fit, and a processor that lacks what the library needs.
    public init(contentsOf path: String, usesCRF: Bool = true, threads: Int? = nil) throws(BanaError) {
        (settings, segmenter, list, session) = try reporting {
            let session = try BanaKit.session(threads)
            let settings = try RunConfiguration(ofModel: path)
            let list = settings.model.classes ?? settings.data.classes
            let segmenter = try session.loadSegmenter(
                settings, weights: settings.model.weights ?? "", classes: list.count, usesCRF: usesCRF)
            return (settings, segmenter, list, session)
        }
    }

    /// The names of the classes, the background first.
    public var classes: [String] { list.names }

    /// The class of every pixel of an image.
    ///
    /// - Throws: `BanaError` for an image that the CRF cannot refine.
    public func segment(_ image: Image) throws(BanaError) -> SegmentationMap {
        try reporting {
            let input = session.input(image.image, settings.data.normalize)
            let result = try segmenter.segment(input, pixels: image.pixels)
            return SegmentationMap(
                width: image.width, height: image.height, pixels: result.refined ?? result.plain, list)
        }
    }
}
