package import Datasets
import Layers
package import Networks
package import TensorCore

/// Stage 1: classify what is pooled from the boxes, and the background.
package final class ClassifierObjective: Objective {
    package let network: BoxClassifier

    package init(_ network: BoxClassifier) { self.network = network }

    package var arena: ParameterArena { network.arena }

    package var isOneMean: Bool { true }

    package func peakFloats(_ input: Shape, _ type: Tensor.ElementType, threads: Int) -> Int {
        let features = network.trunk.outputShape(input)
        // In pooling each thread has the samples of one box, no more than the features of one image, and their gradients.
        return input.copyFloats(type)
            + network.trunk.peakFloats(
                input, type, head: 2 * features.count, headScratch: 2 * threads * features.image.count, threads: threads
            )
    }

    package struct Pass {
        let probabilities: Tensor
        let labels: [Int32]
        let sums: ClassificationLoss.Sums
        let saved: BoxClassifier.Saved?
    }

    package func forward(
        _ batch: Batch, _ images: Range<Int>, progress: Double, _ context: StepContext
    ) -> Pass {
        let (logits, labels, saved) = network.forward(
            batch.tensor.images(images), batch.regions(images), context)
        let sums = ClassificationLoss.sums(logits, labels: labels)
        return Pass(probabilities: logits, labels: labels, sums: sums, saved: saved)
    }

    package func sums(of pass: Pass) -> [Double] { [pass.sums.loss, pass.sums.count] }

    package func backward(_ pass: consuming Pass, global: [Double], _ context: StepContext) {
        guard let saved = pass.saved else { return }
        let gradient = ClassificationLoss.gradient(
            pass.probabilities, labels: pass.labels, global: .init(loss: global[0], count: global[1]))
        network.backward(gradient, saved, context)
    }

    package func loss(_ global: [Double]) -> [LossPart] {
        [LossPart("loss", ClassificationLoss.Sums(loss: global[0], count: global[1]).mean)]
    }
}
