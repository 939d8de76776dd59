import TensorCore

/// Room for the samples of a box, one part a thread.
struct PoolingScratch {
    /// What one thread works in.
    struct Part {
        /// `samples x D`.
        let samples: UnsafeMutablePointer<Float>
        /// `samples x D`; only for backward.
        let sampleGradients: UnsafeMutablePointer<Float>
        /// `queries x D`: the normalised queries.
        let queries: UnsafeMutablePointer<Float>
        let queryGradients: UnsafeMutablePointer<Float>
        /// `samples x queries`.
        let cosines: UnsafeMutablePointer<Float>
        /// One a sample.
        let weights: UnsafeMutablePointer<Float>
        let weightGradients: UnsafeMutablePointer<Float>
        let norms: UnsafeMutablePointer<Float>
        /// One a query.
        let queryNorms: UnsafeMutablePointer<Float>
    }

    private let memory: Tensor
    private let sampleCount: Int
    private let queryCount: Int
    private let channels: Int
    private let copies: Int

    /// Room for the largest box of `plans`; `copies` is 1 for forward, 2 where gradients are wanted too.
    init(_ plans: [ImagePlan], channels: Int, _ context: StepContext, copies: Int) {
        sampleCount = plans.flatMap(\.crops).map(\.count).max() ?? 0
        queryCount = plans.map(\.grid.cells.count).max() ?? 0
        self.channels = channels
        self.copies = copies
        let floats = copies * (sampleCount + queryCount) * channels + sampleCount * (queryCount + 3) + queryCount
        memory = context.workspace.tensor(Shape(context.pool.threadCount, 1, 1, floats))
    }

    subscript(thread: Int) -> Part {
        var next = memory.floats + thread * memory.shape.c
        func take(_ count: Int) -> UnsafeMutablePointer<Float> {
            defer { next += count }
            return next
        }
        let (samples, queries) = (take(sampleCount * channels), take(queryCount * channels))
        let hasGradients = copies == 2
        return Part(
            samples: samples, sampleGradients: hasGradients ? take(sampleCount * channels) : samples,
            queries: queries, queryGradients: hasGradients ? take(queryCount * channels) : queries,
            cosines: take(sampleCount * queryCount), weights: take(sampleCount), weightGradients: take(sampleCount),
            norms: take(sampleCount), queryNorms: take(queryCount))
    }
}
