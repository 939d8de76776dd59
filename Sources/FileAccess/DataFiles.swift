import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The names of a folder's files of some kinds, in alphabetical order: the one rule by which all commands find data.
///
/// A name ends in a dot and one of `extensions`, whatever its case (`.JPG`, `.Xml`), and does not begin with a dot, as
/// what systems leave does (`._a.jpg`). Folders, pipes and the like are no data, whatever they are called; a link that leads
/// nowhere is, for its reader must be told.
///
/// Archives in the folder are as if their members lay there, called `000000.tar/ID.jpg`: shards of a data set.
///
/// - Parameter extensions: in lower case.
/// - Throws: `InputError` or `MachineError` naming the folder and the system's reason.
package func dataFiles(in folder: String, _ extensions: Set<String>) throws -> [String] {
    guard let stream = opendir(folder) else { throw systemError("cannot read this folder", file: folder) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
        }
        let type = Int32(entry.pointee.d_type)
        if isData(name, extensions) {
            if isFile(join(folder, name), type: type) { names.append(name) }
        } else if isData(name, ["tar"]), isFile(join(folder, name), type: type) {
            let members = try TarArchive.memberNames(of: join(folder, name))
            names += members.filter { isData($0, extensions) }.map { "\(name)/\($0)" }
        }
    }
    return names.sorted()
}

private func isData(_ path: String, _ extensions: Set<String>) -> Bool {
    !lastName(of: path).hasPrefix(".") && extensions.contains(fileExtension(of: path).lowercased())
}

/// Files of images that can be read.
package let imageExtensions: Set<String> = ["jpg", "jpeg", "png"]

/// Whether a folder's entry is a file, or a link to one or to nothing; not all file systems say so themselves.
private func isFile(_ path: String, type: Int32) -> Bool {
    switch type {
    case Int32(DT_REG): return true
    case Int32(DT_LNK), Int32(DT_UNKNOWN):
        var status = stat()
        return stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
    default: return false
    }
}

/// A folder's data files by their names without extension; the folder is read when it is first asked.
package final class DataFolder: Sendable {
    package let path: String
    private let extensions: Set<String>
    private let names = Mutex<[String: [String]]?>(nil)

    /// - Parameter extensions: of the files that count, in lower case; see `dataFiles`.
    package init(_ path: String, _ extensions: Set<String>) { (self.path, self.extensions) = (path, extensions) }

    /// The names of the files that differ from `stem` by their extension alone; none where there is no such folder.
    package func names(of stem: String) -> [String] {
        names.withLock { names in
            let all = names ?? Dictionary(grouping: (try? dataFiles(in: path, extensions)) ?? [], by: fileStem)
            names = all
            return all[stem] ?? []
        }
    }
}
