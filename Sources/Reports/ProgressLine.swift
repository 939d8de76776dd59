import Foundation

/// One line that says how far a long task is and how long it will still take.
///
/// On a terminal the line is rewritten in place a few times a second; in a log file a line is added now and then.
package final class ProgressLine {
    private let task: String
    private let total: Int
    private let output: ProgressOutput
    private let now: () -> Double
    private var lastPrint = -Double.infinity
    private var speed: SmoothedSpeed

    /// The line of a task of `total` steps of which `done` were done before.
    ///
    /// - Parameter now: seconds on a clock that only goes forward.
    package init(
        _ task: String, total: Int, done: Int = 0, output: ProgressOutput = .standardError,
        now: @escaping () -> Double = { ProcessInfo.processInfo.systemUptime }
    ) {
        (self.task, self.total, self.output, self.now) = (task, total, output, now)
        speed = SmoothedSpeed(done: done, at: now())
    }

    /// Says that `done` steps are done; prints if the last print was long enough ago or the task is complete.
    package func update(done: Int, _ details: String = "") {
        let time = now()
        speed.update(done: done, at: time)
        guard done >= total || time - lastPrint >= output.interval else { return }
        lastPrint = time
        output.show(text(done, details), isLast: done >= total)
    }

    /// Wipes the line off a terminal, so that something else can be printed there.
    package func clear() {
        output.clear()
    }

    private func text(_ done: Int, _ details: String) -> String {
        let percent = total > 0 ? 100 * done / total : 100
        var parts = [task, "\(done)/\(total)", "\(percent) %"]
        if !details.isEmpty { parts.append(details) }
        if done < total, let step = speed.secondsPerStep {
            parts.append(duration(step * Double(total - done)) + " left")
        }
        return parts.joined(separator: "  ")
    }
}

/// Seconds per step, of which the last minute counts most.
private struct SmoothedSpeed {
    private(set) var secondsPerStep: Double?
    private var done: Int
    private var time: Double
    private static let memory = 60.0

    init(done: Int, at time: Double) {
        (self.done, self.time) = (done, time)
    }

    mutating func update(done: Int, at time: Double) {
        guard done > self.done, time > self.time else { return }
        let elapsed = time - self.time
        let latest = elapsed / Double(done - self.done)
        let weight = 1 - exp(-elapsed / SmoothedSpeed.memory)
        secondsPerStep = secondsPerStep.map { $0 + weight * (latest - $0) } ?? latest
        (self.done, self.time) = (done, time)
    }
}

/// A time span in its two largest units, rounded: `1 h 12 min`.
package func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "forever" }
    let whole = Int(max(0, seconds).rounded())
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3600: return "\(whole / 60) min \(whole % 60) s"
    case ..<86400: return "\(whole / 3600) h \(whole % 3600 / 60) min"
    default: return "\(whole / 86400) d \(whole % 86400 / 3600) h"
    }
}
