import CZlib
package import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads a whole file, or a member of an archive (`ARCHIVE.tar/MEMBER`); a large file page by page as it is looked at.
///
/// - Throws: `InputError` naming the file and the system's reason, `MachineError` for a disk that fails.
package func readFile(_ path: String) throws -> Data {
    if let member = try TarArchive.contents(at: path) { return member }
    let (descriptor, status) = try openForReading(path)
    defer { close(descriptor) }
    if status.st_mode & S_IFMT == S_IFREG, status.st_size >= leastMapped,
        let mapped = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    {
        return mapped
    }
    var data = Data(capacity: max(0, Int(status.st_size)))
    var part = [UInt8](repeating: 0, count: 1 << 18)
    while true {
        let count = read(descriptor, &part, part.count)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { throw systemError("cannot read", file: path) }
        guard count > 0 else { return data }
        data.append(contentsOf: part[..<count])
    }
}

/// The first bytes of a file, or of a member of an archive: at most `count`.
///
/// - Throws: as `readFile` does.
package func readBeginning(of path: String, _ count: Int) throws -> Data {
    if let member = try TarArchive.contents(at: path, first: count) { return member }
    let (descriptor, _) = try openForReading(path)
    defer { close(descriptor) }
    var data = Data(count: count)
    var done = 0
    while done < count {
        let more = data.withUnsafeMutableBytes { bytes in
            read(descriptor, bytes.baseAddress.map { $0 + done }, count - done)
        }
        if more < 0 && errno == EINTR { continue }
        guard more >= 0 else { throw systemError("cannot read", file: path) }
        guard more > 0 else { break }
        done += more
    }
    return data.prefix(done)
}

/// Files of so many bytes are not copied into memory: weights.
private let leastMapped = 32 << 20

/// Whether a file or a folder of this name exists.
package func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
}

/// Whether `path` names a folder.
package func isDirectory(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
}

/// The names of what is in a folder, in alphabetical order.
///
/// - Throws: `InputError` or `MachineError` naming the folder and the system's reason.
package func fileNames(in folder: String) throws -> [String] {
    do {
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch {
        throw systemError("cannot read this folder", file: folder)
    }
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
