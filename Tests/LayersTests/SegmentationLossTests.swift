import Layers
import TensorCore
import TestSupport
import Testing

/// Cosines, two label maps, and a loss to make of them.
struct LossCase: Sendable, CustomTestStringConvertible {
    var kind: SegmentationLoss.Kind
    var detachesSigma = false
    var labels = LabelMix.mixed
    var classes = 4

    /// How the two label maps of a case come about.
    enum LabelMix: Sendable, CaseIterable { case mixed, allReliable, allUnreliable, allIgnored }

    var testDescription: String { "\(kind)\(detachesSigma ? ", sigma detached" : ""), \(labels), \(classes) classes" }

    static let kinds: [SegmentationLoss.Kind] = [
        .crfLabels, .retrievalLabels, .baseline, .noiseAware, .entropy, .bootstrapping,
    ]
    static let all =
        kinds.flatMap { kind in LabelMix.allCases.map { LossCase(kind: kind, labels: $0) } }
        + kinds.map { LossCase(kind: $0, classes: 21) } + kinds.map { LossCase(kind: $0, classes: 1) }
        + [LossCase(kind: .noiseAware, detachesSigma: true)]

    let shape = Shape(2, 3, 5, 1)

    var loss: SegmentationLoss { SegmentationLoss(kind: kind, lambda: 0.3, detachesSigma: detachesSigma) }
    var cosines: Volume { Volume(shape.with(channels: classes), formula: "cosines", scale: 0.9) }

    /// Y_crf and Y_ret: of three pixels about one is ignored by one map or both, the others agree or not.
    var maps: (crf: [UInt8], retrieval: [UInt8]) {
        let draws = Formula.uniform("labels", count: 4 * shape.pixels)
        func label(_ draw: Int) -> UInt8 { UInt8(draws[draw] * Double(classes)) }
        var (crf, retrieval) = ([UInt8](), [UInt8]())
        for pixel in 0..<shape.pixels {
            let (own, other) = (label(4 * pixel), label(4 * pixel + 1))
            let different = classes > 1 && own == other ? (own + 1) % UInt8(classes) : other
            switch labels {
            case .mixed:
                crf.append(draws[4 * pixel + 2] < 0.2 ? 255 : own)
                retrieval.append(draws[4 * pixel + 3] < 0.2 ? 255 : draws[4 * pixel + 3] < 0.6 ? own : other)
            case .allReliable: (crf, retrieval) = (crf + [own], retrieval + [own])
            case .allUnreliable: (crf, retrieval) = (crf + [own], retrieval + [different])
            case .allIgnored: (crf, retrieval) = (crf + [255], retrieval + [255])
            }
        }
        return (crf, retrieval)
    }

    /// t / t_max.
    let progress = 0.4
}

/// The paper's formulas as they stand, on a tape.
private struct NaiveLoss {
    let value: Double
    let gradient: [Double]

    init(_ test: LossCase) {
        let (tape, loss) = (Tape(), test.loss)
        let z = tape.variables(test.cosines.values)
        let (crf, retrieval) = test.maps
        func mean(_ pixels: [Int], _ term: (Int) -> Real) -> Real {
            pixels.isEmpty ? 0 : pixels.map(term).sum() / Real(Double(pixels.count))
        }
        func cosines(_ p: Int) -> [Real] { Array(z[p * test.classes..<(p + 1) * test.classes]) }
        func h(_ p: Int) -> [Real] { cosines(p).scaled(by: Real(Double(loss.temperature))).softmax() }
        func crossEntropy(_ p: Int, _ label: UInt8) -> Real { -Real.log(h(p)[Int(label)]) }
        func sigma(_ p: Int) -> Real {
            let d = cosines(p).map { 1 + $0 }
            let sigma = Real.pow(d[Int(crf[p])] / d.max(), Double(loss.gamma))
            return loss.detachesSigma ? sigma.detached : sigma
        }
        let pixels = crf.indices.filter { crf[$0] != 255 }
        let reliable = pixels.filter { crf[$0] == retrieval[$0] }
        let unreliable = pixels.filter { crf[$0] != retrieval[$0] }
        let lambda = Real(Double(loss.lambda))
        let reliableTerm = mean(reliable) { crossEntropy($0, crf[$0]) }
        var result = reliableTerm
        switch loss.kind {
        case .crfLabels: result = mean(pixels) { crossEntropy($0, crf[$0]) }
        case .retrievalLabels:
            result = mean(retrieval.indices.filter { retrieval[$0] != 255 }) { crossEntropy($0, retrieval[$0]) }
        case .baseline: break
        case .noiseAware where unreliable.isEmpty: break
        case .noiseAware:
            let weighted = unreliable.map { sigma($0) * crossEntropy($0, crf[$0]) }.sum()
            result = reliableTerm + lambda * (weighted / unreliable.map(sigma).sum())
        case .entropy:
            result = reliableTerm + lambda * mean(unreliable) { p in h(p).map { -($0 * Real.log($0)) }.sum() }
        case .bootstrapping:
            let beta = Real.pow(Real(1 - test.progress), 0.9)
            result =
                reliableTerm + lambda
                * mean(unreliable) { p in
                    h(p).enumerated().map { c, h in
                        -((beta * (c == Int(crf[p]) ? 1 : 0) + (1 - beta) * h) * Real.log(h))
                    }.sum()
                }
        }
        value = result.value
        gradient = tape.gradient(of: result, by: z)
    }
}

