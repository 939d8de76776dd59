import Foundation

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
