package import Configuration
import FileAccess
import Foundation

/// How the run in a folder was made, as its `config.yaml` tells.
package struct RecordedRun: Sendable {
    package let folder: RunFolder
    package let command: Command
    /// Program, ranks and machine.
    package let notes: [String]
    package let settings: RunConfiguration

    /// Reads the record of a run.
    ///
    /// - Throws: `InputError` if the file cannot be read, or was not written by a run.
    package init(_ folder: RunFolder) throws {
        let text = String(decoding: try readFile(folder.configuration), as: UTF8.self)
        let comments = RunFolder.comments(in: text)
        guard let command = Command.allCases.first(where: { RunFolder.title(of: $0) == comments.first }) else {
            throw InputError(
                "its first line does not name the command of a run", file: folder.configuration,
                remedy: "give a folder that was the --run of a command")
        }
        do {
            settings = try RunConfiguration(yaml: text)
        } catch let error as InputError {
            throw error.inFile(folder.configuration)
        }
        (self.folder, self.command, notes) = (folder, command, Array(comments.dropFirst()))
    }
}
