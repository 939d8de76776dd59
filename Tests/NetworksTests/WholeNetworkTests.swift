import Layers
import Networks
import TensorCore
import TestSupport
import Testing

/// Draws start values that give every layer something to do.
private func startByFormula(_ arena: ParameterArena) {
    for parameter in arena.parameters {
        let inputs = Double(parameter.fileShape.dropFirst().reduce(1, *))
        let scale = parameter.role == .weight ? (6 / inputs).squareRoot() : 0.1
        parameter.setValue(
            fileOrder: Formula.values(
                parameter.name, count: parameter.count, scale: scale, offset: parameter.role == .normWeight ? 1 : 0))
    }
    for statistic in arena.statistics {
        let isVariance = statistic.name.hasSuffix("running_var")
        statistic.setValue(
            fileOrder: Formula.values(
                statistic.name, count: statistic.count, scale: isVariance ? 0.5 : 0.1, offset: isVariance ? 1 : 0))
    }
}

/// A loss of a whole network as a function of its weights.
private protocol WholeLoss {
    var arena: ParameterArena { get }
    /// The loss; with `learns`, gradients are added up as well.
    func loss(_ context: StepContext, learns: Bool) -> Double
}

/// Stage 1 on two small images.
private struct Classification: WholeLoss {
    let network: BoxClassifier
    var arena: ParameterArena { network.arena }
    private let images = Volume(Shape(2, 40, 48, 3), formula: "images", scale: 2)

    init(_ options: some TrunkOptions) {
        network = BoxClassifier(
            trunk: options, classes: 4, pooling: BackgroundAwarePooling(grid: 2, roi: 2, usesAttention: true))
        startByFormula(network.arena)
    }

    private func region(_ label: Int, _ left: Int, _ top: Int, _ right: Int, _ bottom: Int) -> ImageRegions {
        var mask = [UInt8](repeating: 1, count: 40 * 48)
        for y in top..<bottom { for x in left..<right { mask[y * 48 + x] = 0 } }
        let box = RegionBox(
            label: label, left: Float(left), top: Float(top), right: Float(right), bottom: Float(bottom))
        return ImageRegions(height: 40, width: 48, boxes: [box], backgroundMask: mask)
    }

    func loss(_ context: StepContext, learns: Bool) -> Double {
        let regions = [region(1, 6, 8, 30, 33), region(3, 20, 2, 44, 20)]
        let (logits, labels, saved) = network.forward(
            images.tensor(in: context.workspace), regions, learns ? context : context.rehearsal)
        let sums = ClassificationLoss.sums(logits, labels: labels)
        if learns, let saved {
            network.backward(ClassificationLoss.gradient(logits, labels: labels, global: sums), saved, context)
        }
        return sums.mean
    }
}

/// Stage 3 on two small images, the loss at the size of the features.
private struct Segmentation: WholeLoss {
    let network: SegmentationNetwork
    var arena: ParameterArena { network.arena }
    private let images = Volume(Shape(2, 33, 40, 3), formula: "images", scale: 2)
    private let labels = Formula.uniform("labels", count: 2 * 2 * 5 * 6).map { UInt8($0 * 4) }

    init(_ network: SegmentationNetwork) {
        self.network = network
        startByFormula(network.arena)
    }

    init(_ options: VGG16.Options) { self.init(SegmentationNetwork(largeFOV: options, classes: 4)) }

    init(_ options: ResNet.Options) { self.init(SegmentationNetwork(aspp: options, classes: 4)) }

    func loss(_ context: StepContext, learns: Bool) -> Double {
        let loss = SegmentationLoss(kind: .noiseAware)
        let (cosines, saved) = network.forward(
            images.tensor(in: context.workspace), learns ? context : context.rehearsal)
        return labels.withUnsafeBufferPointer { labels in
            guard let crf = labels.baseAddress else { return .nan }
            let maps = SegmentationLoss.Labels(crf: crf, retrieval: crf + cosines.shape.pixels)
            let sums = loss.sums(cosines, maps, progress: 0, context)
            if learns, let saved {
                network.backward(
                    loss.gradient(cosines, maps, global: sums, progress: 0, context), saved, context)
            }
            return loss.value(sums)
        }
    }
}

