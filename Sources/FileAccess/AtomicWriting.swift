package import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes a file that is complete or absent: to a temporary name in the same folder, flushed to disk, then renamed.
///
/// The folder is made if need be. Readers see the old contents or the new, never a part.
///
/// - Throws: `InputError` naming the file and the system's reason (a full disk, a missing permission).
package func writeAtomically(_ data: Data, to path: String) throws {
    try writeAtomically(to: path) { file in try data.withUnsafeBytes(file.append) }
}

/// Writes a file piece by piece; like `writeAtomically(_:to:)`, it is complete or absent, also when `body` throws.
package func writeAtomically(to path: String, _ body: (FileWriter) throws -> Void) throws {
    try makeFolder(containing: path)
    // Another host may have a process of the same number, so that would not do for a name.
    let temporary = "\(path).\(UInt64.random(in: 0...UInt64.max)).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw InputError("cannot write: \(systemReason())", file: path) }
    do {
        let file = FileWriter(descriptor, path)
        try body(file)
        try file.flush()
        guard fsync(descriptor) == 0 else { throw InputError("cannot write: \(systemReason())", file: path) }
    } catch {
        close(descriptor)
        unlink(temporary)
        throw error
    }
    close(descriptor)
    guard rename(temporary, path) == 0 else {
        let reason = systemReason()
        unlink(temporary)
        throw InputError("cannot write: \(reason)", file: path)
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
    /// - Throws: `InputError` naming the file and the system's reason.
    package func append(_ bytes: UnsafeRawBufferPointer) throws {
        if gathered.count + bytes.count > FileWriter.capacity { try flush() }
        if bytes.count > FileWriter.capacity { try writeAll(bytes) } else { gathered += bytes }
    }

    /// Appends a text in UTF-8.
    ///
    /// - Throws: `InputError` naming the file and the system's reason.
    package func append(_ text: String) throws {
        var text = text
        try text.withUTF8 { try append(UnsafeRawBufferPointer($0)) }
    }

    fileprivate func flush() throws {
        try gathered.withUnsafeBytes(writeAll)
        gathered.removeAll(keepingCapacity: true)
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw InputError("cannot write: \(systemReason())", file: path) }
            rest = rest.dropFirst(written)
        }
    }
}
