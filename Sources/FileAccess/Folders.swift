import Foundation

/// Removes a file, or a folder with all it holds; no error if there is none of this name.
///
/// - Throws: `InputError` naming it and the system's reason.
package func removeItem(_ path: String) throws {
    guard exists(path) else { return }
    do {
        try FileManager.default.removeItem(atPath: path)
    } catch {
        throw InputError("cannot be removed: \(error.localizedDescription)", file: path)
    }
}

/// Removes what processes that died in `writeAtomically` have left in a folder, where nobody writes now.
///
/// - Throws: `InputError` naming the file that cannot be removed, and why.
package func removeUnfinishedFiles(in folder: String) throws {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    where name.wholeMatch(of: /.+\.[0-9]+\.tmp/) != nil {
        try removeItem(join(folder, name))
    }
}

/// Gives a folder its final name, which must be free, and makes that last: contents first, then the name.
///
/// - Throws: `InputError` naming the folder and the system's reason.
package func moveFolder(_ path: String, to target: String) throws {
    try flushFolder(path)
    guard rename(path, target) == 0 else { throw InputError("cannot rename: \(systemReason())", file: path) }
    try flushFolder((target as NSString).deletingLastPathComponent)
}

private func flushFolder(_ path: String) throws {
    let descriptor = open(path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw InputError("cannot open this folder: \(systemReason())", file: path) }
    fsync(descriptor)
    close(descriptor)
}
