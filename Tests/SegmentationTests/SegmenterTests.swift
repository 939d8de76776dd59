import DenseCRF
import Foundation
import Networks
import Segmentation
import TensorCore
import TestSupport
import Testing

@Suite("Segmenting an image")
struct SegmenterTests {
    static let shape = Shape(1, 37, 29, 3)
    static let classes = 5

    /// A narrow network of random weights.
    private let network: SegmentationNetwork = {
        let network = SegmentationNetwork(
            largeFOV: VGG16.Options(width: 0.125, dropout: 0), classes: SegmenterTests.classes)
        network.arena.initialize(seed: 5, fromScratch: true)
        return network
    }()
    /// Noise on four areas of different colours.
    private let image: Volume = {
        var image = Volume(SegmenterTests.shape, formula: "image", scale: 20)
        for (index, place) in image.positions.enumerated() {
            let area = (place.y < 18 ? 0 : 2) + (place.x < 15 ? 0 : 1)
            image.values[index] += area == 3 ? -100 : area == place.c ? 150 : 0
        }
        return image
    }()
    private let pixels = Formula.uniform("pixels", count: SegmenterTests.shape.count).map { UInt8($0 * 40) }

    private func options(
        scales: [Double] = [1, 0.5, 0.75, 1.5], mirrors: Bool = true, crf: CRFParameters? = nil
    ) -> Segmenter.Options {
        Segmenter.Options(scales: scales, mirrors: mirrors, temperature: 20, crf: crf)
    }

    @Test(
        "averages the cosines of all scales, and of mirror images",
        arguments: [([1], false), ([1], true), ([0.5], false), ([1, 0.5, 0.75, 1.5], true), ([0.01], false)])
    func averages(scales: [Double], mirrors: Bool) {
        let context = makeContext(.inference)
        let segmenter = Segmenter(network, options(scales: scales, mirrors: mirrors), context)
        let found = segmenter.averageCosines(image.tensor(in: context.workspace)).elements
        let views = scales.flatMap { scale in (mirrors ? [false, true] : [false]).map { view(scale, $0, context) } }
        let wanted = views[0].values.indices.map { i in
            views.reduce(0) { $0 + $1.values[i] } / Double(views.count)
        }
        #expect(relativeError(found, wanted) < 1e-4)
    }

    /// The cosines of one view at the image's size, resized and mirrored by the twins.
    private func view(_ scale: Double, _ isMirrored: Bool, _ context: StepContext) -> Volume {
        let height = max(1, Int(floor(Double(image.shape.h) * scale)))
        let width = max(1, Int(floor(Double(image.shape.w) * scale)))
        let scaled = NaiveResize.bilinear(image, height: height, width: width)
        let input = isMirrored ? mirrored(scaled) : scaled
        let cosines = Volume(network.forward(input.tensor(in: context.workspace), context).cosines)
        return NaiveResize.bilinear(
            isMirrored ? mirrored(cosines) : cosines, height: image.shape.h, width: image.shape.w)
    }

    private func mirrored(_ x: Volume) -> Volume {
        Volume(x.shape, x.positions.map { x[$0.n, $0.y, x.shape.w - 1 - $0.x, $0.c] })
    }

    @Test("takes the class of the largest cosine, and without a CRF leaves it at that")
    func plain() throws {
        let context = makeContext(.inference)
        let segmenter = Segmenter(network, options(), context)
        let input = image.tensor(in: context.workspace)
        let result = try segmenter.segment(input, pixels: pixels)
        #expect(result.plain == mostLikely(segmenter.averageCosines(input).elements))
        #expect(result.refined == nil)
        #expect(Set(result.plain).count > 1)
    }

    @Test("gives the CRF the softmax of the cosines times the temperature")
    func refined() throws {
        let context = makeContext(.inference)
        let parameters = CRFParameters.deepLab
        let segmenter = Segmenter(network, options(crf: parameters), context)
        let input = image.tensor(in: context.workspace)
        let cosines = segmenter.averageCosines(input).elements.map { Double($0) }
        let powers = cosines.map { exp(20 * $0) }
        let probabilities = powers.indices.map { i in
            let first = i / SegmenterTests.classes * SegmenterTests.classes
            return Float(powers[i] / powers[first..<first + SegmenterTests.classes].reduce(0, +))
        }
        let shape = SegmenterTests.shape
        let crf = try ImageCRF(
            pixels, width: shape.w, height: shape.h, parameters: parameters, pool: context.pool,
            workspace: context.workspace)
        let marginals = crf.marginals(
            of: context.workspace.tensor(shape.with(channels: SegmenterTests.classes), probabilities))
        let result = try segmenter.segment(input, pixels: pixels)
        #expect(result.refined == mostLikely(marginals.elements))
        #expect(result.refined != result.plain)
    }

    @Test("gives the same bits on any number of threads")
    func threads() {
        #expect(
            isIndependentOfThreads { context in
                let segmenter = Segmenter(network, options(), context)
                return segmenter.averageCosines(image.tensor(in: context.workspace)).elements
            })
    }

    private func mostLikely(_ values: [Float]) -> [UInt8] {
        stride(from: 0, to: values.count, by: SegmenterTests.classes).map { first in
            let row = Array(values[first..<first + SegmenterTests.classes])
            return UInt8(row.firstIndex(of: row.max() ?? 0) ?? 0)
        }
    }
}
