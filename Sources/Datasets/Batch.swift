package import Annotations
package import FileAccess
import ImageFiles

/// The samples that a rank learns from in one iteration, in memory that is used again.
package final class Batch {
    /// What belongs to an image besides its pixels.
    package struct Item: Sendable {
        /// Position in the sample stream: the key of the sample's random numbers.
        package let position: UInt64
        package let id: String
        /// Where the boxes are in the image as it is in the batch.
        package let boxes: [LabelledBox]
        /// About the image's files; each kind is to be logged once.
        package let warnings: [Diagnostic]
    }

    /// The iteration, from 0.
    package private(set) var iteration = 0
    /// The samples in the order of the stream.
    package var items: [Item] { loaded.compactMap { $0 } }
    /// Columns of every image and map.
    package private(set) var width = 0
    /// Rows of every image and map.
    package private(set) var height = 0

    /// The network's input: images, rows, columns, channels.
    package var images: UnsafeMutableBufferPointer<Float> { pixels.elements }
    /// 1 outside every box, 0 inside and in the padding; images, rows, columns. Empty if the samples have none.
    package var backgroundMasks: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(masks.elements) }
    /// Y_crf, 255 in the padding; images, rows, columns. Empty if the samples have none.
    package var crfLabels: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(crf.elements) }
    /// Y_ret, 255 in the padding; images, rows, columns. Empty if the samples have none.
    package var retrievalLabels: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(retrieval.elements) }

    private let pixels = ReusedMemory<Float>()
    private let masks = ReusedMemory<UInt8>()
    private let crf = ReusedMemory<UInt8>()
    private let retrieval = ReusedMemory<UInt8>()
    private var loaded: [Item?] = []
    /// Id of the sample that gave the batch its size.
    private var first: String?

    /// Forgets what the batch held, and makes it that of an iteration with `count` samples.
    func begin(iteration: Int, count: Int) {
        self.iteration = iteration
        loaded = [Item?](repeating: nil, count: count)
        first = nil
    }

    /// Makes room when the first sample comes.
    ///
    /// - Throws: `InputError` if a later one has another size.
    func admit(_ sample: Sample) throws {
        let (image, count) = (sample.image, loaded.count)
        if let first {
            guard (image.width, image.height) == (width, height) else {
                throw InputError(
                    "'\(first)' has \(width)x\(height) pixels and '\(sample.id)' \(image.width)x\(image.height), "
                        + "but all images of a batch must have one size",
                    remedy: "set data.crop, or solver.batch to 1")
            }
            return
        }
        first = sample.id
        (width, height) = (image.width, image.height)
        let area = count * width * height
        pixels.resize(to: area * 3)
        masks.resize(to: sample.backgroundMask == nil ? 0 : area)
        crf.resize(to: sample.crfLabels == nil ? 0 : area)
        retrieval.resize(to: sample.retrievalLabels == nil ? 0 : area)
    }

    /// Writes the pixels and maps of an admitted sample; several threads may do so for different samples.
    func write(_ sample: Sample, at index: Int, _ normalization: ColorNormalization) {
        let area = width * height
        if let pixels = images.baseAddress { normalization.apply(to: sample.image, into: pixels + index * area * 3) }
        for (memory, map) in [
            (masks, sample.backgroundMask), (crf, sample.crfLabels), (retrieval, sample.retrievalLabels),
        ] {
            guard let map, let elements = memory.elements.baseAddress else { continue }
            (elements + index * area).update(from: map.pixels, count: area)
        }
    }

    /// Keeps what belongs to a sample besides its pixels.
    func complete(_ sample: Sample, at index: Int, position: Int) {
        loaded[index] = Item(
            position: UInt64(position), id: sample.id, boxes: sample.boxes, warnings: sample.warnings)
    }
}

/// Memory that grows when more is wanted, and is kept when less is.
private final class ReusedMemory<Element: BitwiseCopyable> {
    private(set) var elements = UnsafeMutableBufferPointer<Element>(start: nil, count: 0)
    private var memory = UnsafeMutableBufferPointer<Element>(start: nil, count: 0)

    /// Provides `count` elements of undefined contents.
    func resize(to count: Int) {
        if count > memory.count {
            memory.deallocate()
            memory = .allocate(capacity: count)
        }
        elements = UnsafeMutableBufferPointer(rebasing: memory[..<count])
    }

    deinit { memory.deallocate() }
}
