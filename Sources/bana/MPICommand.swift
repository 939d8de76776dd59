import ArgumentParser
import Communication
import FileAccess
import Foundation
import Runs
import TensorCore

/// `bana mpi`: what this process would do on many machines, the first thing to ask on a new cluster.
struct MPICommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mpi",
        abstract: "Tells which MPI is used, and which ranks there are, on which hosts, with how many threads.",
        discussion: """
            bana needs no MPI to work alone. Started by a launcher, it reaches that launcher's MPI by a small library that \
            launch/shim makes with the site's mpicc: libbana-mpi-openmpi.so for Open MPI 4 and 5, libbana-mpi-mpich.so \
            for MPICH, Intel MPI and Cray MPICH, libbana-mpi-abi.so for the MPI 5 ABI. BANA_MPI=FILE names another.

            Ranks that find each other are listed together; two lists mean that they do not.

            Examples:
              bana mpi
              launch/run -n 2 mpi
              launch/run --hostfile hosts mpi
              srun --mpi=pmix -n 4 bana mpi
            """)
    @OptionGroup var common: CommonOptions

    func run() throws {
        try common.withSession { session in
            let communicator = session.communicator
            let lines = try communicator.allGather(
                "\(communicator.host), \(session.pool.threadCount) threads, \(communicator.ranksOnHost) on this host")
            let times = try MessageTimes(communicator)
            if let library = communicator.library {
                if communicator.isRoot {
                    printJob(library, lines)
                    print(times.summary)
                }
            } else {
                print("started by nobody: one process, no MPI (\(lines[0]))")
                printLibraries()
            }
            return .finished
        }
    }

    private func printJob(_ library: (name: String, path: String), _ ranks: [String]) {
        let launcher = LauncherEnvironment(ProcessInfo.processInfo.environment).launcher
        print("started by \(launcher?.rawValue ?? "nobody")")
        print("MPI: \(library.name)")
        print("reached by \(library.path)")
        for (rank, line) in ranks.enumerated() { print("rank \(rank): \(line)") }
    }

    /// The libraries that are there for launchers to come.
    private func printLibraries() {
        for family in MPIFamily.allCases {
            let path = MPILibrary.folders.map { join($0, family.shimName) }.first(where: exists)
            print("for \(family.name): \(path ?? "none; launch/shim --mpicc FILE makes \(family.shimName)")")
        }
    }
}

/// How long ranks take to add up numbers.
private struct MessageTimes {
    /// Seconds of a sum of one number, and of a million.
    private let small: Double
    private let large: Double
    private static let count = 1 << 20

    init(_ communicator: Communicator) throws {
        small = try MessageTimes.seconds(of: 1, communicator)
        large = try MessageTimes.seconds(of: MessageTimes.count, communicator)
    }

    /// The best of some sums, which must be right.
    private static func seconds(of count: Int, _ communicator: Communicator) throws -> Double {
        let own = [Double](repeating: Double(communicator.rank + 1), count: count)
        let right = Double(communicator.size * (communicator.size + 1) / 2)
        var best = Double.infinity
        for _ in 0..<5 {
            try communicator.barrier()
            let start = ContinuousClock.now
            let sums = try communicator.allReduce(own)
            best = min(best, (ContinuousClock.now - start) / .seconds(1))
            guard sums.allSatisfy({ $0 == right }) else {
                throw CommunicationError("a sum over all ranks is \(sums[0]), not \(right): this MPI computes wrong")
            }
        }
        return best
    }

    var summary: String {
        let megabytes = Double(MessageTimes.count * MemoryLayout<Double>.stride) / 1e6
        return String(
            format: "sums over all ranks are right; one number in %.0f us, %.0f MB in %.1f ms", small * 1e6, megabytes,
            large * 1e3)
    }
}
