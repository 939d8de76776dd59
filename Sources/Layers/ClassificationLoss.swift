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
        let (first, classes) = (logits.floats, logits.shape.c)
        var sums = Sums(count: Double(labels.count))
        for (row, label) in labels.enumerated() {
            precondition(0..<classes ~= Int(label), "label \(label) of \(classes) classes")
            let z = first + row * classes
            let score = z[Int(label)]
            sums.loss += Double(softmax(z, count: classes, into: z) - score)
        }
        return sums
    }

    /// The gradient of the global mean, in place of the probabilities: `(p - onehot) / count`.
    package static func gradient(_ probabilities: Tensor, labels: [Int32], global: Sums) -> Tensor {
        let share = Float(1 / max(1, global.count))
        let (first, classes) = (probabilities.floats, probabilities.shape.c)
        for (row, label) in labels.enumerated() { first[row * classes + Int(label)] -= 1 }
        scale(first, by: share, count: probabilities.count)
        return probabilities
    }
}
