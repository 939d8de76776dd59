package import TensorCore

/// The sum of all ranks' gradients, which travels while backward still works.
///
/// A bucket leaves as soon as all its gradients are final and those before it have left. MPI moves nothing by itself:
/// `poll` must be called now and then, on the thread that owns MPI.
package final class GradientReduction {
    private let buckets: GradientBuckets
    /// Floats of each bucket that are learned.
    private let learned: [Int]
    /// Nothing travels in one process.
    private let sums: (any BucketSums)?
    /// Floats of each bucket that are not final yet.
    private var missing: [Int] = []
    private var left = 0
    private var failure: CommunicationError?
    private var lastPoll = ContinuousClock.now

    /// Plans the sum of a block of gradients.
    ///
    /// - Parameters:
    ///   - parts: where those that are learned lie, one range a tensor.
    ///   - format: what they travel as.
    package init(
        _ gradients: UnsafeMutablePointer<Float>, learned parts: [Range<Int>], over communicator: Communicator,
        as format: Tensor.ElementType
    ) {
        let (rank, ranks) = (communicator.rank, communicator.size)
        buckets = GradientBuckets(covering: parts, size: GradientBuckets.size(ranks: ranks, format))
        learned = buckets.counts(of: parts)
        let blocks = buckets.ranges.map {
            UnsafeMutableBufferPointer(start: gradients + $0.lowerBound, count: $0.count)
        }
        sums = communicator.mpi.flatMap { mpi -> (any BucketSums)? in
            switch format {
            case _ where ranks == 1: nil
            case .float32: WholeSums(blocks, ranks: ranks, mpi)
            case .bfloat16: RoundedSums(blocks, rank: rank, ranks: ranks, mpi)
            }
        }
        begin()
    }

    /// Bytes that the sum of `count` gradients keeps beside them.
    package static func byteCount(for count: Int, ranks: Int, as format: Tensor.ElementType) -> Int {
        ranks > 1 && format == .bfloat16 ? RoundedSums.byteCount(for: count, ranks: ranks) : 0
    }

    /// Bytes this rank has sent since the plan was made; of float32, what the algorithms that are chosen for it send.
    package var bytesSent: Int { sums?.bytesSent ?? 0 }

    /// Begins a step: no gradient is final.
    package func begin() {
        missing = learned
        left = 0
    }

    /// Takes note that a learned tensor's gradients are final; each is told once a step.
    package func ready(_ part: Range<Int>) {
        guard sums != nil else { return }
        for (index, bucket) in buckets.ranges.enumerated() { missing[index] -= part.clamped(to: bucket).count }
        while left < missing.count && missing[left] == 0 { send() }
    }

    /// Lets what is under way make progress, every millisecond at most.
    package func poll() {
        guard left > 0, let sums, ContinuousClock.now - lastPoll > .milliseconds(1) else { return }
        note { () throws(CommunicationError) in try sums.poll() }
        lastPoll = .now
    }

    /// Sends what has not left yet, and returns when all sums are back.
    package func finish() throws {
        guard let sums else { return }
        while left < missing.count { send() }
        if let failure { throw failure }
        try sums.finish()
    }

    private func send() {
        note { () throws(CommunicationError) in try sums?.begin(left) }
        left += 1
    }

    /// Keeps the first error until it can be thrown.
    private func note(_ body: () throws(CommunicationError) -> Void) {
        guard failure == nil else { return }
        do throws(CommunicationError) { try body() } catch { failure = error }
    }
}

/// The plan by which gradients leave for the sum over ranks: one block of floats, cut in buckets.
///
/// Buckets leave in the order in which backward finishes them, from the last layer to the first, the same on all ranks
/// and in every step.
package struct GradientBuckets {
    /// Floats of each bucket, from the end of the block.
    let ranges: [Range<Int>]

    /// Cuts the floats from the first to the last of `parts` in buckets of at most `size` floats.
    package init(covering parts: [Range<Int>], size: Int) {
        let lower = parts.map(\.lowerBound).min() ?? 0
        let upper = parts.map(\.upperBound).max() ?? 0
        ranges = stride(from: upper, to: lower, by: -size).map { max(lower, $0 - size)..<$0 }
    }

    /// Floats of a bucket that suit a number of ranks: 4 MB hide best behind backward; where many ranks hand sums round a
    /// ring, each bucket costs a round of latencies, and where each sends to each, small messages: fewer are better.
    package static func size(ranks: Int, _ format: Tensor.ElementType) -> Int {
        let isPowerOfTwo = ranks & (ranks - 1) == 0
        return ranks > 32 && (format == .bfloat16 || !isPowerOfTwo) ? 4 << 20 : 1 << 20
    }

    /// How many of each bucket's floats lie in `parts`.
    func counts(of parts: [Range<Int>]) -> [Int] {
        ranges.map { bucket in parts.reduce(0) { $0 + $1.clamped(to: bucket).count } }
    }
}
