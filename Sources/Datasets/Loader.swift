/// Prepares batches ahead of the one that is learned from, on threads of its own.
///
/// A global batch is `batch` consecutive positions of the sample stream, whatever the number of ranks; a loader
/// prepares the slice of it that its rank takes. Memory for `ahead` batches and the one in use is kept and used again.
///
/// One thread uses a loader.
package final class Loader {
    /// Seconds that `next` has waited for samples so far.
    package private(set) var secondsWaited = 0.0
    private let work: LoaderWork
    private var current: Batch?

    /// Starts to prepare batches from `iteration` on.
    ///
    /// - Parameters:
    ///   - batch: Samples in a global batch.
    ///   - slice: Those of them that this rank takes, as a range within the batch; it may be empty.
    ///   - iteration: Number of the first batch; a resumed run's is not 0.
    package init(
        _ stream: SampleStream, batch: Int, slice: Range<Int>, from iteration: Int = 0, threads: Int = 2,
        ahead: Int = 2
    ) {
        precondition(slice.lowerBound >= 0 && slice.upperBound <= batch, "slice \(slice) of a batch of \(batch)")
        precondition(threads > 0 && ahead > 0 && iteration >= 0, "\(threads) threads, \(ahead) batches ahead")
        work = LoaderWork(stream, batchSize: batch, slice: slice, from: iteration, batches: ahead + 1)
        work.start(threads: slice.isEmpty ? 0 : min(threads, slice.count * ahead))
    }

    deinit { work.stop() }

    /// The next iteration's batch; its memory is used again once `next` is called again.
    ///
    /// - Throws: `InputError`, when a sample of this batch could not be loaded, `MachineError` where no thread could be
    ///   started to load it.
    package func next() throws -> Batch {
        let start = ContinuousClock.now
        defer { secondsWaited += (ContinuousClock.now - start) / .seconds(1) }
        let batch = try work.exchange(current.take())
        current = batch
        return batch
    }
}
