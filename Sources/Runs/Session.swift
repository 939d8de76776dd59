package import Communication
package import Datasets
package import ImageFiles
import Kernels
package import Logging
import Reports
package import TensorCore

#if canImport(Glibc)
    import Glibc
#endif

/// What every stage works with: the ranks, the threads, reused memory, and a log.
package final class Session {
    package let communicator: Communicator
    package let pool: ThreadPool
    package let workspace: Workspace
    package let logger: Logger
    /// Whether a training's weights shall be bitwise the same for 1, 2 and 4 ranks.
    package var isReproducible = false
    /// Whether everything that layers make is checked for NaN and Inf.
    package var isDebugging = false
    /// Seconds without progress after which a training on several ranks is ended; 0: it never is.
    package var watchdogLimit = 300.0

    /// - Parameter threads: of this rank; `nil` shares the cores it may use among the ranks on its host.
    package init(communicator: Communicator, threads: Int?, logger: Logger) {
        self.communicator = communicator
        self.logger = logger
        pool = ThreadPool(threadCount: threads ?? max(1, availableCores() / communicator.ranksOnHost))
        checkAddressSpace(threads: pool.threadCount)
        workspace = Workspace()
        useOneBLASThread()
        if threads == nil { warnIfBound() }
    }

    /// Launchers bind a process to one core unless told otherwise, and then its threads share that core.
    private func warnIfBound() {
        let online = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        guard boundCores() < online, communicator.isRoot, communicator.isLaunched else { return }
        let cores = "\(boundCores()) of \(online) cores"
        logger.warning("may run on \(cores) only; under mpirun give --bind-to none, or use launch/run")
    }

    /// Whether any rank was asked to stop; all ranks must ask.
    package var isStopping: Bool {
        get throws { try communicator.allReduce([StopRequest.isRaised ? 1 : 0])[0] > 0 }
    }
}

extension Session {
    /// Claims a folder that this job writes to, as long as what is returned lives; for rank 0, others get `nil`.
    ///
    /// - Parameter part: the part of an array's work, for jobs that share the folder.
    /// - Throws: `FolderInUse` naming who else writes there.
    package func lock(_ folder: String, part: String? = nil) throws -> FolderLock? {
        guard communicator.isRoot else { return nil }
        return try FolderLock(folder, part: part) { [logger] message in
            logger.error("\(message)")
            StopRequest.raise()
        }
    }
}

// MARK: - What all stages do with images

extension Session {
    /// Does this rank's share of `count` images, every `size`-th from its rank on, until it is asked to stop.
    ///
    /// Rank 0 shows its progress, which is about that of all. All ranks must take part.
    ///
    /// - Parameters:
    ///   - activity: what the progress line calls it: `segmenting`.
    ///   - body: gets an image's index.
    /// - Returns: `.stopped` when any rank was asked to stop.
    package func forEachOwnImage(of count: Int, _ activity: String, _ body: (Int) throws -> Void) throws -> RunEnd {
        let progress = communicator.isRoot ? ProgressLine(activity, total: count) : nil
        for index in stride(from: communicator.rank, to: count, by: communicator.size) where !StopRequest.isRaised {
            try body(index)
            progress?.update(done: min(count, index + communicator.size))
        }
        return try isStopping ? .stopped : .finished
    }

    /// An image as a network's input, `1 x H x W x 3`.
    package func input(_ image: RGBImage, _ normalization: ColorNormalization) -> Tensor {
        let input = workspace.tensor(Shape(1, image.height, image.width, 3))
        normalization.apply(to: image, into: input.floats)
        return input
    }
}

/// How a stage ended.
package enum RunEnd: Sendable {
    /// All is done.
    case finished
    /// Asked to stop; its state is saved, and the same command goes on.
    case stopped
}
