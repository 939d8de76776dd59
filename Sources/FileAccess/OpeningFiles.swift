import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Opens a file, or one of the process's own streams, for reading.
///
/// A named pipe or a device is none: whoever opens one may wait for ever, or read for ever.
///
/// - Throws: `InputError` naming the file and the reason, `MachineError` for a disk that fails.
func openForReading(_ path: String) throws -> (descriptor: Int32, status: stat) {
    let flags = isOwnStream(path) ? O_RDONLY | O_CLOEXEC : O_RDONLY | O_CLOEXEC | O_NONBLOCK
    let descriptor = open(path, flags)
    guard descriptor >= 0 else { throw unreadable(path) }
    do {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw systemError("cannot read", file: path) }
        try refuseOtherThanFiles(path, status)
        return (descriptor, status)
    } catch {
        close(descriptor)
        throw error
    }
}

private func refuseOtherThanFiles(_ path: String, _ status: stat) throws {
    let kind = status.st_mode & S_IFMT
    if kind == S_IFREG || isOwnStream(path) && kind != S_IFDIR { return }
    let name = kind == S_IFDIR ? "a folder" : kind == S_IFIFO ? "a pipe" : kind == S_IFSOCK ? "a socket" : "a device"
    throw InputError(
        "cannot read: it is \(name)", file: path, remedy: kind == S_IFDIR ? nil : "give a file, or take it out")
}

/// What the process has open, as `/dev/stdin` and a shell's `<(...)`.
private func isOwnStream(_ path: String) -> Bool {
    ["/dev/stdin", "/dev/fd/", "/proc/self/fd/", "/proc/\(getpid())/fd/"].contains { path.hasPrefix($0) }
}

/// Why a file could not be opened.
private func unreadable(_ path: String) -> any Error {
    let code = errno
    if code == ENOENT, path.unicodeScalars.contains("\u{FFFD}") {
        return InputError(
            "cannot read: its name is not UTF-8", file: path, remedy: "rename it (convmv -t utf8), or take it out")
    }
    if code == ENOENT, let target = danglingTarget(of: path) {
        return InputError("cannot read: a link to \(quoted(target, limit: 80)), which is not there", file: path)
    }
    // A socket.
    if code == ENXIO { return InputError("cannot read: it is no file", file: path) }
    return systemError("cannot read", file: path, code: code)
}

/// Where a link leads that leads to nothing; `nil` for all else.
func danglingTarget(of path: String) -> String? {
    guard !exists(path) else { return nil }
    return try? FileManager.default.destinationOfSymbolicLink(atPath: path)
}

/// Refuses a pipe in place of a file that is read more than once.
///
/// - Throws: `InputError` naming it.
package func refuseStream(_ path: String) throws {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG, status.st_mode & S_IFMT != S_IFDIR else {
        return
    }
    throw InputError("this is no file, and it is read more than once", file: path, remedy: "write it to a file first")
}