/// Lends two label maps to `body`.
private func withLabels<Result>(
    _ crf: [UInt8], _ retrieval: [UInt8], _ body: (SegmentationLoss.Labels) -> Result
) -> Result {
    // One byte more, as an empty array may have no address.
    (crf + [0]).withUnsafeBufferPointer { crf in
        (retrieval + [0]).withUnsafeBufferPointer { retrieval in
            guard let crf = crf.baseAddress, let retrieval = retrieval.baseAddress else { preconditionFailure() }
            return body(SegmentationLoss.Labels(crf: crf, retrieval: retrieval))
        }
    }
}

@Suite struct SegmentationLossTests {
    /// Value and gradient where each part of the images is another rank's or micro-batch's.
    private func found(_ test: LossCase, images parts: [Range<Int>], _ context: StepContext) -> (Double, [Float]) {
        let (crf, retrieval) = test.maps
        let size = test.shape.image.pixels
        let shares = parts.map { images in
            let pixels = images.lowerBound * size..<images.upperBound * size
            return (
                z: test.cosines.images(images).tensor(in: context.workspace), crf: Array(crf[pixels]),
                retrieval: Array(retrieval[pixels])
            )
        }
        var total = [Double](repeating: 0, count: 4)
        for share in shares {
            let sums = withLabels(share.crf, share.retrieval) {
                test.loss.sums(share.z, $0, progress: test.progress, context)
            }
            total = zip(total, sums.values).map { $0 + $1 }
        }
        let global = SegmentationLoss.Sums(total)
        let gradient = shares.flatMap { share in
            withLabels(share.crf, share.retrieval) {
                test.loss.gradient(share.z, $0, global: global, progress: test.progress, context).elements
            }
        }
        return (test.loss.value(global), gradient)
    }

    @Test(arguments: LossCase.all) func isItsFormula(_ test: LossCase) {
        let wanted = NaiveLoss(test)
        let (value, gradient) = found(test, images: [0..<2], makeContext())
        #expect(abs(value - wanted.value) <= 2e-6 * abs(wanted.value))
        #expect(relativeError(gradient, wanted.gradient) < 2e-5)
    }

    /// Sums of parts give the gradient of the whole, even where a part is empty.
    @Test(arguments: LossCase.all, [[0..<1, 1..<2], [0..<2, 2..<2]])
    func partsAreOneBatch(test: LossCase, parts: [Range<Int>]) {
        let wanted = NaiveLoss(test)
        let (value, gradient) = found(test, images: parts, makeContext())
        #expect(abs(value - wanted.value) <= 2e-6 * abs(wanted.value))
        #expect(relativeError(gradient, wanted.gradient) < 2e-5)
    }

    @Test(arguments: LossCase.kinds) func nothingToLearnFromIsNoLoss(_ kind: SegmentationLoss.Kind) {
        let (value, gradient) = found(LossCase(kind: kind, labels: .allIgnored), images: [0..<2], makeContext())
        #expect(value == 0 && gradient.allSatisfy { $0 == 0 })
    }

    /// Cosines of -1 and 1 make D zero and two, and a log of almost nothing.
    @Test(arguments: LossCase.kinds) func extremeCosinesStayFinite(_ kind: SegmentationLoss.Kind) {
        let (context, loss) = (makeContext(), SegmentationLoss(kind: kind))
        let rows: [[Float]] = [[-1, -1, -1], [1, -1, -1], [-1, 1, 1], [-1.0000001, 1, -1], [0, 0, 0], [1, 1, 1]]
        let z = context.workspace.tensor(Shape(1, 1, 6, 3), rows.flatMap { $0 })
        withLabels([UInt8](repeating: 0, count: 6), [UInt8](repeating: 1, count: 6)) { labels in
            let sums = loss.sums(z, labels, progress: 0.5, context)
            let gradient = loss.gradient(z, labels, global: sums, progress: 0.5, context)
            #expect(sums.values.allSatisfy(\.isFinite) && gradient.elements.allSatisfy(\.isFinite))
        }
    }

    /// Bootstrapping trusts the labels at first and the network at last.
    @Test func bootstrappingFadesFromLabelsToTheNetwork() {
        let test = LossCase(kind: .bootstrapping, labels: .allUnreliable)
        func sums(_ kind: SegmentationLoss.Kind, _ progress: Double) -> SegmentationLoss.Sums {
            let context = makeContext()
            return withLabels(test.maps.crf, test.maps.retrieval) {
                SegmentationLoss(kind: kind).sums(
                    test.cosines.tensor(in: context.workspace), $0, progress: progress, context)
            }
        }
        #expect(abs(sums(.bootstrapping, 0).unreliableMean - sums(.crfLabels, 0).reliableMean) < 1e-6)
        #expect(abs(sums(.bootstrapping, 1).unreliableMean - sums(.entropy, 1).unreliableMean) < 1e-6)
    }

    @Test(arguments: LossCase.kinds) func theBitsDoNotDependOnTheThreads(_ kind: SegmentationLoss.Kind) {
        let (shape, loss) = (Shape(1, 70, 91, 5), SegmentationLoss(kind: kind))
        let labels = Formula.uniform("labels", count: 2 * shape.pixels).map { UInt8($0 * 5) }
        #expect(
            isIndependentOfThreads { context in
                let z = Volume(shape, formula: "z").tensor(in: context.workspace)
                return withLabels(Array(labels[..<shape.pixels]), Array(labels[shape.pixels...])) {
                    let sums = loss.sums(z, $0, progress: 0.5, context)
                    let gradient = loss.gradient(z, $0, global: sums, progress: 0.5, context)
                    return gradient.elements + sums.values.map { Float($0) }
                }
            })
    }
}
