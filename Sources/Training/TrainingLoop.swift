package import Communication
package import Configuration
package import Datasets
package import TensorCore

/// The loop of stochastic gradient descent, the same for every network, one process or many.
package final class TrainingLoop<Learning: Objective> {
    package let objective: Learning
    private let optimizer: Optimizer
    let solver: SolverSettings
    let communicator: Communicator
    /// Made in the first step, and not at all where `shardSums` does its work.
    private(set) lazy var reduction = GradientReduction(
        objective.arena.gradients, learned: objective.arena.parameters.filter(\.isTrainable).map(\.range),
        over: communicator, as: solver.gradientExchange)
    /// Set where the weights may not depend on the number of ranks.
    let shardSums: ShardSums?
    /// Told what the rank is at.
    package var watchdog: Watchdog?
    /// Shown all that the layers make.
    package var anomalyDetector: AnomalyDetector? {
        didSet { context.trace = anomalyDetector?.look }
    }
    private(set) var context: StepContext
    /// The iteration at hand, from 1.
    private(set) var iteration = 0

    /// How a run ended.
    package enum Outcome: Sendable {
        /// All iterations are done.
        case finished
        /// Asked to stop after this many iterations.
        case stopped(after: Int)
    }

    /// Prepares to train `objective`; `context` carries seed, workspace and threads.
    ///
    /// - Parameter isReproducible: whether the weights shall be bitwise the same for 1, 2 and 4 ranks; there are so many
    ///   then.
    package init(
        _ objective: Learning, _ optimizer: Optimizer, _ solver: SolverSettings, _ communicator: Communicator,
        _ context: StepContext, isReproducible: Bool = false
    ) {
        (self.objective, self.optimizer, self.solver) = (objective, optimizer, solver)
        (self.communicator, self.context) = (communicator, context)
        let shards = reproducibleShards / communicator.size
        shardSums = isReproducible ? ShardSums(objective.arena, shards: shards, as: solver.gradientExchange) : nil
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
        self.iteration = iteration + 1
        var clock = StepClock()
        watchdog?.enter(.reading, self.iteration)
        let batch = try batches.next()
        clock.dataArrived()
        watchdog?.enter(.computing, self.iteration)
        context.positions = batch.items.map(\.position)
        anomalyDetector?.begin(self.iteration, batch.items.map(\.id), objective.arena)

        let global =
            shardSums == nil
            ? try accumulateGradients(batch, iteration, &clock) : try accumulateReproducibly(batch, iteration, &clock)
        let loss = objective.loss(global.loss)
        try check(loss, iteration, batch)
        let rate = solver.learningRate(at: iteration)
        optimizer.step(rate: rate, context.pool)
        let waits = try secondsWaited(clock.communication)
        let report = StepReport(
            iteration: iteration + 1, iterations: solver.iterations, loss: loss, rate: rate, images: solver.batch,
            seconds: clock.total, secondsForData: clock.data, secondsForRanks: clock.communication,
            leastSecondsForRanks: waits.min() ?? 0, mostSecondsForRanks: waits.max() ?? 0,
            warnings: batch.items.flatMap(\.warnings))
        return (report, isStopping: global.isStopping)
    }

    /// What each rank has waited for the others.
    private func secondsWaited(_ mine: Double) throws -> [Double] {
        var waits = [Double](repeating: 0, count: communicator.size)
        waits[communicator.rank] = mine
        return try communicator.allReduce(waits)
    }

    private func check(_ loss: [LossPart], _ iteration: Int, _ batch: Batch) throws {
        guard let wrong = loss.first(where: { !$0.value.isFinite }) else { return }
        let ids = batch.items.map(\.id).joined(separator: ", ")
        let arena = objective.arena
        let largest = UnsafeBufferPointer(start: arena.values, count: arena.count).reduce(0) { max($0, abs($1)) }
        // Before the first step it cannot be the rate.
        let first = "no step was taken yet: look at the start weights and the loss's settings"
        let remedy = iteration == 0 ? first : "lower solver.lr"
        throw TrainingError(
            description: "\(wrong.name) is \(wrong.value) in iteration \(iteration + 1), images \(ids); "
                + "the largest weight is \(largest); \(remedy)")
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
