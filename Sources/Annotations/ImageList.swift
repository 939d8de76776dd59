package import FileAccess
import Foundation

/// A split of a data set: one image id a line.
package struct ImageList: Equatable, Sendable {
    /// The ids in the file's order, repeated ones repeated.
    package let ids: [String]
    /// Remarks a user should hear once: ids that occur twice.
    package let remarks: [InputError]

    /// Reads a list; lines may end in LF or CRLF, blank lines and spaces around an id are skipped.
    ///
    /// - Throws: `InputError` if the file cannot be read, names no image, or an id could lead out of the data's folder.
    package init(contentsOf path: String) throws {
        guard let text = String(data: try readFile(path), encoding: .utf8) else {
            throw InputError("not a text file (UTF-8)", file: path, remedy: "an image list has one image id a line")
        }
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        var (ids, remarks, firstLine): ([String], [InputError], [String: Int]) = ([], [], [:])
        for (number, line) in zip(1..., lines) {
            let id = line.trimmingCharacters(in: ImageList.margin)
            if id.isEmpty { continue }
            if let problem = imageIDProblem(id) { throw problem.inLine(number, of: path) }
            if let first = firstLine[id] {
                remarks.append(InputError("'\(id)' is in line \(first) already").inLine(number, of: path))
            }
            firstLine[id] = firstLine[id] ?? number
            ids.append(id)
        }
        if ids.isEmpty { throw InputError("no image in this list", file: path, remedy: "write one image id a line") }
        (self.ids, self.remarks) = (ids, remarks)
    }

    private static let margin = CharacterSet.whitespaces.union(CharacterSet(charactersIn: "\u{FEFF}"))
}

/// Why `id` cannot name an image, or `nil` if it can: ids become file names, and no file outside the data's folders may
/// be read or written.
package func imageIDProblem(_ id: String) -> InputError? {
    guard id.contains("/") || id.contains("..") || id.contains("\0") || id.isEmpty else { return nil }
    return InputError(
        "image id '\(id)' is not a plain name", remedy: "an id is a file's name without folder, '..' or extension")
}

extension InputError {
    /// The same error, placed in a line of a file.
    func inLine(_ line: Int, of file: String) -> InputError {
        var copy = inFile(file)
        copy.place = "line \(line)"
        return copy
    }
}
