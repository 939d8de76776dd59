internal import Communication
internal import Configuration
internal import Datasets
internal import Kernels
internal import TensorCore

extension TrainingLoop {
    /// Adds this rank's gradients of the global loss to the arena's.
    ///
    /// - Returns: the loss's global sums, and whether any rank was asked to stop.
    func accumulateGradients(_ batch: Batch, _ iteration: Int, _ clock: inout StepClock) throws -> GlobalSums {
        let progress = Double(iteration) / Double(solver.iterations)
        let parts = microBatches(of: batch)
        func forward(_ part: Range<Int>, _ context: StepContext) -> Task.Pass {
            objective.forward(batch, part, progress: progress, context.images(part))
        }
        func backward(_ pass: consuming Task.Pass, _ part: Range<Int>, _ global: [Double]) {
            objective.backward(pass, global: global, context.images(part))
        }
        if parts.count == 1 {
            let pass = forward(parts[0], context)
            let global = try globalSums([objective.sums(of: pass)], &clock)
            backward(pass, parts[0], global.loss)
            return global
        }
        if objective.isOneMean {
            let sums = parts.map { part in
                let pass = forward(part, context)
                let sums = objective.sums(of: pass)
                backward(pass, part, undivided(sums))
                return sums
            }
            let global = try globalSums(sums, &clock)
            divideGradients(by: global.loss[1])
            return global
        }
        // A first round without memory finds the sums that the second needs.
        let global = try globalSums(parts.map { objective.sums(of: forward($0, context.rehearsal)) }, &clock)
        for part in parts { backward(forward(part, context), part, global.loss) }
        return global
    }

    /// The images held at once, in as many parts on every rank, for batch norm may speak to the others in each; empty ones
    /// where a rank has fewer images.
    private func microBatches(of batch: Batch) -> [Range<Int>] {
        let most = communicator.largestSlice(of: solver.batch)
        let size = solver.microBatch > 0 ? solver.microBatch : most
        return stride(from: 0, to: most, by: size).map { min(batch.count, $0)..<min(batch.count, $0 + size) }
    }

    /// The sums of the micro-batches of all ranks.
    private func globalSums(_ parts: [[Double]], _ clock: inout StepClock) throws -> GlobalSums {
        let local = parts.dropFirst().reduce(parts[0]) { zip($0, $1).map(+) }
        let sums = try clock.communicating { try communicator.sum(local + [StopRequest.isRaised ? 1 : 0]) }
        return GlobalSums(loss: sums.dropLast(), isStopping: sums[local.count] > 0)
    }

    /// Sums for which backward gives the gradient of a mean's numerator.
    private func undivided(_ sums: [Double]) -> [Double] {
        [0, 1] + sums.dropFirst(2).map { _ in 0 }
    }

    private func divideGradients(by count: Double) {
        scale(objective.arena.gradients, by: Float(1 / max(1, count)), count: objective.arena.count)
    }
}

/// What is added up over all ranks in the middle of a step.
struct GlobalSums {
    /// The loss's sums.
    let loss: [Double]
    /// Whether any rank was asked to stop.
    let isStopping: Bool
}

extension StepContext {
    /// The context of some of a batch's images.
    fileprivate func images(_ range: Range<Int>) -> StepContext {
        var copy = self
        copy.positions = Array(positions[range])
        return copy
    }
}
