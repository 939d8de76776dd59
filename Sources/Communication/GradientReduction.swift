import CMPI

/// The sum of all ranks' gradients, which travels while backward still works.
///
/// A bucket leaves as soon as all its gradients are final and those before it have left. MPI moves nothing by itself:
/// `poll` must be called now and then, on the thread that owns MPI.
package final class GradientReduction {
    private let gradients: UnsafeMutablePointer<Float>
    private let buckets: GradientBuckets
    /// Floats of each bucket that are learned.
    private let learned: [Int]
    private let mpi: MPILibrary?
    /// `nil` for a process on its own.
    private let sums: OpaquePointer?
    /// Floats of each bucket that are not final yet.
    private var missing: [Int] = []
    private var left = 0
    private var failure: CommunicationError?
    private var lastPoll = ContinuousClock.now

    /// Plans the sum of a block of gradients.
    ///
    /// - Parameter parts: where those that are learned lie, one range a tensor.
    package init(
        _ gradients: UnsafeMutablePointer<Float>, learned parts: [Range<Int>], over communicator: Communicator
    ) {
        self.gradients = gradients
        buckets = GradientBuckets(covering: parts, size: GradientBuckets.size(ranks: communicator.size))
        learned = buckets.counts(of: parts)
        mpi = communicator.mpi
        sums = communicator.size > 1 ? mpi?.functions.sums_new(Int32(buckets.ranges.count)) : nil
        precondition(communicator.size == 1 || sums != nil, "no memory for \(buckets.ranges.count) sums")
        begin()
    }

    deinit { if let sums { mpi?.functions.sums_free(sums) } }

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
        note { $0.sums_poll(sums) }
        lastPoll = .now
    }

    /// Sends what has not left yet, and returns when all sums are back.
    package func finish() throws {
        guard let sums else { return }
        while left < missing.count { send() }
        note { $0.sums_finish(sums) }
        if let failure { throw failure }
    }

    private func send() {
        guard let sums else { return }
        let range = buckets.ranges[left]
        note { $0.sums_begin(sums, gradients + range.lowerBound, Int32(range.count)) }
        left += 1
    }

    /// Calls MPI, and keeps the first error until it can be thrown.
    private func note(_ call: (bana_mpi_door) -> Int32) {
        guard let mpi else { return }
        do throws(CommunicationError) {
            try mpi.check(call(mpi.functions), "summing gradients")
        } catch {
            failure = failure ?? error
        }
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
    /// ring, each bucket costs a round of latencies, and fewer are better.
    package static func size(ranks: Int) -> Int {
        let isRing = ranks & (ranks - 1) != 0
        return isRing && ranks > 32 ? 4 << 20 : 1 << 20
    }

    /// How many of each bucket's floats lie in `parts`.
    func counts(of parts: [Range<Int>]) -> [Int] {
        ranges.map { bucket in parts.reduce(0) { $0 + $1.clamped(to: bucket).count } }
    }
}
