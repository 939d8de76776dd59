package import FileAccess
import Foundation

/// A split of a data set: one image id a line.
package struct ImageList: Equatable, Sendable {
    /// The ids in the file's order, repeated ones repeated.
    package let ids: [String]

    /// Reads a list; lines may end in LF or CRLF, blank lines and spaces around an id are skipped.
    ///
    /// - Parameter report: is given an error for each id that leads out of the data's folder and has to be left out,
    ///   and a warning for each that is repeated; by default the first error is thrown.
    /// - Throws: `InputError` if the file cannot be read or names no image, and what `report` throws.
    package init(contentsOf path: String, report: (Diagnostic) throws -> Void = { try $0.throwIfError() }) throws {
        guard let text = String(data: try readFile(path), encoding: .utf8) else {
            throw InputError("not a text file (UTF-8)", file: path, remedy: "an image list has one image id a line")
        }
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        if isClassList(lines) {
            throw InputError(
                "a class's list, as in VOC's ImageSets/Main: each id has -1, 0 or 1 beside it", file: path,
                remedy: "write the ids alone, all or those of one number: awk '$2 == 1 {print $1}' LIST")
        }
        var (ids, firstLine): ([String], [String: Int]) = ([], [:])
        for (number, line) in zip(1..., lines) {
            let id = line.trimmingCharacters(in: ImageList.margin)
            if id.isEmpty { continue }
            if let problem = imageIDProblem(id) {
                try report(Diagnostic(.error, problem.inLine(number, of: path)))
                continue
            }
            if let first = firstLine[id] {
                let finding = InputError("\(quoted(id)) is in line \(first) already").inLine(number, of: path)
                try report(Diagnostic(.warning, finding))
            }
            firstLine[id] = firstLine[id] ?? number
            ids.append(id)
        }
        if ids.isEmpty { throw InputError("no image in this list", file: path, remedy: "write one image id a line") }
        self.ids = ids
    }

    /// The names, without extension, of all XML files in a folder, in alphabetical order.
    ///
    /// - Throws: `InputError` if there are none, or if two differ in the extension alone.
    package init(filesIn folder: String) throws {
        let names = try dataFiles(in: folder, ["xml"])
        guard !names.isEmpty else { throw noXML(in: folder) }
        try refuseSharedOutput(names, in: folder)
        ids = names.map(fileStem)
    }

    private static let margin = CharacterSet.whitespaces.union(CharacterSet(charactersIn: "\u{FEFF}"))
}

/// Whether every line is an id and, beside it, -1 (no such object), 0 (only difficult ones) or 1.
///
/// Ids may have spaces, but hardly all of a list the same kind of number in the end.
private func isClassList(_ lines: [Substring]) -> Bool {
    let rows = lines.map { $0.split(whereSeparator: \.isWhitespace) }.filter { !$0.isEmpty }
    guard rows.allSatisfy({ $0.count == 2 && ["-1", "0", "1"].contains($0[1]) }) else { return false }
    return Set(rows.map { $0[0] }).count == rows.count && (rows.count > 1 || rows.first?[1] == "-1")
}

/// Refuses files whose outputs would be one: these have the names of the files, without extension.
///
/// - Throws: `InputError` naming the first of them.
package func refuseSharedOutput(_ names: [String], in folder: String) throws {
    let shared = Dictionary(grouping: names, by: fileStem).values.filter { $0.count > 1 }
    guard let first = shared.min(by: { $0[0] < $1[0] }) else { return }
    throw InputError(
        "\(first.map { quoted($0) }.joined(separator: " and ")) would have one output", file: folder,
        remedy: "rename one")
}

/// Why `id` cannot name an image, or `nil` if it can: ids become file names, and no file outside the data's folders may
/// be read or written.
package func imageIDProblem(_ id: String) -> InputError? {
    guard id.contains("/") || id.contains("..") || id.contains("\0") || id.isEmpty else { return nil }
    return InputError(
        "image id \(quoted(id)) is not a plain name", remedy: "an id is a file's name without folder, '..' or extension"
    )
}

/// What to do about an image that is not there, if its id in a list ends as its file does; `nil` if it does not.
package func remedyForEnding(of id: String) -> String? {
    guard (imageExtensions.union(["xml"])).contains(fileExtension(of: id).lowercased()) else { return nil }
    return "ids stand in the list without the files' ending: \(shortened(fileStem(id))), not \(shortened(id))"
}

extension InputError {
    /// The same error, placed in a line of a file.
    func inLine(_ line: Int, of file: String) -> InputError {
        var copy = inFile(file)
        copy.place = "line \(line)"
        return copy
    }
}
