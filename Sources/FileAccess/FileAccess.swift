package import Foundation

/// Reads a whole file.
///
/// - Throws: `InputError` naming the file and the system's reason.
package func readFile(_ path: String) throws -> Data {
    guard let file = fopen(path, "rb") else { throw InputError("cannot read: \(systemReason())", file: path) }
    fclose(file)
    do {
        return try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    } catch {
        throw InputError("cannot read: \(isDirectory(path) ? "it is a folder" : "\(error)")", file: path)
    }
}

/// Writes a file that is complete or absent: to a temporary name in the same folder, flushed to disk, then renamed.
///
/// The folder is made if need be. Readers see the old contents or the new, never a part.
///
/// - Throws: `InputError` naming the file and the system's reason (a full disk, a missing permission).
package func writeAtomically(_ data: Data, to path: String) throws {
    try makeFolder(containing: path)
    let temporary = "\(path).\(getpid()).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw InputError("cannot write: \(systemReason())", file: path) }
    do {
        try writeAll(data, to: descriptor, path: path)
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

/// Makes a folder and those above it; no error if it is there.
///
/// - Throws: `InputError` naming the folder and the reason.
package func makeFolder(_ path: String) throws {
    do {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
        throw InputError("cannot make this folder: \(systemReason())", file: path)
    }
}

/// Makes the folder that `path` lies in.
///
/// - Throws: `InputError` naming the folder and the reason.
package func makeFolder(containing path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    if !folder.isEmpty { try makeFolder(folder) }
}

/// Whether a file or a folder of this name exists.
package func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
}

/// Whether `path` names a folder.
package func isDirectory(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
}

/// Two path components joined by one slash.
package func join(_ folder: String, _ name: String) -> String {
    (folder as NSString).appendingPathComponent(name)
}

private func writeAll(_ data: Data, to descriptor: Int32, path: String) throws {
    try data.withUnsafeBytes { bytes in
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw InputError("cannot write: \(systemReason())", file: path) }
            rest = rest.dropFirst(written)
        }
    }
}

private func systemReason() -> String {
    String(cString: strerror(errno))
}