/// How far the loss's slope along a tensor's gradient is from the gradient's length, as a share of it.
///
/// One direction in which all weights move at once averages over the kinks of the many units. Long steps still cross
/// too many of them and short ones drown in rounding: the best of four counts. Beside a kink the gradient is the slope to
/// one side of it, so each side counts as well as both.
private func slopeError(_ whole: any WholeLoss, _ tensor: Parameter, _ context: StepContext) -> Double {
    let gradient = tensor.fileOrder(tensor.gradient).map { Double($0) }
    let start = tensor.fileOrder(tensor.value).map { Double($0) }
    func length(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    func loss(_ step: Double) -> Double {
        tensor.setValue(fileOrder: zip(start, gradient).map { Float($0 + step * $1) })
        return whole.loss(context, learns: false)
    }
    defer { tensor.setValue(fileOrder: start.map { Float($0) }) }
    let here = loss(0)
    let errors = [1e-3, 3e-4, 1e-4, 3e-5].flatMap { share in
        let step = share * max(length(start), 1e-2) / length(gradient)
        let (up, down) = (loss(step) - here, here - loss(-step))
        return [(up + down) / 2, up, down].map { abs($0 / (step * length(gradient) * length(gradient)) - 1) }
    }
    return errors.reduce(.infinity, min)
}

@Suite struct WholeNetworkTests {
    private static let options = [
        VGG16.Options(width: 0.0625), VGG16.Options(width: 0.0625, fullyConnected: false),
        VGG16.Options(width: 0.0625, batchNorm: BatchNormOptions()),
        VGG16.Options(width: 0.0625, batchNorm: BatchNormOptions(mode: .frozen)),
    ]

    /// Every tensor's gradient is the loss's slope, from the classifier down to the first convolution.
    private func expectSlopes(_ whole: any WholeLoss, _ options: VGG16.Options) {
        let context = makeContext(positions: [11, 12])
        whole.arena.zeroGradients()
        _ = whole.loss(context, learns: true)
        for tensor in whole.arena.parameters {
            if options.batchNorm?.mode == .batch && tensor.role == .bias && tensor.name.contains("conv") {
                // Batch norm takes such a bias away again.
                #expect(tensor.fileOrder(tensor.gradient).allSatisfy { abs($0) < 1e-4 }, "\(tensor.name)")
            } else {
                #expect(slopeError(whole, tensor, context) < 0.1, "\(tensor.name)")
            }
        }
    }

    @Test(arguments: options) func theClassifiersGradientsAreSlopes(_ options: VGG16.Options) {
        expectSlopes(Classification(options), options)
    }

    @Test(arguments: options) func theSegmentersGradientsAreSlopes(_ options: VGG16.Options) {
        expectSlopes(Segmentation(options), options)
    }

    private static let resNets = [
        ResNet.Options(blocks: [1, 2, 1, 1], width: 0.0625),
        ResNet.Options(blocks: [1, 1, 1, 1], width: 0.0625, stride: .spatial, batchNorm: .init(mode: .frozen)),
    ]

    @Test(arguments: resNets) func aResNetsGradientsAreSlopes(_ options: ResNet.Options) {
        let context = makeContext(positions: [11, 12])
        for whole in [Classification(options), Segmentation(options)] as [any WholeLoss] {
            whole.arena.zeroGradients()
            _ = whole.loss(context, learns: true)
            for tensor in whole.arena.parameters { #expect(slopeError(whole, tensor, context) < 0.1, "\(tensor.name)") }
        }
    }

    @Test func theBitsDoNotDependOnTheThreads() {
        let networks: [any WholeLoss] = [
            Classification(Self.options[0]), Segmentation(Self.options[2]), Segmentation(Self.resNets[0]),
        ]
        for whole in networks {
            #expect(
                isIndependentOfThreads { context in
                    var context = context
                    context.positions = [11, 12]
                    whole.arena.zeroGradients()
                    let loss = whole.loss(context, learns: true)
                    return [Float(loss)]
                        + Array(UnsafeBufferPointer(start: whole.arena.gradients, count: whole.arena.count))
                })
        }
    }

    /// What is frozen costs no gradient; what learns above it gets the same as ever.
    @Test(arguments: [false, true]) func freezingTheTrunkLeavesTheClassifiersGradient(isSegmenter: Bool) {
        let whole: any WholeLoss =
            isSegmenter ? Segmentation(Self.options[0]) : Classification(Self.options[0])
        func gradient(_ announced: inout [String]) -> [String: [Float]] {
            var (context, names) = (makeContext(positions: [11, 12]), [String]())
            context.gradientReady = { names += $0.map(\.name) }
            whole.arena.zeroGradients()
            _ = whole.loss(context, learns: true)
            announced = names
            return Dictionary(
                uniqueKeysWithValues: whole.arena.parameters.map { ($0.name, $0.fileOrder($0.gradient)) })
        }
        var announced: [String] = []
        let free = gradient(&announced)
        #expect(announced.first == "classifier.weight" && Set(announced) == Set(free.keys))
        for parameter in whole.arena.parameters where parameter.name != "classifier.weight" {
            parameter.isTrainable = false
        }
        let frozen = gradient(&announced)
        #expect(announced == ["classifier.weight"])
        #expect(frozen["classifier.weight"] == free["classifier.weight"])
        #expect(frozen.filter { $0.key != "classifier.weight" }.values.allSatisfy { $0.allSatisfy { $0 == 0 } })
    }

    /// In bfloat16 the loss is that of float32 to the precision of bfloat16, and the gradient points the same way.
    @Test func halfPrecisionIsNearSinglePrecision() {
        let networks: [any WholeLoss] = [
            Classification(Self.options[0]), Classification(Self.options[2]), Segmentation(Self.options[0]),
            Segmentation(Self.options[3]), Classification(Self.resNets[1]), Segmentation(Self.resNets[0]),
        ]
        for whole in networks {
            let found = [Tensor.ElementType.float32, .bfloat16].map { precision in
                var context = makeContext(positions: [11, 12])
                context.precision = precision
                whole.arena.zeroGradients()
                let loss = whole.loss(context, learns: true)
                let last = whole.arena.parameters[whole.arena.parameters.count - 1]
                return (loss, last.fileOrder(last.gradient))
            }
            #expect(found[0].0 != found[1].0 && abs(found[1].0 / found[0].0 - 1) < 0.04, "\(found.map(\.0))")
            #expect(cosine(found[0].1, found[1].1) > 0.98)
        }
    }

    private func cosine(_ a: [Float], _ b: [Float]) -> Float {
        func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }

    @Test func bitsOfHalfPrecisionDoNotDependOnTheThreads() {
        for whole in [Classification(Self.options[2]), Segmentation(Self.resNets[0])] as [any WholeLoss] {
            #expect(
                isIndependentOfThreads { context in
                    var context = context
                    (context.positions, context.precision) = ([11, 12], .bfloat16)
                    whole.arena.zeroGradients()
                    let loss = whole.loss(context, learns: true)
                    return [Float(loss)]
                        + Array(UnsafeBufferPointer(start: whole.arena.gradients, count: whole.arena.count))
                })
        }
    }

    /// After its first step a network asks for no memory that it has not had.
    @Test func stepsReuseMemory() {
        let (whole, context) = (Segmentation(Self.options[0]), makeContext(positions: [11, 12]))
        _ = whole.loss(context, learns: true)
        let highWater = context.workspace.highWater
        for _ in 0..<3 { _ = whole.loss(context, learns: true) }
        #expect(context.workspace.highWater == highWater)
    }
}
