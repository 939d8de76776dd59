import CZlib
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

/// A file's name without its folder and its extension.
package func fileStem(_ path: String) -> String {
    ((path as NSString).lastPathComponent as NSString).deletingPathExtension
}

/// The names of what is in a folder, in alphabetical order.
///
/// - Throws: `InputError` naming the folder and the system's reason.
package func fileNames(in folder: String) throws -> [String] {
    do {
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch {
        throw InputError("cannot read this folder: \(systemReason())", file: folder)
    }
}

/// Why the last system call failed.
func systemReason() -> String {
    String(cString: strerror(errno))
}

/// The CRC-32 of some bytes, as zip and PNG compute it.
package func checksum(_ data: Data) -> UInt32 {
    data.withUnsafeBytes { bytes in
        var sum = crc32(0, nil, 0)
        var rest = bytes.bindMemory(to: UInt8.self)[...]
        while !rest.isEmpty {
            let part = rest.prefix(1 << 30)
            sum = crc32(sum, UnsafeBufferPointer(rebasing: part).baseAddress, uInt(part.count))
            rest = rest.dropFirst(part.count)
        }
        return UInt32(truncatingIfNeeded: sum)
    }
}
