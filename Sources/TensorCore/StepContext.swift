/// What a step carries and a layer may not own: mode, memory, threads, random keys, and the ways to other ranks.
package struct StepContext {
    /// Dropout drops and batch norm takes the batch's statistics only in training.
    package enum Mode: Sendable { case training, inference }

    package var mode: Mode
    package let workspace: Workspace
    package let pool: ThreadPool
    /// How convolutional layers store activations, their gradients, and the weights they multiply them with.
    package var precision = Tensor.ElementType.float32
    /// Key of every random number.
    package var seed: UInt64 = 0
    /// Position in the sample stream of each image of the batch.
    package var positions: [UInt64] = []
    /// Whether forward keeps what backward needs; inference and frozen layers keep nothing.
    package var saves: Bool
    /// Whether batch norm takes the batch into its running statistics; not when a batch is only looked at.
    package var updatesStatistics = true
    /// Adds up the given numbers over all ranks, in place; `nil` where there is one, or where each rank keeps its own.
    package var sumOverRanks: ((UnsafeMutableBufferPointer<Double>) -> Void)?
    /// Called in backward as soon as the gradients of these tensors are final.
    package var gradientReady: (([Parameter]) -> Void)?

    /// Shown what each layer computes, where anomalies are looked for.
    package var trace: ((LayerTrace) -> Void)?

    /// The context of a step; a training step saves for backward.
    package init(mode: Mode, workspace: Workspace, pool: ThreadPool) {
        self.mode = mode
        self.workspace = workspace
        self.pool = pool
        saves = mode == .training
    }

    /// The same step, of which nothing is kept for backward.
    package var withoutSaving: StepContext {
        var copy = self
        copy.saves = false
        return copy
    }

    /// The same step, which leaves no trace: nothing is kept, no running statistic moves.
    package var rehearsal: StepContext {
        var copy = withoutSaving
        copy.updatesStatistics = false
        return copy
    }
}
