import FileAccess
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The lock's file while this job holds it.
final class Claim: Sendable {
    let path: String
    private let token: String
    /// The folder if it was made for this: it goes if nothing was written to it.
    private let madeFolder: String?
    private let logLoss: @Sendable (String) -> Void
    private let isHeld = Mutex(true)

    init(path: String, token: String, madeFolder: String?, logLoss: @escaping @Sendable (String) -> Void) {
        (self.path, self.token, self.madeFolder, self.logLoss) = (path, token, madeFolder, logLoss)
    }

    /// Says that this job lives; false when the lock is given up or lost.
    func touch() -> Bool {
        isHeld.withLock { isHeld in
            guard isHeld else { return false }
            if let other = LockHolder(of: path), other.token != token {
                isHeld = false
                logLoss("\(path): another job has taken this folder: \(other.words); stopping")
                return false
            }
            utimensat(AT_FDCWD, path, nil, 0)
            return true
        }
    }

    func release() {
        isHeld.withLock { isHeld in
            guard isHeld else { return }
            isHeld = false
            if LockHolder(of: path)?.token == token { unlink(path) }
            if let madeFolder { rmdir(madeFolder) }
        }
    }
}

/// What a lock's file says of the job that holds it.
struct LockHolder: Codable {
    let process: ProcessIdentity
    let since: Date
    /// Another for each lock, also of one process.
    let token: String
    /// The folder, as its file system numbers it; absent in locks of earlier versions.
    let folder: String?

    /// This process, from now on.
    init(_ folder: String) {
        process = .own
        self.folder = LockHolder.number(of: folder)
        since = Date()
        token = "\(UInt64.random(in: 0...UInt64.max))"
    }

    /// Whether the lock was copied with its folder: it is another's.
    func isCopied(to folder: String) -> Bool { self.folder.map { $0 != LockHolder.number(of: folder) } ?? false }

    private static func number(of folder: String) -> String? {
        var status = stat()
        return stat(folder, &status) == 0 ? "\(status.st_dev):\(status.st_ino)" : nil
    }

    /// Who holds the lock at `path`; `nil` where there is none, or one that says nothing.
    init?(of path: String) {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let holder = try? decoder.decode(LockHolder.self, from: readFile(path)) else { return nil }
        self = holder
    }

    /// The file's content.
    var json: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.dateEncodingStrategy = .iso8601
            return try encoder.encode(self)
        }
    }

    /// `process 1234 on host-a, since 2026-11-28 18:00:00 UTC`.
    var words: String {
        let form = DateFormatter()
        form.locale = Locale(identifier: "en_US_POSIX")
        form.timeZone = TimeZone(identifier: "UTC")
        form.dateFormat = "yyyy-MM-dd HH:mm:ss 'UTC'"
        return "process \(process.number) on \(process.host), since \(form.string(from: since))"
    }
}
