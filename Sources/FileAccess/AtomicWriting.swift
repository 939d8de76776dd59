package import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes a file that is complete or absent: to a temporary name in the same folder, flushed to disk, then renamed.
///
/// The folder is made if need be. Readers see the old contents or the new, never a part. A symbolic link stays, and what
/// it points to is written; a pipe or a device, which cannot be replaced, is written to.
///
/// - Throws: `InputError` naming the file and the system's reason (a missing permission), `MachineError` for a full disk.
package func writeAtomically(_ data: Data, to path: String) throws {
    try writeAtomically(to: path) { file in try data.withUnsafeBytes(file.append) }
}

/// Writes a file piece by piece; like `writeAtomically(_:to:)`, it is complete or absent, also when `body` throws.
package func writeAtomically(to path: String, _ body: (FileWriter) throws -> Void) throws {
    switch try OutputTarget(path) {
    case .special: try writeThrough(path, body)
    case .regular(let target, let mode): try replace(target, mode, body)
    }
}

/// What lies where an output is to go.
private enum OutputTarget {
    /// A pipe, a device, or one of the process's own streams.
    case special
    /// A file to be replaced or made, once links were followed; `mode` is that of the file that is there.
    case regular(String, mode: mode_t?)

    init(_ path: String) throws {
        if path == "-" {
            throw InputError(
                "cannot write: - names no file here", file: path,
                remedy: "give /dev/stdout for standard output, ./- for a file of this name")
        }
        var status = stat()
        let isThere = stat(path, &status) == 0
        if isThere && status.st_mode & S_IFMT == S_IFDIR {
            throw InputError("cannot write: it is a folder", file: path)
        }
        // What is below /dev and /proc stands for what the process has open, whatever that is; but /dev/shm has files.
        let isOpenAlready = ["/dev/", "/proc/"].contains(where: path.hasPrefix) && !path.hasPrefix("/dev/shm/")
        if isOpenAlready || isThere && status.st_mode & S_IFMT != S_IFREG {
            self = .special
        } else {
            self = .regular(try followingLinks(path), mode: isThere ? status.st_mode & 0o7777 : nil)
        }
    }
}

/// The path that a chain of symbolic links ends in, be there something or not.
private func followingLinks(_ path: String) throws -> String {
    var path = path
    for _ in 0..<40 {
        guard let next = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { return path }
        path = next.hasPrefix("/") ? next : join(parentFolder(of: path), next)
    }
    throw InputError("cannot write: the link leads in a circle", file: path)
}

private func writeThrough(_ path: String, _ body: (FileWriter) throws -> Void) throws {
    // What was printed comes first; and a file that standard output leads to goes on where it is.
    let isStandardOutput = path == "/dev/stdout"
    if isStandardOutput { fflush(nil) }
    let descriptor = isStandardOutput ? dup(STDOUT_FILENO) : open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemError("cannot write", file: path) }
    defer { close(descriptor) }
    let file = FileWriter(descriptor, path)
    try body(file)
    try file.flush()
}

private func replace(_ path: String, _ mode: mode_t?, _ body: (FileWriter) throws -> Void) throws {
    try makeFolder(containing: path)
    let (descriptor, temporary) = try openTemporary(beside: path)
    do {
        let file = FileWriter(descriptor, path)
        try body(file)
        try file.flush()
        if let mode { fchmod(descriptor, mode) }
        guard fsync(descriptor) == 0 else { throw systemError("cannot write", file: path) }
        guard rename(temporary, path) == 0 else { throw systemError("cannot write", file: path) }
    } catch {
        close(descriptor)
        unlink(temporary)
        throw error
    }
    close(descriptor)
}

private func openTemporary(beside path: String) throws -> (descriptor: Int32, name: String) {
    while true {
        let name = temporaryName(beside: path)
        let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        if descriptor >= 0 { return (descriptor, name) }
        guard errno == EEXIST else { throw systemError("cannot write", file: path) }
    }
}

/// A file that is being written from its beginning to its end; small pieces are gathered before they are written.
package final class FileWriter {
    private let descriptor: Int32
    private let path: String
    private var gathered: [UInt8] = []
    private static let capacity = 1 << 16

    fileprivate init(_ descriptor: Int32, _ path: String) {
        (self.descriptor, self.path) = (descriptor, path)
        gathered.reserveCapacity(FileWriter.capacity)
    }

    /// Appends bytes.
    ///
    /// - Throws: `InputError` or `MachineError` naming the file and the system's reason.
    package func append(_ bytes: UnsafeRawBufferPointer) throws {
        if gathered.count + bytes.count > FileWriter.capacity { try flush() }
        if bytes.count > FileWriter.capacity { try writeAll(bytes, to: descriptor, path) } else { gathered += bytes }
    }

    /// Appends a text in UTF-8.
    ///
    /// - Throws: `InputError` or `MachineError` naming the file and the system's reason.
    package func append(_ text: String) throws {
        var text = text
        try text.withUTF8 { try append(UnsafeRawBufferPointer($0)) }
    }

    fileprivate func flush() throws {
        try gathered.withUnsafeBytes { try writeAll($0, to: descriptor, path) }
        gathered.removeAll(keepingCapacity: true)
    }
}

/// Writes bytes to an open file.
///
/// - Throws: `InputError` or `MachineError` naming the file and the system's reason.
func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
        let written = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else { throw systemError("cannot write", file: path) }
        rest = rest.dropFirst(written)
    }
}
