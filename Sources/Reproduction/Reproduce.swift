import Communication
package import Configuration
import FileAccess
import Foundation
import Logging
import Reports
import RunReports
package import Runs
import Stages
import Training

/// Regenerates the papers' tables on a data set (`bana reproduce`).
///
/// Every figure is that of an ordinary run, in a folder of its own within `folder`; runs that are there are gone on with,
/// or left alone when they are finished. The tables are written whenever a run is done: `tables.md`, `tables.json`, and in
/// the end `report.html`.
///
/// - Parameter onlyPlan: prints what there is to do, and what is not in place for it yet, and does nothing.
/// - Throws: `InputError` for bad settings or data; `TrainingError` in the end if a training's loss was not finite.
package func reproduce(
    _ configuration: ReproductionConfiguration, in folder: String, onlyPlan: Bool = false, _ session: Session
) throws -> RunEnd {
    let planner = try Planner(configuration, in: folder)
    let tables = try planner.tables()
    let reproduction = ReproductionRun(plan: planner.plan, tables: tables, folder: folder, session: session)
    guard onlyPlan else {
        try reproduction.plan.check()
        let lock = try session.lock(folder)
        defer { lock?.release() }
        if session.communicator.isRoot { print(reproduction.overview()) }
        return try reproduction.run()
    }
    guard session.communicator.isRoot else { return .finished }
    print(reproduction.overview())
    try reproduction.plan.check { print("not ready: \($0)") }
    return .finished
}

/// The runs of a plan, one after the other, and the tables they fill.
final class ReproductionRun {
    let plan: Plan
    let tables: [PlannedTable]
    private let folder: String
    private let session: Session
    /// Of the runs that were made, by name; kept on the first rank.
    private var outcomes: [String: Outcome] = [:]
    private var firstFailure: TrainingError?

    init(plan: Plan, tables: [PlannedTable], folder: String, session: Session) {
        (self.plan, self.tables, self.folder, self.session) = (plan, tables, folder, session)
        if session.communicator.isRoot { outcomes = plan.keptOutcomes }
    }

    /// Makes what is missing.
    func run() throws -> RunEnd {
        if session.communicator.isRoot { try removeUnfinishedFiles(in: folder, evenOfOthers: true) }
        for (place, run) in plan.runs.enumerated() {
            session.logger.notice("\(place + 1) of \(plan.runs.count): \(run.name): \(run.summary)")
            let end = try attempt(run)
            try writeTables()
            if end == .stopped { return .stopped }
        }
        if session.communicator.isRoot { print(page.markdown) }
        let shown = plan.runs.filter { isShown($0) && exists(RunFolder($0.folder).configuration) }.map(\.folder)
        let end = try writeReport(on: shown, to: join(folder, "report.html"), tables: [page], session)
        if let firstFailure { throw firstFailure }
        return end
    }

    /// Makes a run and measures it, unless it cannot be for a training that it needs went wrong.
    private func attempt(_ run: PlannedRun) throws -> RunEnd {
        for need in run.needs {
            guard case .failed(let reason) = outcomes[need] else { continue }
            outcomes[run.name] = .failed(reason)
            return .finished
        }
        do {
            guard try make(run) == .finished else { return .stopped }
        } catch let error as TrainingError {
            session.logger.error("\(run.name): \(error)")
            outcomes[run.name] = .failed("\(run.name): \(error)")
            firstFailure = firstFailure ?? error
            return .finished
        }
        // The first rank has the run's last file when the others go on.
        try session.communicator.barrier()
        guard let figures = try figures(of: run) else { return .stopped }
        outcomes[run.name] = .measured(figures)
        return try session.isStopping ? .stopped : .finished
    }

    private func make(_ run: PlannedRun) throws -> RunEnd {
        switch run.work {
        case .classifier: try trainClassifier(run.settings, in: run.folder, restart: false, session)
        case .labels: try makeLabels(run.settings, in: run.folder, restart: false, session)
        case .segmenter: try trainSegmenter(run.settings, in: run.folder, restart: false, session)
        }
    }

    /// The figures of a run that a table asks for, kept or measured; `nil` when asked to stop.
    private func figures(of run: PlannedRun) throws -> [String: Double]? {
        guard tables.contains(where: { $0.runs.contains(run.name) }) else { return [:] }
        let communicator = session.communicator
        let basis = communicator.isRoot ? try run.figuresBasis() : ""
        let kept = communicator.isRoot ? Measurement(of: run, basis: basis) : nil
        if try communicator.broadcast(kept == nil ? 0 : 1) == 1 { return kept?.figures ?? [:] }
        guard let figures = try run.measure(session) else { return nil }
        if communicator.isRoot { try Measurement(basis: basis, figures: figures).save(for: run) }
        return figures
    }
}

extension Plan {
    /// What an earlier command has measured.
    fileprivate var keptOutcomes: [String: Outcome] {
        let kept = runs.compactMap { run -> (String, Outcome)? in
            guard let basis = try? run.figuresBasis() else { return nil }
            return Measurement(of: run, basis: basis).map { (run.name, .measured($0.figures)) }
        }
        return Dictionary(uniqueKeysWithValues: kept)
    }
}

// MARK: - What is told of it

extension ReproductionRun {
    /// The plan: each run, how far it is, and the tables that need it.
    func overview() -> String {
        var table = TextTable(["state", "run", "work", "needed by"], leftColumns: 4)
        for run in plan.runs {
            let uses = tables.filter { $0.runs.contains(run.name) }.map(\.shortName)
            table.append([run.state().rawValue, run.name, run.summary, uses.joined(separator: ", ")])
        }
        return "\(table)"
    }

    private func writeTables() throws {
        guard session.communicator.isRoot else { return }
        let page = page
        try writeAtomically(Data(page.markdown.utf8), to: join(folder, "tables.md"))
        try writeJSON(page, to: join(folder, "tables.json"))
    }

    private var page: TablePage {
        TablePage(title: "The papers' tables", notes: notes, tables: tables.map { $0.filled(with: outcomes) })
    }

    /// What the figures of ours come from.
    private var notes: [String] {
        let sources = [
            "authors: Oh, Kim and Ham, CVPR 2021; repro.: Mehta et al., ReScience C, 2022; both on PASCAL VOC 2012, in Table "
                + "2 on MS COCO",
            "ours: bana \(version)",
        ]
        return sources + plan.runs.filter(isShown).map(\.provenance)
    }

    /// Whether a run stands for its kind in the report: the first of each.
    private func isShown(_ run: PlannedRun) -> Bool {
        plan.runs.first { $0.kind == run.kind }?.name == run.name
    }
}

extension PlannedRun {
    /// Runs of one kind differ in settings whose influence is measured.
    fileprivate var kind: [String] {
        [work.rawValue, settings.model.head.rawValue, settings.data.format.rawValue, split]
    }

    /// What it was made of.
    fileprivate var provenance: String {
        let data = "\(name): \(settings.data.root), \(split)"
        guard work != .labels else { return data }
        let schedule = "\(settings.solver.iterations) iterations of \(settings.solver.batch) images"
        let weights = settings.model.weights.map { "start weights \($0)" } ?? "from scratch"
        return "\(data), \(schedule), \(settings.model.trunk.rawValue), \(weights)"
    }
}
