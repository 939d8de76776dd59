internal import Communication
internal import TensorCore

/// Gradients and running statistics of a rank's shards, added up in pairs, then pairs of pairs.
///
/// The shards run one after another, each from the same statistics and from gradients of zero. Sums that wait for their
/// equal are kept aside, at most one for each size; the last of all ends up in the arena.
final class ShardSums {
    private let arena: ParameterArena
    private let shards: Int
    /// Sums of 1, 2, 4, ... shards that wait.
    private var waiting: [Int: [Float]] = [:]
    private var oldStatistics: [Float] = []
    private var number = 0

    /// For `shards` shards a rank, a power of two.
    init(_ arena: ParameterArena, shards: Int) { (self.arena, self.shards) = (arena, shards) }

    /// The arena's gradients and statistics, one after the other.
    private var blocks: [UnsafeMutableBufferPointer<Float>] {
        [
            UnsafeMutableBufferPointer(start: arena.gradients, count: arena.count),
            UnsafeMutableBufferPointer(start: arena.statisticValues, count: arena.statisticCount),
        ]
    }

    /// Begins shard `number` of this rank's.
    func begin(_ number: Int) {
        self.number = number
        if number == 0 { oldStatistics = Array(blocks[1]) }
        _ = blocks[1].update(from: oldStatistics)
        arena.zeroGradients()
    }

    /// Adds what the shard has left to the sums.
    func end() {
        var size = 1
        while let other = waiting.removeValue(forKey: size) {
            add(other)
            size *= 2
        }
        if size < shards { waiting[size] = blocks.flatMap { $0 } }
    }

    /// Adds up over ranks, and takes the mean of the statistics.
    func finish(over communicator: Communicator) throws {
        for block in blocks { try communicator.sumInPairs(block) }
        let factor = 1 / Float(shards * communicator.size)
        for index in blocks[1].indices { blocks[1][index] *= factor }
    }

    private func add(_ other: [Float]) {
        other.withUnsafeBufferPointer { other in
            var offset = 0
            for block in blocks {
                for index in block.indices { block[index] += other[offset + index] }
                offset += block.count
            }
        }
    }
}
