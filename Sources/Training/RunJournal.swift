import Communication
import Configuration
import Foundation
import Logging
import Reports
import Runs

/// What rank 0 keeps of a training as it goes: metrics, the progress line, and when to save.
final class RunJournal {
    private let metrics: MetricsFile
    private let events: TensorBoardFile
    private let progress: ProgressLine
    private let checkpoint: CheckpointSettings
    private let ranks: Int
    private var warnings: WarningLog
    private var lastSaved = ContinuousClock.now

    /// Opens the metrics of a run that begins after iteration `first`; later ones are forgotten.
    init(_ folder: RunFolder, _ settings: RunConfiguration, from first: Int, _ session: Session) throws {
        metrics = try MetricsFile(folder.metrics, after: first) { session.logger.warning("\($0)") }
        events = try TensorBoardFile(in: folder.path, after: first)
        progress = ProgressLine("training", total: settings.solver.iterations, done: first)
        checkpoint = settings.checkpoint
        ranks = session.communicator.size
        warnings = WarningLog(session.logger)
    }

    /// Notes an iteration.
    func record(_ report: StepReport) throws {
        warnings.log(report.warnings)
        var numbers = report.loss.map { (name: $0.name, value: $0.value) }
        numbers += [
            ("lr", report.rate), ("images_per_second", report.imagesPerSecond), ("seconds", report.seconds),
            ("seconds_data", report.secondsForData), ("seconds_ranks", report.secondsForRanks),
        ]
        if ranks > 1 {
            numbers.append(("seconds_ranks_least", report.leastSecondsForRanks))
            numbers.append(("seconds_ranks_most", report.mostSecondsForRanks))
        }
        try metrics.append(iteration: report.iteration, numbers)
        try events.append(iteration: report.iteration, numbers)
        let loss = String(format: "loss %.4f", report.loss.first?.value ?? 0)
        progress.update(done: report.iteration, loss + String(format: "  %.2f images/s", report.imagesPerSecond))
    }

    /// Waits until all that was noted is on the disk: a state that is saved relies on it.
    func flush() throws { try metrics.flush() }

    /// Whether the state after this iteration is to be saved: by iterations, by time, or because it is the last.
    func wantsCheckpoint(_ report: StepReport) -> Bool {
        let byIteration = checkpoint.iterations > 0 && report.iteration % checkpoint.iterations == 0
        let elapsed = ContinuousClock.now - lastSaved
        let byTime = checkpoint.minutes > 0 && elapsed / .seconds(60) > checkpoint.minutes
        guard byIteration || byTime || report.iteration == report.iterations else { return false }
        lastSaved = .now
        return true
    }
}
