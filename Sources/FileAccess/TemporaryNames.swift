import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

// Names of what is being written or removed: they tell which process does it, so that what a dead one left is known for
// what it is. Their length does not depend on the name of the file, which may be as long as the system allows.

/// A free name in the folder of `path`: `.bana-TAG-N.tmp`.
package func temporaryName(beside path: String) -> String {
    let number = lastNumber.add(1, ordering: .relaxed).newValue
    let folder = parentFolder(of: path)
    return join(folder, "\(prefix)\(ProcessIdentity.own.tag)-\(number)\(suffix)")
}

/// Removes what processes that have ended left half written or half removed in a folder.
///
/// - Parameter evenOfOthers: also what belongs to processes that nothing is known of; for a folder in which nobody else
///   writes now. Otherwise these keep it for a day.
/// - Throws: `InputError` naming the file that cannot be removed, and why.
package func removeUnfinishedFiles(in folder: String, evenOfOthers: Bool = false) throws {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { continue }
        let tag = name.dropFirst(prefix.count).prefix { $0 != "." }.split(separator: "-").dropLast()
        let hasEnded = ProcessIdentity.hasEnded(tag: tag.joined(separator: "-"))
        let path = join(folder, name)
        if hasEnded ?? (evenOfOthers || isOld(path)) { try removeAtOnce(path) }
    }
}

/// The same in the folder that holds `path`.
package func removeUnfinishedFiles(beside path: String) throws {
    let folder = parentFolder(of: path)
    try removeUnfinishedFiles(in: folder.isEmpty ? "." : folder)
}

private let prefix = ".bana-"
private let suffix = ".tmp"
private let lastNumber = Atomic<Int>(0)

private func isOld(_ path: String) -> Bool {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    let written = attributes?[.modificationDate] as? Date ?? Date()
    return written.timeIntervalSinceNow < -86_400
}
