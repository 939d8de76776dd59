package import Configuration
import FileAccess
import Foundation

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

    /// What each rank of a run that is under way is at.
    package var rankNotes: String { join(path, ".ranks") }
    /// What the run did, on one page.
    package var report: String { join(path, "report.html") }
    /// The scores of an evaluation.
    package var evaluation: String { join(path, "evaluation.json") }
    /// What made the predictions of an evaluation.
    package var predictionRecord: String { join(path, "predicted_by.json") }
    /// Where VOC's evaluation server looks for predictions.
    package static let serverFolder = "results/VOC2012/Segmentation/comp6_test_cls"

    /// Whether the run in this folder came to its end.
    package var isFinished: Bool { exists(model) }

    /// Checks that the folder holds no other run than this one; writes nothing.
    ///
    /// - Throws: `InputError` naming the settings that differ from those the run began with.
    package func check(for command: Command, _ settings: RunConfiguration) throws {
        guard exists(configuration) else { return }
        let remedy = "choose another --run, or begin anew with --restart"
        let text = String(decoding: try readFile(configuration), as: UTF8.self)
        guard RunFolder.comments(in: text).first == RunFolder.title(of: command) else {
            throw InputError("the folder holds a run of another command", file: configuration, remedy: remedy)
        }
        let differences = settings.resolvedHere().differences(from: try oldSettings(text), for: command)
        guard !differences.isEmpty else { return }
        let list = differences.map(\.description).joined(separator: ", ")
        throw InputError("the run began with other settings: \(list)", file: configuration, remedy: remedy)
    }

    /// Makes the folder that of a run, with its settings in it.
    ///
    /// - Parameters:
    ///   - note: lines about program, machine and ranks, kept as comments.
    ///   - restart: forgets an earlier run in the folder.
    /// - Throws: `InputError` if the folder cannot be written.
    package func begin(
        for command: Command, _ settings: RunConfiguration, note: [String], restart: Bool
    ) throws {
        if restart { try forget() }
        try removeUnfinishedFiles(in: path, evenOfOthers: true)
        if !exists(configuration) { try record(command, settings, note: note) }
    }

    /// Removes what a job left that was killed after the run had ended; where nothing may be written, it stays.
    package func tidy() {
        try? removeUnfinishedFiles(in: path, evenOfOthers: true)
        try? removeItem(rankNotes)
    }

    /// Writes `config.yaml`: the command and the notes as comments, then the settings that the command uses.
    package func record(_ command: Command, _ settings: RunConfiguration, note: [String]) throws {
        let comments = ([RunFolder.title(of: command)] + note).map { "# \($0)\n" }.joined()
        try advising("choose another --run") {
            try writeAtomically(Data((comments + settings.resolvedYAML(for: command)).utf8), to: configuration)
        }
    }

    private func oldSettings(_ text: String) throws -> RunConfiguration {
        do {
            return try RunConfiguration(yaml: text)
        } catch let error as InputError {
            throw error.inFile(configuration)
        }
    }

    /// The settings go last: a run whose removal was interrupted is still known for what it is.
    private func forget() throws {
        try forgetPredictions()
        let others = [evaluation, rankNotes, report]
        for item in others + [model, checkpoints, metrics, configuration] { try removeItem(item) }
    }

    /// Removes what evaluations have segmented; what made it goes last.
    package func forgetPredictions() throws {
        let folders = ["predictions", "predictions_crf", RunFolder.serverFolder].map { join(path, $0) }
        for item in folders + [predictionRecord] { try removeItem(item) }
    }

    /// The comments that `config.yaml` begins with: the command, then notes; an editor may have changed the ends of lines.
    static func comments(in text: String) -> [String] {
        text.drop { $0 == "\u{FEFF}" }.split(whereSeparator: \.isNewline).prefix { $0.hasPrefix("# ") }
            .map { String($0.dropFirst(2)) }
    }

    /// The command that made the run; `nil` where none is here, or where its record does not say.
    package var command: Command? {
        guard let data = try? readFile(configuration) else { return nil }
        let title = RunFolder.comments(in: String(decoding: data, as: UTF8.self)).first
        return Command.allCases.first { RunFolder.title(of: $0) == title }
    }

    /// What `config.yaml` begins with.
    package static func title(of command: Command) -> String { "bana \(command.rawValue)" }
}
