import CMPIShim

/// The way in which buckets of gradients are added up over ranks, several at once.
protocol BucketSums: AnyObject {
    /// Begins with a bucket, whose gradients are final; all ranks begin with the same ones in the same order.
    func begin(_ bucket: Int) throws(CommunicationError)
    /// Lets what is under way make progress.
    func poll() throws(CommunicationError)
    /// Returns when all sums are back.
    func finish() throws(CommunicationError)
    /// Bytes this rank has sent.
    var bytesSent: Int { get }
}

/// Sums by MPI, of float32 all the way.
final class WholeSums: BucketSums {
    private let buckets: [UnsafeMutableBufferPointer<Float>]
    private let requests: Requests
    private let ranks: Int
    private(set) var bytesSent = 0

    init(_ buckets: [UnsafeMutableBufferPointer<Float>], ranks: Int) {
        (self.buckets, self.ranks) = (buckets, ranks)
        requests = Requests(capacity: buckets.count)
    }

    func begin(_ bucket: Int) throws(CommunicationError) {
        let floats = buckets[bucket]
        try check(bana_mpi_begin_sum(requests.all, floats.baseAddress, Int32(floats.count)), summing)
        // What a ring sends, and Rabenseifner's algorithm.
        bytesSent += 2 * (ranks - 1) * floats.count * MemoryLayout<Float>.stride / ranks
    }

    func poll() throws(CommunicationError) { _ = try requests.areDone() }

    func finish() throws(CommunicationError) { try check(bana_mpi_wait(requests.all), summing) }
}

/// Sums and messages of MPI that are under way.
final class Requests {
    let all: OpaquePointer

    /// Room for `capacity` at once.
    init(capacity: Int) {
        guard let all = bana_mpi_requests_new(Int32(capacity)) else {
            preconditionFailure("no memory for \(capacity) requests")
        }
        self.all = all
    }

    deinit { bana_mpi_requests_free(all) }

    /// Lets them make progress; whether all are done.
    func areDone() throws(CommunicationError) -> Bool {
        var areDone: Int32 = 0
        try check(bana_mpi_poll(all, &areDone), summing)
        return areDone != 0
    }
}

/// What a rank was at when MPI failed.
let summing = "summing gradients"
