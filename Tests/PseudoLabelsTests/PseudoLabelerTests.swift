import DenseCRF
import PseudoLabels
import TensorCore
import TestSupport
import Testing

@Suite("Pseudo labels")
struct PseudoLabelerTests {
    @Test("start from the attention and scores of the text", arguments: LabelScene.all)
    func unary(scene: LabelScene) throws {
        for options in try LabelScene.options() where scene.hasUnary(options) {
            let context = makeContext(.inference)
            let twin = scene.twin(options)
            let attention = backgroundAttention(
                scene.upsampled(context), scene.image, grid: options.grid, threshold: options.threshold,
                context.workspace)
            #expect(relativeError(attention.elements, twin.thresholded) < 1e-4, "\(options)")
            let found = LabelScene.withWeights(context) { weights in
                let unary = Unary(
                    features: scene.upsampled(context), image: scene.image, channels: LabelChannels(scene.image),
                    weights: weights, options: options, workspace: context.workspace)
                let scores = unary.scores()
                unary.applySoftmaxInBoxes(scores)
                return scores.elements
            }
            let unary = twin.unary
            let wanted = twin.pixels.flatMap { pixel in unary.map { $0[pixel] } }
            #expect(relativeError(found, wanted) < 1e-4, "\(options)")
        }
    }

    @Test("are the maps of the text", arguments: LabelScene.all)
    func maps(scene: LabelScene) throws {
        for options in try LabelScene.options() where scene.hasUnary(options) {
            let context = makeContext(.inference)
            let found = try scene.label(options, context)
            let twin = scene.twin(options)
            let (image, unary) = (scene.image, twin.unary)
            let crf = try ImageCRF(
                image.pixels, width: image.width, height: image.height, parameters: options.crf, pool: context.pool,
                workspace: context.workspace)
            let probabilities = context.workspace.tensor(
                Shape(1, image.height, image.width, unary.count),
                twin.pixels.flatMap { pixel in unary.map { Float($0[pixel]) } })
            let labels = twin.labels(marginals: crf.marginals(of: probabilities).elements)
            let retrieval = twin.retrieval(labels)
            #expect(found.crf == labels.map { UInt8(twin.classes[$0]) }, "\(options)")
            #expect(found.retrieval == retrieval.map { UInt8(twin.classes[$0]) }, "\(options)")
            #expect(found.agreement == zip(found.crf, found.retrieval).map { $0 == $1 ? $0 : 255 })
            let scores = twin.scores
            let classScore = twin.pixels.map { pixel in scores.dropFirst().map { $0[pixel] }.max() ?? 0 }
            #expect(largestError(found.attention, scores[0]) < 1 && largestError(found.classScore, classScore) < 1)
        }
    }

    /// The largest difference of bytes from 255 times `wanted`.
    private func largestError(_ bytes: [UInt8], _ wanted: [Double]) -> Double {
        zip(bytes, wanted).map { abs(Double($0) - 255 * $1) }.max() ?? 0
    }

    @Test("hold several classes in most scenes, so that equal maps mean something")
    func variety() throws {
        let context = makeContext(.inference)
        let options = try LabelScene.options()[0]
        let maps = try LabelScene.all.map { try $0.label(options, context) }
        #expect(maps.flatMap { [$0.crf, $0.retrieval] }.count { Set($0).count > 1 } >= 10)
    }

    @Test("do not depend on the number of threads", arguments: LabelScene.all)
    func threads(scene: LabelScene) throws {
        let options = try LabelScene.options()[0]
        let maps = try [1, 2, 3].map { try scene.label(options, makeContext(.inference, threads: $0)) }
        #expect(maps[1] == maps[0] && maps[2] == maps[0])
    }

    @Test("go to the lowest channel where all are equal")
    func ties() throws {
        let scene = LabelScene.all[0]
        let context = makeContext(.inference)
        let options = LabelOptions(crf: try #require(CRFParameters([0, 55, 3, 0, 3])))
        let maps = try scene.label(options, context, features: Volume(scene.features.shape))
        #expect(maps.crf.allSatisfy { $0 == 0 } && maps.retrieval.allSatisfy { $0 == 0 })
    }
}

extension LabelScene {
    /// The background's class map over its maximum says nothing where no background is.
    fileprivate func hasUnary(_ options: LabelOptions) -> Bool {
        options.background == .attention || image.backgroundMask.contains(1)
    }
}
