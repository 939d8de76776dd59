import Layers
import TensorCore
import TestSupport
import Testing

@Suite struct ClassificationLossTests {
    private let z = Volume(Shape(1, 1, 9, 5), formula: "z", scale: 4)
    private let labels: [Int32] = [0, 4, 1, 1, 0, 3, 2, 0, 4]

    /// The gradient of the mean over the rows of all parts, each with its own share of the rows.
    private func gradient(_ parts: [Range<Int>]) -> (loss: Double, gradient: [Float]) {
        let context = makeContext()
        let shares = parts.map { rows in
            let values = Array(z.values[rows.lowerBound * 5..<rows.upperBound * 5])
            let logits = Volume(Shape(1, 1, rows.count, 5), values).tensor(in: context.workspace)
            return (logits, labels: Array(labels[rows]))
        }
        let sums = shares.map { ClassificationLoss.sums($0.0, labels: $0.labels) }
        let global = ClassificationLoss.Sums(
            loss: sums.reduce(0) { $0 + $1.loss }, count: sums.reduce(0) { $0 + $1.count })
        return (
            global.mean,
            shares.flatMap { ClassificationLoss.gradient($0.0, labels: $0.labels, global: global).elements }
        )
    }

    @Test(arguments: [[0..<9], [0..<4, 4..<9], [0..<9, 9..<9]]) func isTheMeanCrossEntropyHoweverDealtOut(
        _ parts: [Range<Int>]
    ) {
        let tape = Tape()
        let scores = tape.variables(z.values)
        let losses = labels.enumerated().map { row, label in
            -Real.log(Array(scores[row * 5..<row * 5 + 5]).softmax()[Int(label)])
        }
        let mean = losses.sum() / 9
        let found = gradient(parts)
        #expect(abs(found.loss - mean.value) < 1e-6 * mean.value)
        #expect(relativeError(found.gradient, tape.gradient(of: mean, by: scores)) < 1e-6)
    }

    @Test func ofNothingIsZero() {
        let context = makeContext()
        let logits = context.workspace.tensor(Shape(1, 1, 0, 5))
        let sums = ClassificationLoss.sums(logits, labels: [])
        #expect(sums == ClassificationLoss.Sums() && sums.mean == 0)
        #expect(ClassificationLoss.gradient(logits, labels: [], global: sums).count == 0)
    }
}
