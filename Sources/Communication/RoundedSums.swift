import CMPI
import Kernels
import TensorCore

/// Sums of buckets whose numbers travel as bfloat16, half the bytes of float32.
///
/// A rank owns a part of each bucket. It sends the others their parts of its own summands, adds what it is sent to its
/// own summands of its part, in float32 and in the order of the ranks, and sends the sum to all. So a number is rounded
/// twice, whatever the number of ranks: as a summand and as a sum. The owner keeps the rounded sum too: all ranks have the
/// same bits.
final class RoundedSums: BucketSums {
    private let sums: [RoundedSum]
    /// The first of those under way; the others are behind it.
    private var first = 0
    private var last = 0

    init(_ buckets: [UnsafeMutableBufferPointer<Float>], rank: Int, ranks: Int, _ mpi: MPILibrary) {
        sums = buckets.enumerated().map { RoundedSum($1, number: $0, rank: rank, ranks: ranks, mpi) }
    }

    var bytesSent: Int { sums.reduce(0) { $0 + $1.bytesSent } }

    func begin(_ bucket: Int) throws(CommunicationError) {
        try sums[bucket].begin()
        last = bucket + 1
    }

    func poll() throws(CommunicationError) {
        for sum in sums[first..<last] { try sum.advance() }
        while first < last && sums[first].isDone { first += 1 }
    }

    func finish() throws(CommunicationError) {
        while first < last { try poll() }
        (first, last) = (0, 0)
    }

    /// Bytes that the sums of `count` floats keep beside them.
    static func byteCount(for count: Int, ranks: Int) -> Int {
        (count + (count + ranks - 1) / ranks * (ranks - 1)) * MemoryLayout<BFloat16>.stride
    }
}

/// The sum of one bucket.
final class RoundedSum {
    private let floats: UnsafeMutableBufferPointer<Float>
    private let (rank, ranks): (Int, Int)
    /// The bucket as it travels: first this rank's summands, then all sums.
    private let wire: UnsafeMutablePointer<BFloat16>
    /// The other ranks' summands of the own part, in the order of the ranks.
    private let received: UnsafeMutablePointer<BFloat16>
    private let requests: Requests
    /// Messages of summands have one tag, those of sums the next.
    private let tag: Int32
    private var stage = Stage.done
    private(set) var bytesSent = 0

    private enum Stage { case sendingSummands, sendingSums, done }

    init(_ floats: UnsafeMutableBufferPointer<Float>, number: Int, rank: Int, ranks: Int, _ mpi: MPILibrary) {
        (self.floats, self.rank, self.ranks) = (floats, rank, ranks)
        tag = Int32(1 + 2 * number)
        wire = .allocate(capacity: floats.count)
        received = .allocate(capacity: RoundedSum.part(rank, of: floats.count, ranks: ranks).count * (ranks - 1))
        requests = Requests(capacity: 2 * (ranks - 1), mpi)
    }

    deinit {
        wire.deallocate()
        received.deallocate()
    }

    var isDone: Bool { stage == .done }

    /// What a rank owns of `count` numbers: contiguous, sizes differing by one at most.
    static func part(_ rank: Int, of count: Int, ranks: Int) -> Range<Int> {
        count * rank / ranks..<count * (rank + 1) / ranks
    }

    private func part(_ rank: Int) -> Range<Int> { RoundedSum.part(rank, of: floats.count, ranks: ranks) }

    /// The rank so far after this one: the nearest come first, so that not all send to the same at once.
    private func next(_ distance: Int) -> Int { (rank + distance) % ranks }

    /// Sends the summands.
    func begin() throws(CommunicationError) {
        guard let start = floats.baseAddress else { return }
        convert(start, into: wire, count: floats.count)
        let own = part(rank)
        for place in 0..<ranks - 1 {
            // This rank has no place among the others.
            try receive(received + place * own.count, own.count, from: place < rank ? place : place + 1, tag)
        }
        for distance in 1..<ranks { try send(part(next(distance)), to: next(distance), tag) }
        stage = .sendingSummands
    }

    /// Takes the next step, if all that it wants is there.
    func advance() throws(CommunicationError) {
        guard stage != .done, try requests.areDone() else { return }
        if stage == .sendingSummands {
            addReceived()
            for other in 0..<ranks where other != rank {
                try receive(wire + part(other).lowerBound, part(other).count, from: other, tag + 1)
            }
            for distance in 1..<ranks { try send(part(rank), to: next(distance), tag + 1) }
            stage = .sendingSums
        } else if let start = floats.baseAddress {
            convert(wire, into: start, count: floats.count)
            stage = .done
        }
    }

    /// Adds up the own part, and rounds it.
    private func addReceived() {
        guard let start = floats.baseAddress else { return }
        let own = part(rank)
        let sum = start + own.lowerBound
        for place in 0..<ranks - 1 { add(received + place * own.count, to: sum, count: own.count) }
        convert(sum, into: wire + own.lowerBound, count: own.count)
    }

    private func send(_ part: Range<Int>, to receiver: Int, _ tag: Int32) throws(CommunicationError) {
        let bytes = part.count * MemoryLayout<BFloat16>.stride
        let start = wire + part.lowerBound
        try requests.begin { $0.begin_sending($1, start, Int32(bytes), Int32(receiver), tag) }
        bytesSent += bytes
    }

    private func receive(
        _ numbers: UnsafeMutablePointer<BFloat16>, _ count: Int, from sender: Int, _ tag: Int32
    ) throws(CommunicationError) {
        let bytes = count * MemoryLayout<BFloat16>.stride
        try requests.begin { $0.begin_receiving($1, numbers, Int32(bytes), Int32(sender), tag) }
    }
}
