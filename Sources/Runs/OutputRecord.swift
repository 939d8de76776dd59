package import Configuration
import FileAccess

/// What made the files of a folder: those of other settings or weights must not be mixed with them.
package struct OutputRecord: Codable, Equatable {
    /// The resolved settings that make a difference.
    package let settings: String
    /// CRC-32 of the weight file.
    package let weights: UInt32

    package init(settings: String, weights: UInt32) { (self.settings, self.weights) = (settings, weights) }

    /// Leaves the record at `path`, or checks that the one there is equal.
    ///
    /// - Parameters:
    ///   - what: the files that were made.
    ///   - elsewhere: another remedy than --restart, if there is one.
    /// - Throws: `InputError` saying what differs from what made the files that are there.
    package func claim(_ path: String, for command: Command, what: String, elsewhere: String = "") throws {
        guard exists(path) else { return try writeJSON(self, to: path) }
        let remedy = "\(elsewhere)make them anew with --restart"
        let found = try readJSON(
            OutputRecord.self, from: path, orSay: "this is no record of settings and weights", remedy: remedy)
        guard found != self else { return }
        throw InputError(
            "the \(what) here were made otherwise: \(differences(from: found, for: command))", file: path,
            remedy: remedy)
    }

    /// The settings in which two records differ, in words.
    private func differences(from older: OutputRecord, for command: Command) -> String {
        let weights = weights == older.weights ? [] : ["the weights are others"]
        guard let mine = try? RunConfiguration(yaml: settings), let theirs = try? RunConfiguration(yaml: older.settings)
        else { return "the settings are others" }
        let settings = mine.differences(from: theirs, for: command).map(\.description)
        return (weights + settings).joined(separator: ", ")
    }
}
