import Kernels
package import TensorCore

/// Mean softmax cross-entropy over the pooled vectors of the global batch, in two phases: sums, then gradient.
package enum ClassificationLoss {
    /// What is added over ranks.
    package struct Sums: Equatable, Sendable {
        /// Sum of -log p of the right class.
        package var loss: Double
        /// Number of vectors.
        package var count: Double

        package init(loss: Double = 0, count: Double = 0) { (self.loss, self.count) = (loss, count) }

        /// The mean; 0 where there is nothing.
        package var mean: Double { count > 0 ? loss / count : 0 }
    }

    /// The sums over this rank's vectors. Turns `logits`, `rows x 1 x 1 x C`, into probabilities.
    package static func sums(_ logits: Tensor, labels: [Int32]) -> Sums {
        precondition(logits.shape.pixels == labels.count, "\(labels.count) labels for \(logits.shape)")
        var sums = Sums(count: Double(labels.count))
        for (row, label) in labels.enumerated() {
            precondition(0..<logits.shape.c ~= Int(label), "label \(label) of \(logits.shape.c) classes")
            let z = logits.floats + row * logits.shape.c
            let score = z[Int(label)]
            sums.loss += Double(softmax(z, count: logits.shape.c, into: z) - score)
        }
        return sums
    }

    /// The gradient of the global mean, in place of the probabilities: `(p - onehot) / count`.
    package static func gradient(_ probabilities: Tensor, labels: [Int32], global: Sums) -> Tensor {
        let share = Float(1 / max(1, global.count))
        for (row, label) in labels.enumerated() { probabilities.floats[row * probabilities.shape.c + Int(label)] -= 1 }
        scale(probabilities.floats, by: share, count: probabilities.count)
        return probabilities
    }
}
