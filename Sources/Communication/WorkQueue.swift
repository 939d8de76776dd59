import Foundation

/// Deals out work to the ranks as they become free: a fast host does more, a slow one less.
///
/// The work is cut in shares that become smaller towards the end. A rank takes a share by creating the share's file in a
/// folder that all ranks see; the system lets only one succeed. So it needs no thread that serves, and no remote memory
/// access, which MPI lacks over plain TCP.
package final class WorkQueue {
    private let communicator: Communicator
    private let folder: String
    private let shares: [Range<Int>]
    private var nextShare = 0
    private var mine: Range<Int> = 0..<0

    /// A queue of the numbers 0..<`count`, given out in ascending order; all ranks make it together.
    ///
    /// - Parameter folder: an existing folder on a file system that the ranks share.
    package init(count: Int, in folder: String, _ communicator: Communicator) throws {
        self.communicator = communicator
        let number = Int(try communicator.broadcast(Double(Int.random(in: 0..<1 << 48))))
        self.folder = "\(folder)/.queue-\(number)"
        shares = WorkQueue.shares(of: count, ranks: communicator.size)
        guard communicator.size > 1 else { return }
        if communicator.isRoot { try makeFolder() }
        try communicator.barrier()
    }

    /// The next number, or `nil` when all are given out.
    ///
    /// - Throws: `CommunicationError` if the folder cannot be written to.
    package func next() throws -> Int? {
        while mine.isEmpty {
            guard nextShare < shares.count else { return nil }
            if try claim(nextShare) { mine = shares[nextShare] }
            nextShare += 1
        }
        return mine.removeFirst()
    }

    /// Forgets the queue, when all ranks are done with it.
    package func close() {
        if communicator.size > 1, communicator.isRoot { try? FileManager.default.removeItem(atPath: folder) }
    }

    /// Removes what jobs that died have left in `folder`.
    ///
    /// - Parameter isShared: whether other jobs may be at work there; then only what has not changed for a day goes.
    package static func removeAbandoned(in folder: String, isShared: Bool) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for path in names.filter({ $0.hasPrefix(".queue-") }).map({ "\(folder)/\($0)" }) {
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            let age = -((attributes?[.modificationDate] as? Date)?.timeIntervalSinceNow ?? 0)
            if !isShared || age > 86_400 { try? FileManager.default.removeItem(atPath: path) }
        }
    }

    /// How 0..<`count` is cut: each share is an eighth of a rank's part of what is left, at least one.
    package static func shares(of count: Int, ranks: Int) -> [Range<Int>] {
        var (shares, start): ([Range<Int>], Int) = ([], 0)
        while start < count {
            let size = max(1, (count - start) / (8 * ranks))
            shares.append(start..<start + size)
            start += size
        }
        return shares
    }

    /// Whether this rank is the one that takes a share.
    private func claim(_ share: Int) throws -> Bool {
        guard communicator.size > 1 else { return true }
        let descriptor = open("\(folder)/\(share)", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o644)
        if descriptor >= 0 {
            Foundation.close(descriptor)
            return true
        }
        if errno == EEXIST { return false }
        throw CommunicationError("cannot take work from \(folder): \(String(cString: strerror(errno)))")
    }

    private func makeFolder() throws {
        guard mkdir(folder, 0o755) == 0 else {
            throw CommunicationError("cannot make \(folder): \(String(cString: strerror(errno)))")
        }
    }
}
