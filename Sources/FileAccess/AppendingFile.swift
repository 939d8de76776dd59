package import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that grows at its end while others may read it: a log.
package final class AppendingFile {
    private let path: String
    private let descriptor: Int32

    /// Opens a file that is there.
    ///
    /// - Throws: `InputError` or `MachineError` naming the file and the system's reason.
    package init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemError("cannot write", file: path) }
    }

    deinit { close(descriptor) }

    /// Hands bytes to the system, in one piece if it takes them so.
    ///
    /// - Throws: `InputError` or `MachineError` naming the file and the system's reason.
    package func append(_ data: Data) throws {
        try data.withUnsafeBytes { try writeAll($0, to: descriptor, path) }
    }

    /// Waits until all that was appended is on the disk.
    ///
    /// - Throws: `InputError` or `MachineError` naming the file and the system's reason.
    package func flush() throws {
        guard fsync(descriptor) == 0 else { throw systemError("cannot write", file: path) }
    }
}
