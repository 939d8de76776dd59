import Kernels
package import TensorCore

/// A step on so many threads, with memory of its own, which is NaN until it is written.
package func makeContext(
    _ mode: StepContext.Mode = .training, threads: Int = 2, positions: [UInt64] = []
) -> StepContext {
    useOneBLASThread()
    precondition(
        Instructions.requested == nil || Instructions.requested == Instructions.chosen,
        "this processor has no \(Instructions.requested ?? "")")
    var context = StepContext(
        mode: mode, workspace: Workspace(byteCount: 1 << 30), pool: ThreadPool(threadCount: threads))
    context.workspace.tensor(Shape(1, 1, 1, 1 << 19)).fill(.nan)
    context.positions = positions
    return context
}

/// Whether `body` gives the same bits on one, two and three threads.
package func isIndependentOfThreads(_ body: (StepContext) -> [Float]) -> Bool {
    let results = [1, 2, 3].map { body(makeContext(threads: $0)) }
    return results.dropFirst().allSatisfy { areBitwiseEqual($0, results[0]) }
}
