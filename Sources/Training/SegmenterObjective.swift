package import Datasets
internal import Kernels
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
        let (coarse, saved) = network.forward(batch.tensor.images(images), context)
        let cosines = context.workspace.tensor(Shape(images.count, batch.height, batch.width, network.classes))
        resizeBilinear(coarse, into: cosines, pool: context.pool)
        let offset = images.lowerBound * batch.height * batch.width
        let labels = SegmentationLoss.Labels(crf: batch.crfLabels + offset, retrieval: batch.retrievalLabels + offset)
        let sums = criterion.sums(cosines, labels, progress: progress, context)
        return Pass(
            cosines: cosines, coarse: coarse.shape, labels: labels, sums: sums, progress: progress, saved: saved)
    }

    package func sums(of pass: Pass) -> [Double] { pass.sums.values }

    package func backward(_ pass: consuming Pass, global: [Double], _ context: StepContext) {
        guard let saved = pass.saved else { return }
        let gradient = criterion.gradient(
            pass.cosines, pass.labels, global: SegmentationLoss.Sums(global), progress: pass.progress, context)
        let coarse = context.workspace.tensor(pass.coarse)
        resizeBilinearGradient(gradient, into: coarse, workspace: context.workspace, pool: context.pool)
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
