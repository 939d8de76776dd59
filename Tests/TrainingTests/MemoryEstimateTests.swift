import Annotations
import Configuration
import Datasets
import FileAccess
import ImageFiles
import Layers
import Networks
import TensorCore
import TestSupport
import Testing
import Training

/// The estimate against what a step really takes.
@Suite struct MemoryEstimateTests {
    /// A network to be trained on images of some size.
    struct Case: CustomTestStringConvertible, Sendable {
        var options = VGG16.Options(width: 0.25)
        /// In place of the VGG.
        var resNet: ResNet.Options?
        var isSegmenter = false
        /// Whether only the classifier learns.
        var isFrozen = false
        var images = 2
        var side = 225
        var threads = 2
        var precision = Tensor.ElementType.float32

        var testDescription: String {
            "\(resNet == nil ? "" : "ResNet ")\(isSegmenter ? "segmenter" : "classifier")\(options.batchNorm == nil ? "" : " with batch norm"), fc "
                + "\(options.fullyConnected), frozen \(isFrozen), \(images) of \(side)x\(side), \(threads) threads, \(precision)"
        }
    }

    static let resNet = ResNet.Options(blocks: [3, 4, 6, 3], width: 0.25)

    /// In bfloat16 too.
    static let cases = float32Cases.flatMap { test in
        var half = test
        half.precision = .bfloat16
        return [test, half]
    }

    private static let float32Cases = [
        Case(), Case(isSegmenter: true), Case(options: VGG16.Options(width: 0.25, fullyConnected: false)),
        Case(options: VGG16.Options(width: 0.25, batchNorm: BatchNormOptions())), Case(isFrozen: true),
        Case(isSegmenter: true, isFrozen: true), Case(images: 1, side: 321),
        Case(isSegmenter: true, images: 5, side: 129),
        Case(resNet: resNet), Case(resNet: resNet, isSegmenter: true),
        Case(resNet: resNet, isSegmenter: true, isFrozen: true),
        // Much of it in passing.
        Case(threads: 6), Case(resNet: resNet, isSegmenter: true, threads: 6), Case(isFrozen: true, threads: 6),
        Case(options: VGG16.Options(), isSegmenter: true, images: 1, side: 129),
        Case(resNet: ResNet.Options(blocks: [1, 1, 1, 1]), isSegmenter: true, images: 1, side: 129),
    ]

    @Test(arguments: cases)
    func itIsNearWhatAStepTakes(_ test: Case) throws {
        let (estimate, measured) =
            test.isSegmenter
            ? try measure(SegmenterObjective(segmenter(test), SegmentationLoss(kind: .noiseAware)), test)
            : try measure(ClassifierObjective(classifier(test)), test)
        let ratio = Double(estimate) / Double(measured)
        // Batch norm counts a result that pooling forgets; the pooled vectors of boxes are left out, a larger part of less.
        let least = test.precision == .float32 ? 0.99 : 0.97
        #expect(least...1.2 ~= ratio, "estimated \(estimate >> 20) MB, took \(measured >> 20) MB")
    }

    private func segmenter(_ test: Case) -> SegmentationNetwork {
        if let resNet = test.resNet { return SegmentationNetwork(aspp: resNet, classes: 21) }
        return SegmentationNetwork(largeFOV: test.options, classes: 21)
    }

    private func classifier(_ test: Case) -> BoxClassifier {
        let pooling = BackgroundAwarePooling(grid: 4, roi: 2, usesAttention: true)
        if let resNet = test.resNet { return BoxClassifier(trunk: resNet, classes: 21, pooling: pooling) }
        return BoxClassifier(trunk: test.options, classes: 21, pooling: pooling)
    }

    /// Bytes of a step: estimated, and at its high-water mark.
    private func measure(_ objective: some Objective, _ test: Case) throws -> (estimate: Int, measured: Int) {
        let objective = objective
        objective.arena.initialize(seed: 1, fromScratch: true)
        if test.isFrozen {
            for parameter in objective.arena.parameters where parameter.name.hasPrefix("backbone") {
                parameter.isTrainable = false
            }
        }
        let batch = try loader(test).next()
        var context = StepContext(mode: .training, workspace: Workspace(), pool: ThreadPool(threadCount: test.threads))
        context.positions = batch.items.map(\.position)
        context.precision = test.precision
        let pass = objective.forward(batch, 0..<test.images, progress: 0, context)
        objective.backward(pass, global: objective.sums(of: pass), context)
        return (
            4
                * objective.peakFloats(
                    Shape(test.images, test.side, test.side, 3), test.precision, threads: context.pool.threadCount),
            context.workspace.highWater
        )
    }

    private func loader(_ test: Case) -> Loader {
        let stream = SampleStream(
            of: GreyImages(side: test.side), test.isSegmenter ? .labels : .boxes, augmentation: Augmentation(),
            normalization: .torchvision, shuffle: false, seed: 1)
        return Loader(stream, batch: test.images, slice: 0..<test.images)
    }
}

/// Images with a box in the middle, whose two label maps differ there.
private struct GreyImages: Dataset {
    let side: Int
    let classes = ClassList.voc
    let count = 1
    let warnings: [Diagnostic] = []

    func id(at index: Int) -> String { "grey" }

    func load(at index: Int, _ contents: SampleContents) -> Sample {
        let box = Box(left: 40, top: 30, right: Double(side) - 30, bottom: Double(side) - 50)
        var sample = Sample(
            id: "grey",
            image: RGBImage(width: side, height: side, pixels: [UInt8](repeating: 99, count: 3 * side * side)))
        sample.boxes = [LabelledBox(classIndex: 3, box: box)]
        sample.backgroundMask = map { x, y in (40..<side - 30).contains(x) && (30..<side - 50).contains(y) ? 0 : 1 }
        sample.crfLabels = map { x, _ in x % 2 == 0 ? 0 : 3 }
        sample.retrievalLabels = map { _, _ in 3 }
        return sample
    }

    func hasTruth(at index: Int) -> Bool { true }

    func truth(at index: Int) -> LabelMap { map { _, _ in 0 } }

    func inspect(at index: Int, _ contents: SampleContents) -> [Diagnostic] { [] }

    private func map(_ value: (_ x: Int, _ y: Int) -> UInt8) -> LabelMap {
        LabelMap(
            width: side, height: side, pixels: (0..<side * side).map { value($0 % side, $0 / side) })
    }
}
