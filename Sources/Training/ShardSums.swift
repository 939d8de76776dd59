import Communication
import TensorCore

/// Gradients and running statistics of a rank's shards, added up in pairs, then pairs of pairs.
///
/// The shards run one after another, each from the same statistics and from gradients of zero. Sums that wait for their
/// equal are kept aside, at most one for each size; the last of all ends up in the arena.
final class ShardSums {
    private let arena: ParameterArena
    private let shards: Int
    /// Whether both summands of each pair of gradients are rounded to bfloat16, on a rank as between ranks.
    private let isRounding: Bool
    /// Room for a sum of 1, 2, 4, ... shards that waits, and whether one does.
    private var sums: [[Float]]
    private var isWaiting: [Bool]
    private var oldStatistics: [Float]

    /// For `shards` shards a rank, a power of two, whose gradients travel as `format`.
    init(_ arena: ParameterArena, shards: Int, as format: Tensor.ElementType) {
        (self.arena, self.shards, isRounding) = (arena, shards, format == .bfloat16)
        let levels = shards.trailingZeroBitCount
        sums = (0..<levels).map { _ in [Float](repeating: 0, count: arena.count + arena.statisticCount) }
        isWaiting = [Bool](repeating: false, count: levels)
        oldStatistics = [Float](repeating: 0, count: arena.statisticCount)
    }

    /// The arena's gradients and statistics, one after the other.
    private var blocks: [UnsafeMutableBufferPointer<Float>] {
        [
            UnsafeMutableBufferPointer(start: arena.gradients, count: arena.count),
            UnsafeMutableBufferPointer(start: arena.statisticValues, count: arena.statisticCount),
        ]
    }

    /// Begins shard `number` of this rank's.
    func begin(_ number: Int) {
        let statistics = blocks[1]
        if number == 0 {
            _ = oldStatistics.withUnsafeMutableBufferPointer { $0.update(from: statistics) }
        } else {
            _ = statistics.update(from: oldStatistics)
        }
        arena.zeroGradients()
    }

    /// Adds what the shard has left to the sums.
    func end() {
        var level = 0
        while level < sums.count && isWaiting[level] {
            add(sums[level])
            isWaiting[level] = false
            level += 1
        }
        if level < sums.count { keep(at: level) }
    }

    /// Adds up over ranks, and takes the mean of the statistics.
    func finish(over communicator: Communicator) throws {
        try isRounding
            ? communicator.allReduceRoundedInPairs(blocks[0]) : communicator.allReduceInPairs(blocks[0])
        try communicator.allReduceInPairs(blocks[1])
        let factor = 1 / Float(shards * communicator.size)
        for index in blocks[1].indices { blocks[1][index] *= factor }
    }

    private func keep(at level: Int) {
        isWaiting[level] = true
        sums[level].withUnsafeMutableBufferPointer { sum in
            var offset = 0
            for block in blocks {
                _ = sum[offset...].update(fromContentsOf: block)
                offset += block.count
            }
        }
    }

    private func add(_ other: [Float]) {
        other.withUnsafeBufferPointer { other in
            var offset = 0
            for (number, block) in blocks.enumerated() {
                if isRounding && number == 0 {
                    for index in block.indices { block[index] = rounded(block[index]) + rounded(other[offset + index]) }
                } else {
                    for index in block.indices { block[index] += other[offset + index] }
                }
                offset += block.count
            }
        }
    }

    private func rounded(_ value: Float) -> Float { BFloat16(value).float }
}
