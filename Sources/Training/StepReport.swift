package import FileAccess

/// What one iteration was: given to everything that watches a run.
package struct StepReport: Sendable {
    /// Counted from 1.
    package let iteration: Int
    /// Iterations of the whole run.
    package let iterations: Int
    /// The loss over all ranks, and its parts.
    package let loss: [LossPart]
    /// The base learning rate.
    package let rate: Double
    /// Images of the global batch.
    package let images: Int
    /// Seconds this rank needed for the iteration.
    package let seconds: Double
    /// Of these, waiting for images.
    package let secondsForData: Double
    /// Of these, waiting for sums over ranks; what travels while the rank computes is not in it.
    package let secondsForRanks: Double
    /// The same of the rank that has waited least: mostly the slowest one.
    package let leastSecondsForRanks: Double
    /// The same of the rank that has waited most.
    package let mostSecondsForRanks: Double

    /// Of this rank's images; each kind is to be logged once.
    package let warnings: [Diagnostic]

    /// Images of the global batch a second.
    package var imagesPerSecond: Double { Double(images) / max(seconds, 1e-9) }
}

/// What keeps a run from going on although nothing is wrong with its input.
package struct TrainingError: Error, CustomStringConvertible, Sendable {
    package let description: String
}
