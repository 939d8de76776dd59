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
    ///   - threads: `nil` takes as many as the process may use.
    /// - Throws: `BanaError` for files that are missing or do not fit.
    public init(contentsOf path: String, usesCRF: Bool = true, threads: Int? = nil) throws(BanaError) {
        let session = BanaKit.session(threads)
        (settings, segmenter, list) = try reporting {
            let settings = try RunConfiguration(ofModel: path)
            let list = settings.model.classes ?? settings.data.classes
            let segmenter = try session.loadSegmenter(
                settings, weights: settings.model.weights ?? "", classes: list.count, usesCRF: usesCRF)
            return (settings, segmenter, list)
        }
        self.session = session
    }

    /// The names of the classes, the background first.
    public var classes: [String] { list.names }

    /// The class of every pixel of an image.
    ///
    /// - Throws: `BanaError` for an image that the CRF cannot refine.
    public func segment(_ image: Image) throws(BanaError) -> ClassMap {
        try reporting {
            let input = session.input(image.image, settings.data.normalize)
            let result = try segmenter.segment(input, pixels: image.pixels)
            return ClassMap(width: image.width, height: image.height, pixels: result.refined ?? result.plain, list)
        }
    }
}
