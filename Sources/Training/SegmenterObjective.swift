package import Datasets
import Kernels
package import Layers
package import Networks
package import TensorCore

/// Stage 3: segment as the pseudo labels say, as far as they are to be trusted.
package final class SegmenterObjective: Objective {
    package let network: SegmentationNetwork
    package let criterion: SegmentationLoss

    package init(_ network: SegmentationNetwork, _ criterion: SegmentationLoss) {
        (self.network, self.criterion) = (network, criterion)
    }

    package var arena: ParameterArena { network.arena }

    package var isOneMean: Bool {
        switch criterion.kind {
        case .crfLabels, .retrievalLabels, .baseline: true
        case .noiseAware, .entropy, .bootstrapping: false
        }
    }

    package func peakFloats(_ input: Shape, _ type: Tensor.ElementType, threads: Int) -> Int {
        // The classifier keeps the unit features; the loss has the cosines at full size.
        let head = 2 * network.trunk.outputShape(input).count + input.pixels * network.classes * 5 / 4
        return input.copyFloats(type) + network.trunk.peakFloats(input, type, head: head, threads: threads)
    }

    package struct Pass {
        /// The cosines at the labels' size.
        let cosines: Tensor
        /// Their shape as the network gave them.
        let coarse: Shape
        let labels: SegmentationLoss.Labels
        let sums: SegmentationLoss.Sums
        let progress: Double
        let saved: SegmentationNetwork.Saved?
    }

    package func forward(
        _ batch: Batch, _ images: Range<Int>, progress: Double, _ context: StepContext
    ) -> Pass {
        forward(batch.tensor.images(images), batch.labels(images), progress: progress, context)
    }

    /// The same for images `N x H x W x 3` that are in no batch.
    package func forward(
        _ images: Tensor, _ labels: SegmentationLoss.Labels, progress: Double, _ context: StepContext
    ) -> Pass {
        let (coarse, saved) = network.forward(images, context)
        let cosines = context.workspace.tensor(images.shape.with(channels: network.classes))
        resizeBilinear(coarse, into: cosines, pool: context.pool)
        context.trace?(LayerTrace(layer: "resize", .forward, "cosines at full size", cosines))
        let sums = criterion.sums(cosines, labels, progress: progress, context)
        return Pass(
            cosines: cosines, coarse: coarse.shape, labels: labels, sums: sums, progress: progress, saved: saved)
    }

    package func sums(of pass: Pass) -> [Double] { pass.sums.values }

    package func backward(_ pass: consuming Pass, global: [Double], _ context: StepContext) {
        guard let saved = pass.saved else { return }
        let gradient = criterion.gradient(
            pass.cosines, pass.labels, global: SegmentationLoss.Sums(global), progress: pass.progress, context)
        context.trace?(LayerTrace(layer: "loss", .backward, "gradient of the cosines", gradient))
        let coarse = context.workspace.tensor(pass.coarse)
        resizeBilinearGradient(gradient, into: coarse, workspace: context.workspace, pool: context.pool)
        context.trace?(LayerTrace(layer: "resize", .backward, "gradient of the coarse cosines", coarse))
        network.backward(coarse, saved, context)
    }

    package func loss(_ global: [Double]) -> [LossPart] {
        let sums = SegmentationLoss.Sums(global)
        return [
            LossPart("loss", criterion.value(sums)), LossPart("loss_reliable", sums.reliableMean),
            LossPart("loss_unreliable", sums.unreliableMean),
        ]
    }
}

extension Batch {
    /// The label maps of some of the images; a loss that reads but one of the two is given it twice.
    fileprivate func labels(_ range: Range<Int>) -> SegmentationLoss.Labels {
        let given = crfLabels.isEmpty ? retrievalLabels : crfLabels
        let other = retrievalLabels.isEmpty ? crfLabels : retrievalLabels
        let offset = range.lowerBound * height * width
        guard let crf = given.baseAddress, let retrieval = other.baseAddress else {
            precondition(range.isEmpty, "a segmenter's batch without labels")
            return SegmentationLoss.Labels(crf: noLabels, retrieval: noLabels)
        }
        return SegmentationLoss.Labels(crf: crf + offset, retrieval: retrieval + offset)
    }
}

/// An address for label maps without pixels; never read.
nonisolated(unsafe) private let noLabels = UnsafePointer(UnsafeMutablePointer<UInt8>.allocate(capacity: 1))
