/// Gradients on their way to the sum over all ranks: one block of floats, cut in buckets.
///
/// Buckets go in the order in which backward finishes them, from the last layer to the first, the same on all ranks.
package struct GradientBuckets {
    /// Floats of each bucket, from the end of the block.
    let ranges: [Range<Int>]

    /// Cuts `range` of a block in buckets of at most `bucketSize` floats (4 MB).
    package init(_ range: Range<Int>, bucketSize: Int = 1 << 20) {
        ranges = stride(from: range.upperBound, to: range.lowerBound, by: -bucketSize).map {
            max(range.lowerBound, $0 - bucketSize)..<$0
        }
    }

    /// Adds up the ranks' gradients in place; returns when all buckets are back.
    package func sum(_ gradients: UnsafeMutablePointer<Float>, over communicator: Communicator) throws {
        for range in ranges {
            try communicator.sum(
                UnsafeMutableBufferPointer(start: gradients + range.lowerBound, count: range.count))
        }
    }
}
