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
