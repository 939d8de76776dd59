package import Communication
package import Configuration
package import Datasets
package import TensorCore

/// The loop of stochastic gradient descent, the same for every network, one process or many.
package final class TrainingLoop<Task: Objective> {
    package let objective: Task
    private let optimizer: Optimizer
    let solver: SolverSettings
    let communicator: Communicator
    private let buckets: GradientBuckets
    private(set) var context: StepContext

    /// How a run ended.
    package enum Outcome: Sendable {
        /// All iterations are done.
        case finished
        /// Asked to stop after this many iterations.
        case stopped(after: Int)
    }

    /// Prepares to train `objective`; `context` carries seed, workspace and threads.
    package init(
        _ objective: Task, _ optimizer: Optimizer, _ solver: SolverSettings, _ communicator: Communicator,
        _ context: StepContext
    ) {
        (self.objective, self.optimizer, self.solver) = (objective, optimizer, solver)
        (self.communicator, self.context) = (communicator, context)
        let learning = objective.arena.parameters.filter(\.learns)
        buckets = GradientBuckets((learning.first?.offset ?? 0)..<(learning.last?.range.upperBound ?? 0))
    }

    /// Trains from iteration `first` (counted from 0) to the last one.
    ///
    /// - Parameter afterStep: called on every rank after every iteration; the run is saved there.
    /// - Throws: `InputError` from the data, `TrainingError` when the loss is not a number.
    package func run(
        from first: Int, _ batches: Loader, afterStep: (_ report: StepReport, _ isStopping: Bool) throws -> Void
    ) throws -> Outcome {
        for iteration in first..<solver.iterations {
            let (report, isStopping) = try step(iteration, batches)
            try afterStep(report, isStopping)
            if isStopping && iteration + 1 < solver.iterations { return .stopped(after: iteration + 1) }
        }
        return .finished
    }

    private func step(_ iteration: Int, _ batches: Loader) throws -> (StepReport, isStopping: Bool) {
        var clock = StepClock()
        let batch = try batches.next()
        clock.dataArrived()
        context.positions = batch.items.map(\.position)
        objective.arena.zeroGradients()

        let global = try accumulateGradients(batch, iteration, &clock)
        let loss = objective.loss(global.loss)
        try check(loss, iteration, batch)
        try clock.communicating { try buckets.sum(objective.arena.gradients, over: communicator) }

        let rate = solver.learningRate(at: iteration)
        optimizer.step(rate: rate, context.pool)
        let report = StepReport(
            iteration: iteration + 1, iterations: solver.iterations, loss: loss, rate: rate, images: solver.batch,
            seconds: clock.total, secondsForData: clock.data, secondsForRanks: clock.communication,
            remarks: batch.items.flatMap(\.remarks))
        return (report, isStopping: global.isStopping)
    }

    private func check(_ loss: [LossPart], _ iteration: Int, _ batch: Batch) throws {
        guard let wrong = loss.first(where: { !$0.value.isFinite }) else { return }
        let ids = batch.items.map(\.id).joined(separator: ", ")
        throw TrainingError(
            description: "\(wrong.name) is \(wrong.value) in iteration \(iteration + 1), images \(ids); lower solver.lr"
        )
    }
}

/// Where the time of an iteration goes.
struct StepClock {
    private let start = ContinuousClock.now
    private(set) var data = 0.0
    private(set) var communication = 0.0

    /// Seconds since the iteration began.
    var total: Double { start.duration(to: .now).seconds }

    mutating func dataArrived() { data = total }

    mutating func communicating<Result>(_ body: () throws -> Result) rethrows -> Result {
        let begin = total
        defer { communication += total - begin }
        return try body()
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
