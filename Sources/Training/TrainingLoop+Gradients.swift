import Communication
import Configuration
import Datasets
import FileAccess
import Kernels
import Runs
import TensorCore

extension TrainingLoop {
    /// Leaves the gradients of the global loss, summed over all ranks, in the arena.
    ///
    /// They travel while the last images' backward still works. The gradient of a mean is gathered undivided, for its
    /// count may follow; a loss of several means is summed up before any backward.
    ///
    /// - Returns: the loss's global sums, and whether any rank was asked to stop.
    func accumulateGradients(_ batch: Batch, _ iteration: Int, _ clock: inout StepClock) throws -> GlobalSums {
        let step = Step(objective, batch, progress: progress(iteration))
        let parts = microBatches(of: 0..<batch.count, most: communicator.largestSlice(of: solver.batch))
        objective.arena.zeroGradients()
        reduction.begin()
        let global: GlobalSums
        if objective.isOneMean {
            let sums = parts.enumerated().map { index, part in
                let pass = step.forward(part, context)
                let sums = objective.sums(of: pass)
                backward(step, pass, part, undivided(sums), isLast: index == parts.count - 1)
                return sums
            }
            try finishReduction(&clock)
            global = try globalSums(sums, batch, &clock)
            divideGradients(by: global.loss[1])
        } else if parts.count == 1 {
            let pass = step.forward(parts[0], context)
            global = try globalSums([objective.sums(of: pass)], batch, &clock)
            backward(step, pass, parts[0], global.loss, isLast: true)
            try finishReduction(&clock)
        } else {
            // A first round without memory finds the sums that the second needs.
            let sums = parts.map { objective.sums(of: step.forward($0, context.rehearsal)) }
            global = try globalSums(sums, batch, &clock)
            for (index, part) in parts.enumerated() {
                let pass = step.forward(part, context)
                backward(step, pass, part, global.loss, isLast: index == parts.count - 1)
            }
            try finishReduction(&clock)
        }
        return global
    }

    /// t / t_max.
    func progress(_ iteration: Int) -> Double { Double(iteration) / Double(solver.iterations) }

    /// Images held at once, of those that fall to a rank or shard; in as many parts on every rank, for batch norm may speak
    /// to the others in each, and empty ones where there are fewer images than `most`.
    func microBatches(of images: Range<Int>, most: Int) -> [Range<Int>] {
        let size = solver.microBatch > 0 ? solver.microBatch : max(1, most)
        return stride(from: 0, to: max(1, most), by: size).map { start in
            min(images.upperBound, images.lowerBound + start)..<min(images.upperBound, images.lowerBound + start + size)
        }
    }

    /// The last images' gradients are final as they come: the sums over ranks begin.
    private func backward(
        _ step: Step<Learning>, _ pass: consuming Learning.Pass, _ part: Range<Int>, _ global: [Double], isLast: Bool
    ) {
        guard isLast && communicator.size > 1 else { return step.backward(pass, part, global, context) }
        var sending = context
        sending.gradientReady = { [reduction] parameters in
            for parameter in parameters where parameter.isTrainable { reduction.ready(parameter.range) }
        }
        context.pool.betweenChunks = { [reduction] in reduction.poll() }
        step.backward(pass, part, global, sending)
        context.pool.betweenChunks = nil
    }

    private func finishReduction(_ clock: inout StepClock) throws {
        watchdog?.enter(.waiting, iteration)
        try clock.communicating { try reduction.finish() }
    }

    /// The sums of the micro-batches of all ranks.
    private func globalSums(_ parts: [[Double]], _ batch: Batch, _ clock: inout StepClock) throws -> GlobalSums {
        let local = parts.dropFirst().reduce(parts[0]) { zip($0, $1).map(+) }
        return try clock.communicating { try globalSums(local, batch) { try communicator.allReduce($0) } }
    }

    /// What is added up over ranks beside the gradients: the loss's sums, the wish to stop, and the images' sizes.
    func globalSums(_ loss: [Double], _ batch: Batch, add: ([Double]) throws -> [Double]) throws -> GlobalSums {
        watchdog?.enter(.waiting, iteration)
        defer { watchdog?.enter(.computing, iteration) }
        let sums = try add(loss + [StopRequest.isRaised ? 1 : 0] + batch.sizeMoments)
        try checkSizes(sums.suffix(batch.sizeMoments.count), batch)
        return GlobalSums(loss: Array(sums.prefix(loss.count)), isStopping: sums[loss.count] > 0)
    }

    /// - Throws: `InputError` if the ranks' images are not of one size, as one batch's must be.
    private func checkSizes(_ moments: ArraySlice<Double>, _ batch: Batch) throws {
        let sums = Array(moments)
        // Numbers are all the same if their square's mean is their mean's square.
        let areEqual = sums[0] * sums[2] == sums[1] * sums[1] && sums[0] * sums[4] == sums[3] * sums[3]
        guard !areEqual else { return }
        throw InputError(
            "'\(batch.items.first?.id ?? "")' has \(batch.width)x\(batch.height) pixels and an image of another rank has "
                + "not, but all images of a batch must have one size",
            remedy: "set data.crop, or solver.batch to 1")
    }

    /// Sums for which backward gives the gradient of a mean's numerator.
    func undivided(_ sums: [Double]) -> [Double] {
        [0, 1] + sums.dropFirst(2).map { _ in 0 }
    }

    func divideGradients(by count: Double) {
        scale(objective.arena.gradients, by: Float(1 / max(1, count)), count: objective.arena.count)
    }
}

/// One batch's way through the network and back.
struct Step<Learning: Objective> {
    private let objective: Learning
    private let batch: Batch
    private let progress: Double

    init(_ objective: Learning, _ batch: Batch, progress: Double) {
        (self.objective, self.batch, self.progress) = (objective, batch, progress)
    }

    func forward(_ images: Range<Int>, _ context: StepContext) -> Learning.Pass {
        objective.forward(batch, images, progress: progress, context.images(images))
    }

    func backward(
        _ pass: consuming Learning.Pass, _ images: Range<Int>, _ global: [Double], _ context: StepContext
    ) {
        objective.backward(pass, global: global, context.images(images))
    }
}

/// What is added up over all ranks in the middle of a step.
struct GlobalSums {
    /// The loss's sums.
    let loss: [Double]
    /// Whether any rank was asked to stop.
    let isStopping: Bool
}

extension Batch {
    /// Whether there are images, and their width and height and its square each: sums over ranks that tell whether all
    /// have one size.
    fileprivate var sizeMoments: [Double] {
        guard count > 0 else { return [0, 0, 0, 0, 0] }
        let (width, height) = (Double(width), Double(height))
        return [1, width, width * width, height, height * height]
    }
}

extension StepContext {
    /// The context of some of a batch's images.
    fileprivate func images(_ range: Range<Int>) -> StepContext {
        var copy = self
        copy.positions = Array(positions[range])
        return copy
    }
}
