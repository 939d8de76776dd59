package import Communication
import Configuration
import FileAccess
import Foundation
import Kernels
package import Logging
package import TensorCore
import Training

/// What every stage works with: the ranks, the threads, reused memory, and a log.
package final class Session {
    package let communicator: Communicator
    package let pool: ThreadPool
    package let workspace: Workspace
    package let logger: Logger
    /// Whether a training's weights shall be bitwise the same for 1, 2 and 4 ranks.
    package var isReproducible = false
    /// Whether everything that layers make is looked at.
    package var isDebugging = false
    /// Seconds without headway after which a training on several ranks is ended; 0: it never is.
    package var watchdogLimit = 300.0

    /// - Parameter threads: of this rank; `nil` shares the cores it may use among the ranks on its host.
    package init(communicator: Communicator, threads: Int?, logger: Logger) {
        self.communicator = communicator
        self.logger = logger
        pool = ThreadPool(threadCount: threads ?? max(1, availableCores() / communicator.ranksOnHost))
        workspace = Workspace()
        useOneBLASThread()
        StopRequest.listen()
        if threads == nil { warnIfBound() }
    }

    /// Launchers bind a process to one core unless told otherwise, and then its threads share that core.
    private func warnIfBound() {
        let online = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        guard availableCores() < online, communicator.isRoot, communicator.isLaunched else { return }
        let cores = "\(availableCores()) of \(online) cores"
        logger.warning("may run on \(cores) only; under mpirun give --bind-to none, or use launch/run")
    }

    /// Watches a training on several ranks, which leave word of what they are at in its folder.
    func makeWatchdog(notesIn folder: RunFolder) -> Watchdog? {
        guard communicator.size > 1 && watchdogLimit > 0 else { return nil }
        return Watchdog(limit: watchdogLimit, communicator, notesIn: folder.rankNotes)
    }

    /// - Throws: `InputError` where reproducible weights are wanted and cannot be had.
    func checkReproducibility(_ model: ModelSettings) throws {
        guard isReproducible else { return }
        guard [1, 2, 4].contains(communicator.size) else {
            throw InputError("--reproducible works on 1, 2 or 4 ranks, not on \(communicator.size)")
        }
        guard !model.trunk.isBatchNormalized || model.batchNorm.mode != .global else {
            throw InputError(
                "--reproducible cannot take statistics over all ranks", at: "model.batch_norm.mode",
                remedy: "set it to train or frozen")
        }
    }

    /// Whether any rank was asked to stop; all ranks must ask.
    var isStopping: Bool {
        get throws { try communicator.sum([StopRequest.isRaised ? 1 : 0])[0] > 0 }
    }

    /// Looks for the first number that is none, and ends the process there; only where that is wanted.
    var faultFinder: FaultFinder? {
        guard isDebugging else { return nil }
        return FaultFinder { [logger] in
            logger.debug("\($0)")
        } fail: { [logger] in
            logger.error("\($0)")
            exit(70)
        }
    }

    /// Lines on program, ranks and machine, to be kept with what they made.
    package var provenance: [String] {
        let ranks = counted(communicator.size, "rank") + " of " + counted(pool.threadCount, "thread")
        let line = "bana \(version), \(ranks), \(processorName()) with \(PanelProducts.best.processor)"
        return [isReproducible ? line + ", reproducible" : line]
    }

    /// A training step's context, with the run's random keys.
    func trainingContext(seed: Int) -> StepContext {
        var context = StepContext(mode: .training, workspace: workspace, pool: pool)
        context.seed = UInt64(seed)
        return context
    }

    /// The context of looking at an image.
    var inferenceContext: StepContext { StepContext(mode: .inference, workspace: workspace, pool: pool) }
}
