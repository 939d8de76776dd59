package import FileAccess
import Foundation
import Synchronization

/// Ends a rank that makes no progress: MPI would wait for ever for a rank that was stopped, or whose host is gone.
///
/// A thread of its own looks at what the rank said last. After a minute without news it warns, after the limit it ends the
/// process with exit code 75, which ends the job; `launch/run` then starts it again. What each rank said last is kept in
/// a file in the run folder, so that the message can name those that the others wait for.
package final class Watchdog: Sendable {
    /// What a rank may be at.
    package enum Phase: Int, Sendable {
        case reading, computing, waiting, saving

        var text: String {
            switch self {
            case .reading: "reading images"
            case .computing: "computing"
            case .waiting: "waiting for the other ranks"
            case .saving: "saving"
            }
        }
    }

    /// Seconds without progress after which a rank is given up, unless its iterations are of that order themselves.
    private let limit: Double
    private let rank: Int
    private let size: Int
    private let notes: RankNotes
    private let state = Mutex(State())

    private struct State {
        var phase = Phase.reading
        var iteration = 0
        var since = ContinuousClock.now
        var iterationBegan = ContinuousClock.now
        var longestIteration = 0.0
        var hasWarned = false
        var isOver = false
    }

    /// Starts to watch this rank.
    ///
    /// - Parameters:
    ///   - limit: seconds without progress after which the rank ends.
    ///   - folder: where the ranks leave word of what they are at; they share it.
    /// - Throws: `MachineError` where no thread can be started.
    package init(limit: Double, _ communicator: Communicator, notesIn folder: String) throws(MachineError) {
        self.limit = limit
        (rank, size) = (communicator.rank, communicator.size)
        notes = RankNotes(
            folder, rank: communicator.rank, host: communicator.host, every: min(5, limit / 10))
        try startThread { [self] in
            while watch() { Thread.sleep(forTimeInterval: min(1, limit / 10)) }
        }
    }

    /// What the rank was at that fell silent first, if a job that kept its notes in `folder` broke off.
    package static func firstSilent(notesIn folder: String) -> String? { RankNotes.firstSilent(in: folder) }

    /// Says what this rank is at from now on, in iteration `iteration` (from 1).
    package func enter(_ phase: Phase, _ iteration: Int) {
        state.withLock { state in
            let now = ContinuousClock.now
            if iteration != state.iteration {
                let seconds = seconds(from: state.iterationBegan, to: now)
                if state.iteration > 0 { state.longestIteration = max(state.longestIteration, seconds) }
                (state.iteration, state.iterationBegan) = (iteration, now)
            }
            (state.phase, state.since, state.hasWarned) = (phase, now, false)
        }
    }

    /// Ends the watch.
    package func stop() {
        state.withLock { $0.isOver = true }
        notes.remove()
    }

    /// Looks once; false when the watch is over.
    private func watch() -> Bool {
        let (now, state) = (ContinuousClock.now, state.withLock { $0 })
        if state.isOver { return false }
        let silence = seconds(from: state.since, to: now)
        let words = "\(state.phase.text) in iteration \(state.iteration)"
        notes.write(words)
        // Nobody knows how long the first iteration may take.
        let allowed = max(state.longestIteration == 0 ? 4 * limit : limit, 20 * state.longestIteration)
        if silence > allowed {
            // Rank 0 speaks first; mostly nobody else needs to.
            if rank > 0 { Thread.sleep(forTimeInterval: min(2, limit / 4)) }
            say("no progress for \(Int(silence)) s, \(words): ends the job, which the same command goes on with")
            _exit(75)
        }
        if silence > min(60, limit / 2) && !state.hasWarned {
            self.state.withLock { $0.hasWarned = true }
            if rank == 0 { say("no progress for \(Int(silence)) s, \(words)") }
        }
        return true
    }

    private func say(_ text: String) {
        let missing = notes.othersNotWaiting(size: size).map { "it waits for \($0)" }
        let lines = ["rank \(rank) on \(notes.host): \(text)"] + missing
        FileAccess.say(lines.map { "bana: watchdog: \($0)\n" }.joined())
    }
}
