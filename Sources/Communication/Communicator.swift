import CMPI
import FileAccess
import Foundation

/// The processes that train or label together: one alone, or the ranks of an MPI job.
///
/// Every operation must be called by all ranks in the same order, from one thread. Alone, they do nothing.
package final class Communicator {
    /// Number of this process, from 0.
    package let rank: Int
    /// Number of processes.
    package let size: Int
    /// Number of processes on this host, which share its cores.
    package let ranksOnHost: Int
    /// `nil` for a process on its own.
    let mpi: MPILibrary?

    /// What this host calls itself.
    package let host = hostName

    /// Whether an MPI launcher started this process.
    package var isLaunched: Bool { mpi != nil }

    /// Rank 0 writes logs and checkpoints.
    package var isRoot: Bool { rank == 0 }

    /// A process on its own; touches no MPI.
    package init() {
        (rank, size, ranksOnHost, mpi) = (0, 1, 1, nil)
    }

    /// Joins the MPI job this process was launched in, or stands alone where it was not.
    ///
    /// - Throws: `CommunicationError` where MPI is not found or does not start, or where many tasks were started as
    ///   strangers.
    package init(environment: LauncherEnvironment) throws {
        guard environment.isMPIJob else {
            try environment.refuseStrangers(size: 1)
            (rank, size, ranksOnHost, mpi) = (0, 1, 1, nil)
            return
        }
        // Before MPI starts, for it reads them then; what the user has set stays.
        for (name, value) in environment.librarySettings { setenv(name, value, 0) }
        let mpi = try MPILibrary(for: environment)
        try mpi.check(mpi.functions.start(), "MPI_Init")
        var (rank, size, ranksOnHost) = (Int32(0), Int32(1), Int32(1))
        try mpi.check(mpi.functions.rank(&rank), "MPI_Comm_rank")
        try mpi.check(mpi.functions.size(&size), "MPI_Comm_size")
        try environment.refuseStrangers(size: Int(size), library: mpi.name)
        try mpi.check(mpi.functions.ranks_on_host(&ranksOnHost), "MPI_Comm_split_type")
        (self.rank, self.size, self.ranksOnHost, self.mpi) = (Int(rank), Int(size), Int(ranksOnHost), mpi)
    }

    /// What MPI calls itself, and the library it is reached by; `nil` for a process on its own.
    package var library: (name: String, path: String)? { mpi.map { ($0.name, $0.path) } }

    /// Adds up the ranks' doubles element by element, in place.
    package func allReduce(_ values: UnsafeMutableBufferPointer<Double>) throws {
        try forEachPart(of: values) { try $2.check($2.functions.sum_double($0, $1), "summing values") }
    }

    /// The sums of the ranks' numbers.
    package func allReduce(_ values: [Double]) throws -> [Double] {
        var reduced = values
        try reduced.withUnsafeMutableBufferPointer { try allReduce($0) }
        return reduced
    }

    /// Adds up doubles where an error cannot be thrown: it ends the job.
    package func allReduceOrAbort(_ values: UnsafeMutableBufferPointer<Double>) {
        do { try allReduce(values) } catch { abort(70) }
    }

    /// The first rank's number.
    package func broadcast(_ number: Double) throws -> Double {
        var number = number
        try withUnsafeMutableBytes(of: &number) { try broadcast($0) }
        return number
    }

    /// The part of `count` items that falls to this rank: contiguous, sizes differing by one at most.
    ///
    /// Rank 0 has as many as any: it saves what batch norm has seen, which without an image would be nothing.
    package func slice(of count: Int) -> Range<Int> {
        items(of: count, before: rank)..<items(of: count, before: rank + 1)
    }

    /// Items of the rank that has the most.
    package func largestSlice(of count: Int) -> Int { items(of: count, before: 1) }

    private func items(of count: Int, before rank: Int) -> Int { (count * rank + size - 1) / size }

    /// Gives every rank the bytes of one, by default the first.
    package func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int = 0) throws {
        let whole = bytes.assumingMemoryBound(to: UInt8.self)
        try forEachPart(of: whole) { try $2.check($2.functions.broadcast($0, $1, Int32(root)), "handing out data") }
    }

    /// The text of every rank, in the order of the ranks.
    package func allGather(_ own: String) throws -> [String] {
        try (0..<size).map { root in
            var count = own.utf8.count
            try withUnsafeMutableBytes(of: &count) { try broadcast($0, from: root) }
            var bytes = root == rank ? Array(own.utf8) : [UInt8](repeating: 0, count: count)
            try bytes.withUnsafeMutableBytes { try broadcast($0, from: root) }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Waits for all ranks.
    package func barrier() throws {
        try mpi?.check(mpi?.functions.barrier() ?? 0, "waiting for all ranks")
    }

    /// Leaves the job in good order.
    package func finish() {
        _ = mpi?.functions.finish()
    }

    /// Ends all ranks: what a rank does that cannot go on, or the others would wait for it for ever.
    package func abort(_ code: Int32) -> Never {
        if size > 1 { mpi?.functions.abort(code) }
        exit(code)
    }

    /// MPI counts in 32 bits, so large buffers go in parts.
    private func forEachPart<Element>(
        of values: UnsafeMutableBufferPointer<Element>,
        _ body: (_ start: UnsafeMutablePointer<Element>, _ count: Int32, _ mpi: MPILibrary) throws -> Void
    ) throws {
        guard let mpi, let start = values.baseAddress else { return }
        let most = 1 << 28
        for offset in stride(from: 0, to: values.count, by: most) {
            try body(start + offset, Int32(min(most, values.count - offset)), mpi)
        }
    }
}

/// An MPI call that failed, or a job that was launched in a way that cannot work.
package struct CommunicationError: Error, CustomStringConvertible, Sendable {
    package let description: String

    /// - Parameter description: what failed, in one line.
    package init(_ description: String) { self.description = description }
}
