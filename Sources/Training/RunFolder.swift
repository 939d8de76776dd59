package import Configuration
internal import FileAccess
internal import Foundation

/// The folder a training run lives in: its settings, checkpoints, metrics and, in the end, its model.
package struct RunFolder: Sendable {
    package let path: String

    package init(_ path: String) { self.path = path }

    /// The resolved settings.
    package var configuration: String { join(path, "config.yaml") }
    /// One JSON object an iteration.
    package var metrics: String { join(path, "metrics.jsonl") }
    /// The weights of a finished run.
    package var model: String { join(path, "model.safetensors") }
    /// `NNNNNN` of every saved iteration.
    package var checkpoints: String { join(path, "checkpoints") }

    /// Whether the run in this folder came to its end.
    package var isFinished: Bool { exists(model) }

    /// Makes the folder that of a run of `command`, or checks that it already is.
    ///
    /// - Parameters:
    ///   - note: lines about program, machine and ranks, kept as comments.
    ///   - restart: forgets an earlier run in the folder.
    /// - Throws: `InputError` naming the settings that differ from those the run began with.
    package func claim(
        for command: Command, _ settings: RunConfiguration, note: [String], restart: Bool
    ) throws {
        if restart { try forget() }
        if exists(configuration) { return try checkSame(command, settings) }
        try record(command, settings, note: note)
    }

    /// Writes `config.yaml`: the command and the notes as comments, then the settings that the command uses.
    package func record(_ command: Command, _ settings: RunConfiguration, note: [String]) throws {
        let comments = ([RunFolder.title(of: command)] + note).map { "# \($0)\n" }.joined()
        try writeAtomically(Data((comments + settings.resolvedYAML(for: command)).utf8), to: configuration)
    }

    private func checkSame(_ command: Command, _ settings: RunConfiguration) throws {
        let remedy = "choose another --run, or begin anew with --restart"
        let text = String(decoding: try readFile(configuration), as: UTF8.self)
        guard text.hasPrefix("# " + RunFolder.title(of: command) + "\n") else {
            throw InputError("the folder holds a run of another command", file: configuration, remedy: remedy)
        }
        let differences = settings.differences(from: try RunConfiguration(yaml: text), for: command)
        guard !differences.isEmpty else { return }
        let list = differences.map(\.description).joined(separator: ", ")
        throw InputError("the run began with other settings: \(list)", file: configuration, remedy: remedy)
    }

    private func forget() throws {
        for item in [configuration, metrics, model, checkpoints] where exists(item) {
            do {
                try FileManager.default.removeItem(atPath: item)
            } catch {
                throw InputError("cannot be removed: \(error)", file: item)
            }
        }
    }

    static func title(of command: Command) -> String { "bana \(command.rawValue)" }
}
