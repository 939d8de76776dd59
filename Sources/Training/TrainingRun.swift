import Communication
package import Configuration
package import Datasets
import FileAccess
import Foundation
import ImageFiles
import Logging
import Networks
import RunReports
package import Runs
package import TensorCore
import Weights

/// The folder of one training, and what goes on around its loop: start weights, checkpoints, metrics, the watchdog.
///
/// Rank 0 reads and writes the folder; the others are told.
package struct TrainingRun {
    private let command: Command
    private let settings: RunConfiguration
    private let folder: RunFolder
    private let restart: Bool
    private let session: Session
    /// Keeps other jobs from the folder.
    private let lock: FolderLock?

    /// - Parameter restart: whether an earlier run in the folder is forgotten.
    /// - Throws: `InputError` where reproducible weights are wanted and cannot be had, `FolderInUse` where another job
    ///   works in the folder.
    package init(
        _ command: Command, _ settings: RunConfiguration, in folder: String, restart: Bool, _ session: Session
    ) throws {
        (self.command, self.settings, self.folder) = (command, settings, RunFolder(folder))
        (self.restart, self.session) = (restart, session)
        lock = try TrainingRun.lock(folder, mayBeDone: !restart, session)
        if session.isReproducible { try checkReproducibility() }
    }

    /// A finished run wants no lock, and may lie where nothing can be written.
    private static func lock(_ folder: String, mayBeDone: Bool, _ session: Session) throws -> FolderLock? {
        do {
            return try session.lock(folder)
        } catch  where mayBeDone && RunFolder(folder).isFinished && !(error is FolderInUse) {
            return nil
        }
    }

    private var communicator: Communicator { session.communicator }
    private func checkpoints(_ samples: SampleStream) -> CheckpointStore {
        CheckpointStore(folder.checkpoints, keep: settings.checkpoint.keep, images: samples.dataset.imagesChecksum)
    }

    private func checkReproducibility() throws {
        guard [1, 2, 4].contains(communicator.size) else {
            throw InputError("--reproducible works on 1, 2 or 4 ranks, not on \(communicator.size)")
        }
        guard !settings.model.trunk.isBatchNormalized || settings.model.batchNorm.mode != .global else {
            throw InputError(
                "--reproducible cannot take statistics over all ranks", at: "model.batch_norm.mode",
                remedy: "set it to train or frozen")
        }
    }

    // MARK: - Before the loop

    /// Whether the run in the folder has come to its end; nothing but words that ranks left there changes.
    ///
    /// - Throws: `InputError` where the folder holds another run than this one.
    package func isFinished() throws -> Bool {
        if communicator.isRoot && !restart { try folder.check(for: command, settings) }
        let isFinished = communicator.isRoot && !restart && hasSoundModel
        guard try communicator.broadcast(isFinished ? 1 : 0) == 1 else { return false }
        if communicator.isRoot { folder.tidy() }
        session.logger.notice("this run is finished; its model is \(folder.model)")
        return true
    }

    /// A model that is damaged, as by a loss of power, is made anew from the last checkpoint.
    private var hasSoundModel: Bool {
        guard folder.isFinished else { return false }
        do {
            _ = try openWeights(folder.model)
            return true
        } catch {
            session.logger.warning("\(error): going on from the last checkpoint")
            return false
        }
    }

    /// Draws weights, and takes from the file of start weights what it has; the same on all ranks.
    ///
    /// - Throws: `InputError` for a file that does not fit.
    package func setStartWeights(of arena: ParameterArena) throws {
        arena.initialize(seed: UInt64(settings.seed), fromScratch: settings.model.weights == nil)
        if communicator.isRoot, let path = settings.model.weights {
            let report = try advising("correct model.weights") {
                try arena.load(try openWeights(path), as: .start)
            }
            session.logger.info("\(path) sets \(report.found.count) tensors")
            if let origin = report.origin { session.logger.info("they are \(origin)") }
            if report.isTorchvisions { remindOfStride(path) }
            if let redrawn = report.redrawn { session.logger.notice("\(path) has a \(redrawn): drawn anew") }
            if !report.missing.isEmpty { session.logger.info("new: \(listed(report.missing))") }
            if !report.leftOver.isEmpty { session.logger.info("not used: \(listed(report.leftOver))") }
        }
        try communicator.shareState(of: arena)
    }

    /// Blocks with another stride take the same tensors.
    private func remindOfStride(_ path: String) {
        guard !settings.model.trunk.isVGG, settings.model.stride == .reduce else { return }
        session.logger.warning(
            "\(path) has torchvision's names; if its blocks are torchvision's too, set model.stride=torchvision")
    }

    /// Refuses what cannot fit in memory, as far as the first image tells.
    private func checkMemory(_ objective: some Objective, _ samples: SampleStream) throws {
        let image = try samples.sample(at: 0).image
        let slice = communicator.largestSlice(of: settings.solver.batch)
        let held = settings.solver.microBatch > 0 ? min(slice, settings.solver.microBatch) : slice
        let exchange = GradientReduction.byteCount(
            for: objective.arena.count, ranks: communicator.size, as: settings.solver.gradientExchange)
        let estimate = MemoryEstimate(
            objective, Shape(held, image.height, image.width, 3), settings.model.precision.elementType, slice: slice,
            threads: session.pool.threadCount, ranksOnHost: communicator.ranksOnHost,
            workspace: session.workspace.byteCount, exchange: session.isReproducible ? 0 : exchange)
        session.logger.info("a step needs about \(estimate.summary) left")
        try estimate.check()
    }

    /// Takes up the newest sound checkpoint; returns the iteration to begin with.
    private func restore(_ optimizer: Optimizer, _ checkpoints: CheckpointStore) throws -> Int {
        var iteration = 0
        if communicator.isRoot {
            iteration = try checkpoints.loadLatest(optimizer) { session.logger.warning("\($0)") } ?? 0
            if iteration > 0 { session.logger.notice("going on after iteration \(iteration)") }
            if let words = Watchdog.firstSilent(notesIn: folder.rankNotes) {
                session.logger.notice("the last job broke off; silent first was \(words)")
            }
        }
        iteration = Int(try communicator.broadcast(Double(iteration)))
        guard iteration > 0 else { return 0 }
        try communicator.shareState(of: optimizer.arena)
        try communicator.share(optimizer.velocity, count: optimizer.arena.count)
        optimizer.freezeUntrained()
        return iteration
    }

    // MARK: - The loop

    /// Trains to the end, or until asked to stop, from the newest checkpoint on.
    ///
    /// - Throws: `InputError` for what is wrong with data or memory, before anything is written; `TrainingError` when the
    ///   loss is not finite.
    package func train<Learning: Objective>(
        _ objective: Learning, _ optimizer: Optimizer, on samples: SampleStream
    ) throws -> RunEnd {
        optimizer.freezeUntrained()
        try checkMemory(objective, samples)
        if communicator.isRoot {
            try folder.begin(for: command, settings, note: session.provenance, restart: restart)
        }
        let checkpoints = checkpoints(samples)
        let first = try restore(optimizer, checkpoints)
        for warning in samples.dataset.warnings { session.logger.notice("\(warning)") }

        let batches = Loader(
            samples, batch: settings.solver.batch, slice: communicator.slice(of: settings.solver.batch), from: first)
        let watchdog = try makeWatchdog()
        defer { watchdog?.stop() }
        let loop = TrainingLoop(
            objective, optimizer, settings.solver, communicator, stepContext, isReproducible: session.isReproducible)
        loop.watchdog = watchdog
        loop.anomalyDetector = makeAnomalyDetector()
        let journal = communicator.isRoot ? try RunJournal(folder, settings, from: first, session) : nil
        let outcome = try loop.run(from: first, batches) { report, isStopping in
            guard let journal else { return }
            try journal.record(report)
            if isStopping || journal.wantsCheckpoint(report) {
                watchdog?.enter(.saving, report.iteration)
                try journal.flush()
                try checkpoints.save(iteration: report.iteration, optimizer)
            }
        }
        guard case .stopped(let iteration) = outcome else { return .finished }
        session.logger.notice("stopped after iteration \(iteration); the same command goes on")
        return .stopped
    }

    private var stepContext: StepContext {
        var context = StepContext(mode: .training, workspace: session.workspace, pool: session.pool)
        context.seed = UInt64(settings.seed)
        context.precision = settings.model.precision.elementType
        if settings.model.batchNorm.mode == .global { context.sumOverRanks = communicator.allReduceOrAbort }
        return context
    }

    /// Watches a training on several ranks, which leave word of what they are at in its folder.
    private func makeWatchdog() throws -> Watchdog? {
        guard communicator.size > 1 && session.watchdogLimit > 0 else { return nil }
        return try Watchdog(limit: session.watchdogLimit, communicator, notesIn: folder.rankNotes)
    }

    /// Ends the process at the first number that is not finite; only where that is wanted.
    private func makeAnomalyDetector() -> AnomalyDetector? {
        guard session.isDebugging else { return nil }
        return AnomalyDetector { [logger = session.logger] in
            logger.debug("\($0)")
        } fail: { [logger = session.logger] in
            logger.error("\($0)")
            exit(70)
        }
    }

    // MARK: - After the loop

    /// Writes the report, then the model: with it the run counts as finished.
    ///
    /// - Throws: `InputError` when the folder cannot be written.
    package func finish(_ arena: ParameterArena) throws {
        guard communicator.isRoot else { return }
        try session.writeReport(on: folder)
        try arena.save(
            to: folder.model, metadata: ["iterations": "\(settings.solver.iterations)", trainedBy: command.rawValue])
        session.logger.notice("the model is \(folder.model)")
    }
}

extension Dataset {
    /// A number that tells which images these are, and in which order: the next ones follow from it.
    fileprivate var imagesChecksum: UInt32 {
        checksum(Data((0..<count).map { id(at: $0) }.joined(separator: "\n").utf8))
    }
}

extension Communicator {
    /// Gives all ranks the first one's weights, running statistics, and which tensors are pretrained.
    fileprivate func shareState(of arena: ParameterArena) throws {
        try share(arena.valuesForWriting(), count: arena.count)
        try share(arena.statisticValues, count: arena.statisticCount)
        var isPretrained = arena.parameters.map { $0.isPretrained ? 1 : UInt8(0) }
        try isPretrained.withUnsafeMutableBytes { try broadcast($0) }
        for (parameter, flag) in zip(arena.parameters, isPretrained) { parameter.isPretrained = flag == 1 }
    }

    fileprivate func share(_ values: UnsafeMutablePointer<Float>, count: Int) throws {
        try broadcast(UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(start: values, count: count)))
    }
}
