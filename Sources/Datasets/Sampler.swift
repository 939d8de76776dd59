import Synchronization
import TensorCore

/// The endless stream of samples that training runs through.
///
/// Position k is sample permutation(k / N)[k mod N]: every epoch has its own order, which depends on nothing but the
/// seed, so that all ranks agree and a run goes on wherever it was stopped.
package final class Sampler: Sendable {
    /// Number of samples in an epoch.
    package let count: Int
    private let seed: UInt64
    private let shuffle: Bool
    /// The epochs asked for last: a batch may lie in two.
    private let recent = Mutex<[(epoch: Int, order: [Int])]>([])

    /// The stream over `count` samples, in the data set's order unless `shuffle`.
    package init(count: Int, seed: UInt64, shuffle: Bool) {
        precondition(count > 0, "a stream over \(count) samples")
        (self.count, self.seed, self.shuffle) = (count, seed, shuffle)
    }

    /// Index in the data set of the sample at a position of the stream.
    package func index(at position: Int) -> Int {
        let (epoch, place) = position.quotientAndRemainder(dividingBy: count)
        return shuffle ? order(of: epoch)[place] : place
    }

    private func order(of epoch: Int) -> [Int] {
        recent.withLock { recent in
            if let known = recent.first(where: { $0.epoch == epoch }) { return known.order }
            let order = permutation(of: count, seed: seed, epoch: epoch)
            recent = recent.suffix(1) + [(epoch, order)]
            return order
        }
    }
}

/// The numbers 0..<`count` in random order (Fisher and Yates).
func permutation(of count: Int, seed: UInt64, epoch: Int) -> [Int] {
    let numbers = RandomStream(seed: seed, purpose: .order, position: UInt64(epoch))
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
        order.swapAt(last, numbers.integer(last, below: last + 1))
    }
    return order
}
