import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Makes a folder and those above it; no error if it is there.
///
/// - Throws: `InputError` or `MachineError` naming the folder and the reason.
package func makeFolder(_ path: String) throws {
    let code = makeFolders(path)
    if code == ENOTDIR, let target = danglingTarget(of: path) {
        throw InputError(
            "cannot make this folder: a link to \(quoted(target, limit: 80)), which is not there", file: path)
    }
    if code != 0 { throw systemError("cannot make this folder", file: path, code: code) }
}

/// The system's error number; 0 where the folder is there.
private func makeFolders(_ path: String) -> Int32 {
    guard !isDirectory(path) else { return 0 }
    let above = parentFolder(of: path)
    if !above.isEmpty {
        let code = makeFolders(above)
        if code != 0 { return code }
    }
    guard mkdir(path, 0o777) != 0 else { return 0 }
    guard errno == EEXIST else { return errno }
    return isDirectory(path) ? 0 : ENOTDIR
}

/// Makes the folder that `path` lies in.
///
/// - Throws: `InputError` or `MachineError` naming the folder and the reason.
package func makeFolder(containing path: String) throws {
    let folder = parentFolder(of: path)
    if !folder.isEmpty { try makeFolder(folder) }
}

/// Removes a file, or a folder with all it holds; no error if there is none of this name.
///
/// The name is free at once: a removal that is broken off leaves nothing under it that looks whole.
///
/// - Throws: `InputError` or `MachineError` naming it and the system's reason.
package func removeItem(_ path: String) throws {
    guard exists(path) else { return }
    let hidden = temporaryName(beside: path)
    guard rename(path, hidden) == 0 else { throw systemError("cannot be removed", file: path) }
    try removeAtOnce(hidden)
}

/// Removes what has no name to keep.
func removeAtOnce(_ path: String) throws {
    do {
        try FileManager.default.removeItem(atPath: path)
    } catch {
        throw InputError("cannot be removed: \(error.localizedDescription)", file: path)
    }
}

/// Gives a folder its final name, which must be free, and makes that last: contents first, then the name.
///
/// - Throws: `InputError` or `MachineError` naming the folder and the system's reason.
package func moveFolder(_ path: String, to target: String) throws {
    try flushFolder(path)
    guard rename(path, target) == 0 else { throw systemError("cannot rename", file: path) }
    try flushFolder(parentFolder(of: target))
}

private func flushFolder(_ path: String) throws {
    let descriptor = open(path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemError("cannot open this folder", file: path) }
    fsync(descriptor)
    close(descriptor)
}
