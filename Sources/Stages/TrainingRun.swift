import Communication
import Configuration
import Datasets
import FileAccess
import ImageFiles
import Logging
import Networks
import TensorCore
import Training
import Weights

/// One training of one network: claims the run folder, goes on from where it stopped, trains, saves.
///
/// Rank 0 reads and writes the run folder; the others are told.
struct TrainingRun<Task: Objective> {
    let command: Command
    let settings: RunConfiguration
    let folder: RunFolder
    let session: Session
    let objective: Task
    /// What of each image the objective learns from.
    let contents: SampleContents

    private var communicator: Communicator { session.communicator }
    private var arena: ParameterArena { objective.arena }
    private var checkpoints: CheckpointStore {
        CheckpointStore(folder.checkpoints, keep: settings.checkpoint.keep)
    }

    /// Trains to the end, or until asked to stop.
    func run(restart: Bool) throws -> RunEnd {
        try session.checkReproducibility(settings.model)
        if communicator.isRoot && !restart { try folder.check(for: command, settings) }
        guard try communicator.rootSays(!restart && folder.isFinished ? 1 : 0) == 0 else {
            session.logger.notice("this run is finished; its model is \(folder.model)")
            return .finished
        }
        // What can be wrong with data and weights is told before anything is written.
        let stream = try settings.data.stream(contents, seed: settings.seed)
        try setStartWeights()
        let optimizer = Optimizer(arena, settings.solver)
        try checkMemory(stream)
        if communicator.isRoot {
            try folder.begin(for: command, settings, note: session.provenance, restart: restart)
        }
        let first = try restore(optimizer)
        if case .stopped(let iteration) = try train(stream, optimizer, from: first) {
            session.logger.notice("stopped after iteration \(iteration); the same command goes on")
            return .stopped
        }
        if communicator.isRoot {
            try session.writeReport(on: folder)
            // Last: with its model a run counts as finished.
            try arena.save(to: folder.model, metadata: ["iterations": "\(settings.solver.iterations)"])
            session.logger.notice("the model is \(folder.model)")
        }
        return .finished
    }

    /// Refuses what cannot fit, as far as the first image tells.
    private func checkMemory(_ stream: SampleStream) throws {
        let image = try stream.sample(at: 0).image
        let slice = communicator.largestSlice(of: settings.solver.batch)
        let held = settings.solver.microBatch > 0 ? min(slice, settings.solver.microBatch) : slice
        let estimate = MemoryEstimate(
            objective, Shape(held, image.height, image.width, 3), slice: slice, ranksOnHost: communicator.ranksOnHost)
        session.logger.info("a step needs about \(estimate.summary) left")
        try estimate.check()
    }

    private func setStartWeights() throws {
        arena.initialize(seed: UInt64(settings.seed), fromScratch: settings.model.weights == nil)
        if communicator.isRoot, let path = settings.model.weights {
            let report = try advising("correct model.weights") {
                try arena.load(try openWeights(path), as: .start)
            }
            session.logger.info("\(path) sets \(report.found.count) tensors")
            if report.isTorchvisions { remindOfStride(path) }
            if let redrawn = report.redrawn { session.logger.notice("\(path) has a \(redrawn): drawn anew") }
            if !report.missing.isEmpty { session.logger.info("new: \(report.missing.joined(separator: ", "))") }
            if !report.leftOver.isEmpty { session.logger.info("not used: \(report.leftOver.joined(separator: ", "))") }
        }
        try communicator.shareState(of: arena)
    }

    /// Blocks with another stride take the same tensors.
    private func remindOfStride(_ path: String) {
        guard !settings.model.trunk.isVGG, settings.model.stride == .caffe else { return }
        session.logger.warning(
            "\(path) has torchvision's names; if its blocks are torchvision's too, set model.stride=torchvision")
    }

    /// Takes up the newest sound checkpoint; returns the iteration to begin with.
    private func restore(_ optimizer: Optimizer) throws -> Int {
        var iteration = 0
        if communicator.isRoot {
            iteration = try checkpoints.loadLatest(arena, optimizer) { session.logger.warning("\($0)") } ?? 0
            if iteration > 0 { session.logger.notice("going on after iteration \(iteration)") }
            if let words = Watchdog.firstSilent(notesIn: folder.rankNotes) {
                session.logger.notice("the last job broke off; silent first was \(words)")
            }
        }
        iteration = Int(try communicator.rootSays(Double(iteration)))
        guard iteration > 0 else { return 0 }
        try communicator.shareState(of: arena)
        try communicator.share(optimizer.velocity, count: arena.count)
        optimizer.assignRates()
        return iteration
    }

    private func train(
        _ stream: SampleStream, _ optimizer: Optimizer, from first: Int
    ) throws -> TrainingLoop<Task>.Outcome {
        for warning in stream.dataset.warnings { session.logger.notice("\(warning)") }
        let loader = Loader(
            stream, batch: settings.solver.batch, slice: communicator.slice(of: settings.solver.batch), from: first)
        var context = session.trainingContext(seed: settings.seed)
        if settings.model.batchNorm.mode == .global { context.sumOverRanks = communicator.sumOrAbort }
        let watchdog = session.makeWatchdog(notesIn: folder)
        defer { watchdog?.stop() }
        let loop = TrainingLoop(
            objective, optimizer, settings.solver, communicator, context, isReproducible: session.isReproducible)
        loop.watchdog = watchdog
        loop.faultFinder = session.faultFinder
        let journal = communicator.isRoot ? try RunJournal(folder, settings, from: first, session) : nil
        return try loop.run(from: first, loader) { report, isStopping in
            guard let journal else { return }
            try journal.record(report)
            if isStopping || journal.wantsCheckpoint(report) {
                watchdog?.enter(.saving, report.iteration)
                try checkpoints.save(iteration: report.iteration, arena, optimizer)
            }
        }
    }
}

extension Communicator {
    /// Gives all ranks the first one's weights, running statistics, and which tensors are new.
    fileprivate func shareState(of arena: ParameterArena) throws {
        try share(arena.values, count: arena.count)
        try share(arena.statisticValues, count: arena.statisticCount)
        var isNew = arena.parameters.map { $0.isNew ? 1 : UInt8(0) }
        try isNew.withUnsafeMutableBytes { try broadcast($0) }
        for (parameter, flag) in zip(arena.parameters, isNew) { parameter.isNew = flag == 1 }
    }

    fileprivate func share(_ values: UnsafeMutablePointer<Float>, count: Int) throws {
        try broadcast(UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(start: values, count: count)))
    }
}
