/// What is wrong with something a user gave: which file, where in it, what, and what to do.
///
/// Every problem with a file, a list, a config or a flag is reported as one of these, so that all messages
/// read alike: `FILE:PLACE: PROBLEM; REMEDY`.
package struct InputError: Error, Codable, Equatable, Sendable {
    /// The file, or `nil` when the input did not come from one.
    package var file: String?
    /// Where in the file: `line 12`, `record 3`, `model.width`.
    package var place: String?
    /// What is wrong, with the offending value.
    package var problem: String
    /// What the user can do about it.
    package var remedy: String?

    /// Describes a problem; `file`, `place` and `remedy` where they are known.
    package init(_ problem: String, file: String? = nil, at place: String? = nil, remedy: String? = nil) {
        self.file = file
        self.place = place
        self.problem = problem
        self.remedy = remedy
    }

    /// The same error, naming `file` if it did not name one yet.
    package func inFile(_ file: String) -> InputError {
        var copy = self
        copy.file = copy.file ?? file
        return copy
    }
}

/// The result of `body`; its error gets this remedy if it has none: the caller may know what the file was for.
package func advising<Result>(_ remedy: String, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch var error as InputError {
        error.remedy = error.remedy ?? remedy
        throw error
    }
}

extension InputError: CustomStringConvertible {
    /// One line, fit for a terminal.
    package var description: String {
        let position = [file, place].compactMap { $0 }.joined(separator: ":")
        let prefix = position.isEmpty ? "" : position + ": "
        let suffix = remedy.map { "; " + $0 } ?? ""
        return String((prefix + problem + suffix).map { $0.isNewline ? " " : $0 })
    }
}
