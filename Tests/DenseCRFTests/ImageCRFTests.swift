import DenseCRF
import FileAccess
import TensorCore
import TestSupport
import Testing

/// An image of smooth colours with some noise, and probabilities that change slowly.
struct Scene {
    let width: Int
    let height: Int
    let channels: Int
    let image: [UInt8]
    let probabilities: [Float]

    init(_ width: Int, _ height: Int, channels: Int) {
        (self.width, self.height, self.channels) = (width, height, channels)
        let noise = Formula.uniform("image", count: 3 * width * height)
        image = noise.indices.map { i in
            let (pixel, channel) = i.quotientAndRemainder(dividingBy: 3)
            let slope = Double(pixel % width) * Double(3 + channel) + Double(pixel / width) * Double(5 - channel)
            return UInt8(clamping: Int(40 + slope + 12 * noise[i]))
        }
        probabilities = Formula.uniform("probabilities", count: width * height * channels).map { Float($0 * $0) }
    }

    func crf(_ parameters: [Float], _ context: StepContext) throws -> ImageCRF {
        try ImageCRF(
            image, width: width, height: height, parameters: #require(CRFParameters(parameters)), pool: context.pool,
            workspace: context.workspace)
    }

    func input(_ workspace: Workspace) -> Tensor {
        workspace.tensor(Shape(1, height, width, channels), probabilities)
    }
}

@Suite("The CRF of an image")
struct ImageCRFTests {
    @Test(
        "equals the twin written straight from the text",
        arguments: [
            (1, 1, 3), (1, 7, 2), (9, 1, 4), (17, 13, 1), (13, 17, 2), (35, 33, 3), (16, 12, 5), (12, 9, 8),
            (11, 10, 9), (8, 9, 21),
        ])
    func equalsTwin(width: Int, height: Int, channels: Int) throws {
        let scene = Scene(width, height, channels: channels)
        let context = makeContext(.inference)
        for parameters: [Float] in [[4, 55, 3, 3, 3], [2, 5, 9, 1, 1], [1.5, 121, 5, 0.5, 0.7]] {
            let twin = NaiveCRF(width: width, height: height, image: scene.image, parameters: parameters)
            let crf = try scene.crf(parameters, context)
            #expect(crf.vertexCounts.spatial == NaiveLattice(twin.positions).vertices.count)
            #expect(crf.vertexCounts.bilateral == NaiveLattice(twin.appearances).vertices.count)
            let found = crf.marginals(of: scene.input(context.workspace)).elements
            let error = relativeError(found, twin.marginals(scene.probabilities, channels: channels))
            #expect(error < 2e-5, "\(parameters)")
        }
    }

    @Test("without pairwise terms gives the clipped probabilities over their sum")
    func withoutPairwiseTerms() throws {
        let context = makeContext(.inference)
        let scene = Scene(5, 3, channels: 3)
        let found = try scene.crf([0, 55, 3, 0, 3], context).marginals(
            of: context.workspace.tensor(Shape(1, 3, 5, 3), (0..<15).flatMap { _ in [Float(0), 0.25, 2] }))
        let wanted = [1e-5, 0.25, 1].map { $0 / 1.25001 }
        #expect(relativeError(found.elements, (0..<15).flatMap { _ in wanted }) < 1e-6)
    }

    @Test("gives the same bits on any number of threads", arguments: [2, 3, 8, 11])
    func threads(channels: Int) {
        let scene = Scene(70, 45, channels: channels)
        #expect(
            isIndependentOfThreads { context in
                let crf = try? scene.crf([4, 55, 3, 3, 3], context)
                return crf?.marginals(of: scene.input(context.workspace)).elements ?? []
            })
    }

    @Test("refines several maps of one image, and takes no more memory for the second")
    func reuse() throws {
        let scene = Scene(40, 30, channels: 3)
        let context = makeContext(.inference)
        let crf = try scene.crf([4, 55, 3, 3, 3], context)
        let first = crf.marginals(of: scene.input(context.workspace)).elements
        let memory = context.workspace.highWater
        let other = Scene(40, 30, channels: 3).probabilities.map { 1 - $0 }
        _ = crf.marginals(of: context.workspace.tensor(Shape(1, 30, 40, 3), other))
        #expect(areBitwiseEqual(crf.marginals(of: scene.input(context.workspace)).elements, first))
        #expect(context.workspace.highWater == memory)
    }

    @Test(
        "refuses deviations too small for the image",
        arguments: [
            [4, 0.001, 3, 3, 3], [4, 55, 0.001, 3, 3], [4, 55, 3, 3, 1e-6], [4, 1e-30, 1e-30, 3, 1e-30],
        ] as [[Float]])
    func tooSmallDeviations(parameters: [Float]) {
        let text = message { try Scene(300, 2, channels: 2).crf(parameters, makeContext(.inference)) }
        #expect(text == "a standard deviation of the CRF is too small for an image of this size; raise it")
    }
}

@Suite("Parameters of the CRF")
struct CRFParametersTests {
    @Test("come in the order of a config")
    func order() throws {
        let parameters = try #require(CRFParameters([4, 55, 3, 2, 1]))
        #expect(parameters.bilateralWeight == 4 && parameters.bilateralDistance == 55)
        #expect(parameters.bilateralColor == 3 && parameters.spatialWeight == 2 && parameters.spatialDistance == 1)
        #expect(parameters.iterations == 10)
    }

    @Test(
        "must be five, finite, and widths above 0",
        arguments: [
            [], [4, 55, 3, 3], [4, 55, 3, 3, 3, 3], [4, 0, 3, 3, 3], [4, 55, 0, 3, 3], [4, 55, 3, 3, 0],
            [-1, 55, 3, 3, 3], [.nan, 55, 3, 3, 3], [4, .infinity, 3, 3, 3],
        ] as [[Float]])
    func invalid(numbers: [Float]) {
        #expect(CRFParameters(numbers) == nil)
    }
}
