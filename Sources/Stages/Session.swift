package import Communication
internal import Foundation
internal import Kernels
package import Logging
package import TensorCore
internal import Training

/// What every stage works with: the ranks, the threads, reused memory, and a log.
package final class Session {
    package let communicator: Communicator
    package let pool: ThreadPool
    package let workspace: Workspace
    package let logger: Logger

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
        logger.warning(
            "may run on \(availableCores()) of \(online) cores only; under mpirun give --bind-to none, or use launch/run")
    }

    /// Whether any rank was asked to stop; all ranks must ask.
    var isStopping: Bool {
        get throws { try communicator.sum([StopRequest.isRaised ? 1 : 0])[0] > 0 }
    }

    /// Lines on program, ranks and machine, to be kept with what they made.
    package var provenance: [String] {
        let threads = "\(communicator.size) ranks of \(pool.threadCount) threads"
        return ["bana \(version), \(threads), \(processorName())"]
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
