import Annotations
import Communication
import Configuration
import FileAccess
import Foundation
import Logging
package import Reports
package import Runs

/// Shows what runs did in one self-contained file (`bana report`): settings, curves, scores, images.
///
/// What a run lacks is left out: truth, predictions, metrics.
///
/// - Parameters:
///   - folders: run folders, or folders that hold run folders.
///   - file: where the report goes; `nil`: `report.html` in the first folder.
///   - tables: figures beside published ones, besides those that a folder keeps; the report has the first one's title.
/// - Throws: `InputError` if a folder holds no run, and for damaged files.
package func writeReport(
    on folders: [String], to file: String?, tables: [TablePage] = [], _ session: Session
) throws -> RunEnd {
    var report = try Report(on: namedRuns(try folders.flatMap(recordedRuns)), in: folders, session)
    if let page = tables.first { report.title = page.title }
    report.tables = try tables + folders.compactMap(keptTables)
    guard try !session.isStopping else { return .stopped }
    guard session.communicator.isRoot else { return .finished }
    let path = file ?? join(folders.first ?? ".", "report.html")
    try writeAtomically(try report.data(), to: path)
    if let summary = report.summary { print(summary) }
    session.logger.notice("the report is \(path)")
    return .finished
}

extension Session {
    /// Writes the report of one training to its folder, and its scores and pictures to TensorBoard's events; rank 0
    /// alone does so.
    ///
    /// A run that was not recorded has none. What is wrong with a report is told, but does not undo the work it is on.
    package func writeReport(on folder: RunFolder) throws {
        guard exists(folder.configuration) else { return }
        do {
            let run = try RecordedRun(folder)
            let report = try Report(on: namedRuns([run]), in: [folder.path], self)
            try writeAtomically(try report.data(), to: folder.report)
            try report.writeEvents(to: folder.path, iteration: run.settings.solver.iterations)
        } catch let error as InputError {
            logger.warning("no report: \(error)")
        }
    }
}

/// A run, and what the report calls it.
struct NamedRun {
    let name: String
    let run: RecordedRun
    /// The names of its classes, the background first.
    let classes: [String]

    /// How it was made, and where that differs from the first run of the same command.
    fileprivate func settingsRecord(among runs: [NamedRun]) -> SettingsRecord {
        let command = run.command
        let first = runs.first { $0.run.command == command } ?? self
        let differences = run.settings.differences(from: first.run.settings, for: command).map {
            "\($0.path): \($0.value) (\(first.name): \($0.oldValue))"
        }
        return SettingsRecord(
            name: name, notes: ["bana \(command.rawValue)"] + run.notes,
            text: run.settings.resolvedYAML(for: command), differences: differences)
    }
}

extension Report {
    /// Everything there is of some runs, which were found in `folders`.
    fileprivate init(on runs: [NamedRun], in folders: [String], _ session: Session) throws {
        let today = Date().formatted(.iso8601.year().month().day())
        self.init(
            title: folders.map(ownName).joined(separator: ", "),
            subtitle: "\(folders.joined(separator: ", ")) · bana \(version), \(today)")
        for run in runs { try add(run, session) }
        settings = runs.map { $0.settingsRecord(among: runs) }
    }

    /// Adds what there is of a run.
    fileprivate mutating func add(_ run: NamedRun, _ session: Session) throws {
        for name in run.classes where !classes.contains(name) { classes.append(name) }
        switch run.run.command {
        case .label: try addLabels(run, session)
        case .trainClassifier: try addTraining(run)
        case .trainSegmenter:
            try addTraining(run)
            try addPredictions(run, session)
        case .evaluateSegmenter, .predict, .checkData: break
        }
    }

    private mutating func addTraining(_ run: NamedRun) throws {
        let path = run.run.folder.metrics
        guard exists(path) else { return }
        let metrics = try MetricsRecord.all(in: path)
        trainings.append(TrainingRecord(name: run.name, command: run.run.command.rawValue, metrics: metrics))
    }
}

/// The tables that `bana reproduce` left in a folder.
private func keptTables(in folder: String) throws -> TablePage? {
    let path = join(folder, "tables.json")
    guard exists(path) else { return nil }
    return try readJSON(
        TablePage.self, from: path, orSay: "these are no tables", remedy: "write them anew with bana reproduce")
}

// MARK: - Finding runs

/// The runs in the order of the stages, each with a name of its own.
private func namedRuns(_ runs: [RecordedRun]) -> [NamedRun] {
    let inOrder = Command.allCases.flatMap { command in runs.filter { $0.command == command } }
    let ownNames = inOrder.map { ownName(of: $0.folder.path) }
    return zip(inOrder, ownNames).map { run, own in
        NamedRun(
            name: ownNames.filter { $0 == own }.count == 1 ? own : run.folder.path, run: run,
            classes: run.settings.data.classes.names)
    }
}

/// The run in `folder`, or those in the folders within.
private func recordedRuns(in folder: String) throws -> [RecordedRun] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let candidates = [folder] + entries.sorted().map { join(folder, $0) }
    let runs = candidates.map { RunFolder($0) }.filter { exists($0.configuration) }
    guard !runs.isEmpty else {
        throw InputError("no run is here", file: folder, remedy: "give the --run folder of a command, or its parent")
    }
    return try runs.map { try RecordedRun($0) }
}

/// The last part of a folder's path, also of `.`.
private func ownName(of folder: String) -> String {
    URL(fileURLWithPath: folder).standardizedFileURL.lastPathComponent
}
