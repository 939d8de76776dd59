import FileAccess
import Foundation

/// What a loader and its threads share: batches being filled, in order, and those free to be filled.
///
/// Threads take single samples, the earliest batch's first, so that a batch is soon complete. Everything is guarded by
/// `condition`, except the pixels of a batch while they are written: each thread has a sample of its own.
final class LoaderWork: @unchecked Sendable {
    private let stream: SampleStream
    private let batchSize: Int
    private let slice: Range<Int>
    private let condition = NSCondition()
    private var free: [Batch]
    private var filling: [Filling] = []
    private var nextIteration: Int
    private var threads = 0
    /// Why there are no threads, where some are needed.
    private var refusal: MachineError?
    private var isStopping = false

    /// A batch and how far it is.
    private final class Filling {
        let batch: Batch
        var taken = 0
        var finished = 0
        /// The first sample that failed, in the order of the stream, and why.
        var failure: (index: Int, error: any Error)?

        init(_ batch: Batch) { self.batch = batch }
    }

    init(_ stream: SampleStream, batchSize: Int, slice: Range<Int>, from iteration: Int, batches: Int) {
        (self.stream, self.batchSize, self.slice, nextIteration) = (stream, batchSize, slice, iteration)
        free = (0..<batches).map { _ in Batch() }
    }

    /// Starts the threads, or as many of them as the machine allows.
    func start(threads wanted: Int) {
        for _ in 0..<wanted {
            condition.withLock { threads += 1 }
            do throws(MachineError) {
                try startThread { self.run() }
            } catch {
                condition.withLock {
                    threads -= 1
                    if threads == 0 { refusal = error }
                }
                return
            }
        }
    }

    /// Ends the threads, after the samples they are at.
    func stop() {
        condition.withLock {
            isStopping = true
            condition.broadcast()
            while threads > 0 { condition.wait() }
        }
    }

    /// Takes a used batch back and gives the next one, when it is complete.
    func exchange(_ used: Batch?) throws -> Batch {
        try condition.withLock {
            if let refusal { throw refusal }
            if let used {
                free.append(used)
                condition.broadcast()
            }
            if filling.isEmpty { begin() }
            while filling[0].finished < slice.count { condition.wait() }
            let complete = filling.removeFirst()
            if let failure = complete.failure {
                free.append(complete.batch)
                throw failure.error
            }
            return complete.batch
        }
    }

    /// Makes the next iteration's batch one that is filled; `condition` is held.
    private func begin() {
        let filled = Filling(free.removeLast())
        filled.batch.begin(iteration: nextIteration, count: slice.count)
        filling.append(filled)
        nextIteration += 1
    }

    /// What each thread does: loads sample after sample until it is told to stop.
    private func run() {
        while let (filled, index) = takeSample() {
            let position = filled.batch.iteration * batchSize + slice.lowerBound + index
            let result = Result { try fill(filled.batch, index, position) }
            condition.withLock { finish(filled, index, position, result) }
        }
        condition.withLock {
            threads -= 1
            condition.broadcast()
        }
    }

    /// The next sample to load, when there is one; `nil` when the threads shall end.
    private func takeSample() -> (Filling, index: Int)? {
        condition.withLock {
            while !isStopping {
                if let filled = filling.first(where: { $0.taken < slice.count }) {
                    filled.taken += 1
                    return (filled, filled.taken - 1)
                }
                if free.isEmpty { condition.wait() } else { begin() }
            }
            return nil
        }
    }

    private func fill(_ filled: Batch, _ index: Int, _ position: Int) throws -> Sample {
        let sample = try stream.sample(at: position)
        try condition.withLock { try filled.admit(sample) }
        filled.write(sample, at: index, stream.normalization)
        return sample
    }

    private func finish(_ filled: Filling, _ index: Int, _ position: Int, _ result: Result<Sample, any Error>) {
        switch result {
        case .success(let sample): filled.batch.complete(sample, at: index, position: position)
        case .failure(let error):
            if index <= filled.failure?.index ?? index { filled.failure = (index, error) }
        }
        filled.finished += 1
        if filled.finished == slice.count { condition.broadcast() }
    }
}
