import CMPI

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

    init(_ buckets: [UnsafeMutableBufferPointer<Float>], ranks: Int, _ mpi: MPILibrary) {
        (self.buckets, self.ranks) = (buckets, ranks)
        requests = Requests(capacity: buckets.count, mpi)
    }

    func begin(_ bucket: Int) throws(CommunicationError) {
        let floats = buckets[bucket]
        guard let start = floats.baseAddress else { return }
        try requests.begin { $0.begin_sum($1, start, Int32(floats.count)) }
        // What a ring sends, and Rabenseifner's algorithm.
        bytesSent += 2 * (ranks - 1) * floats.count * MemoryLayout<Float>.stride / ranks
    }

    func poll() throws(CommunicationError) { _ = try requests.areDone() }

    func finish() throws(CommunicationError) { try requests.wait() }
}

/// Sums and messages of MPI that are under way.
final class Requests {
    private let mpi: MPILibrary
    private let all: OpaquePointer

    /// Room for `capacity` at once.
    init(capacity: Int, _ mpi: MPILibrary) {
        guard let all = mpi.functions.requests_new(Int32(capacity)) else {
            preconditionFailure("no memory for \(capacity) requests")
        }
        (self.mpi, self.all) = (mpi, all)
    }

    deinit { mpi.functions.requests_free(all) }

    /// Begins one more by a function of MPI's.
    func begin(_ call: (bana_mpi_door, OpaquePointer) -> Int32) throws(CommunicationError) {
        try mpi.check(call(mpi.functions, all), Requests.action)
    }

    /// Lets them make progress; whether all are done.
    func areDone() throws(CommunicationError) -> Bool {
        var areDone: Int32 = 0
        try mpi.check(mpi.functions.poll(all, &areDone), Requests.action)
        return areDone != 0
    }

    /// Returns when all are done.
    func wait() throws(CommunicationError) { try mpi.check(mpi.functions.wait(all), Requests.action) }

    /// What a rank was at when MPI failed.
    private static let action = "summing gradients"
}
