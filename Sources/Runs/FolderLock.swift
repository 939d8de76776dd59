import FileAccess
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A job's claim to a folder: while it is held, no other job writes there.
///
/// It is a small file, `.lock`, that says who holds it. Whether that process still lives is asked of the system where it
/// runs on this machine; otherwise the file must have been touched lately, by the clock of its file system, so that
/// neither lock daemons nor equal clocks are needed and network file systems will do. What a dead job left is taken over.
///
/// Jobs of an array share a folder: each holds `.lock-PART`, which keeps out the same part and jobs that want it all.
package final class FolderLock: Sendable {
    private let claim: Claim

    /// Claims a folder, which is made if need be.
    ///
    /// A lock of another machine that was not touched lately is looked at until it is, or counts as left behind.
    ///
    /// - Parameters:
    ///   - part: the part of an array's work, for jobs that share the folder.
    ///   - patience: seconds after which a lock that nobody touches counts as left behind.
    ///   - logLoss: is told if another job takes the lock though this one lives.
    /// - Throws: `FolderInUse` naming who holds it, `MachineError` where no thread can be started.
    package init(
        _ folder: String, part: String? = nil, patience: Double = FolderLock.patience,
        logLoss: @escaping @Sendable (String) -> Void
    ) throws {
        let isNew = !exists(folder)
        try advising("choose another folder") { try makeFolder(folder) }
        let holder = LockHolder(folder)
        claim = Claim(
            path: join(folder, FolderLock.name(part)), token: holder.token, madeFolder: isNew ? folder : nil,
            logLoss: logLoss)
        let text = try holder.json
        while try !FolderLock.create(claim.path, in: folder, text) {
            try FolderLock.clear(claim.path, folder, patience)
        }
        // Now, or two that come at once would each miss the other's.
        for other in FolderLock.rivals(of: part, in: folder) { try FolderLock.clear(other, folder, patience) }
        // The thread must not keep the lock alive.
        try startThread { [claim] in
            while claim.touch() { Thread.sleep(forTimeInterval: patience / 6) }
        }
    }

    deinit { release() }

    /// Gives the folder free.
    package func release() { claim.release() }

    /// A minute: a file system may stand still for half of it.
    package static let patience = 60.0

    private static func name(_ part: String?) -> String { ".lock" + (part.map { "-\($0)" } ?? "") }

    // MARK: - The files

    /// Makes the file complete or not at all; false where there is one.
    private static func create(_ path: String, in folder: String, _ text: Data) throws -> Bool {
        let draft = temporaryName(beside: path)
        do {
            try writeAtomically(text, to: draft)
        } catch let error as InputError {
            throw InputError(error.problem, file: folder, remedy: "choose another folder, or make this one writable")
        } catch let error as MachineError {
            throw MachineError(error.problem, file: folder, remedy: error.remedy)
        }
        defer { unlink(draft) }
        if link(draft, path) == 0 { return true }
        guard errno != EEXIST else { return false }
        // File systems without links.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return text.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } == text.count
    }

    /// The locks that keep out one of `part`.
    private static func rivals(of part: String?, in folder: String) -> [String] {
        if part != nil { return [join(folder, name(nil))].filter(exists) }
        return ((try? fileNames(in: folder)) ?? []).filter { $0.hasPrefix(name(nil) + "-") }.map { join(folder, $0) }
    }

    /// Removes a lock that was left behind.
    ///
    /// - Throws: `FolderInUse` if its holder lives.
    private static func clear(_ path: String, _ folder: String, _ patience: Double) throws {
        let holder = LockHolder(of: path)
        let lastTouched = timeWritten(path)
        while true {
            if let holder, let hasEnded = holder.process.hasEnded {
                guard hasEnded || holder.isCopied(to: folder) else { throw FolderInUse(folder, holder.words) }
                break
            }
            guard let age = age(of: path, in: folder) else { return }
            if age > patience { break }
            if timeWritten(path) != lastTouched { throw FolderInUse(folder, holder?.words) }
            Thread.sleep(forTimeInterval: patience / 60)
        }
        // What is moved away may be the lock of one who was faster here: then it goes back.
        let aside = temporaryName(beside: path)
        guard rename(path, aside) == 0 else { return }
        if let moved = LockHolder(of: aside), moved.token != holder?.token { link(aside, path) }
        unlink(aside)
    }

    /// Seconds since a lock was touched, by the clock of its file system; `nil` where there is none.
    private static func age(of path: String, in folder: String) -> Double? {
        guard let touched = timeWritten(path) else { return nil }
        let probe = temporaryName(beside: path)
        guard (try? writeAtomically(Data(), to: probe)) != nil else { return 0 }
        defer { unlink(probe) }
        return (timeWritten(probe) ?? touched) - touched
    }

    private static func timeWritten(_ path: String) -> Double? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970
    }
}

/// Another job works in the folder.
package struct FolderInUse: Error, CustomStringConvertible {
    package let description: String

    init(_ folder: String, _ holder: String?) {
        let words = holder ?? "a process that has left no word"
        description = "\(folder): another job works in this folder: \(words); wait for it, or choose another"
    }
}
