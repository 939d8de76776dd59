import Foundation
import Synchronization

/// What each rank was last at, in a small file each.
final class RankNotes: Sendable {
    let host: String
    private let folder: String
    private let rank: Int
    /// Seconds between two words of a rank that goes on.
    private let interval: Double
    private let last = Mutex<(words: String, time: ContinuousClock.Instant)?>(nil)

    init(_ folder: String, rank: Int, host: String, every interval: Double) {
        (self.folder, self.rank, self.host, self.interval) = (folder, rank, host, interval)
    }

    private func path(_ rank: Int) -> String { "\(folder)/rank-\(rank)" }

    /// Leaves word, unless it is too soon; a rank that cannot write leaves none.
    func write(_ words: String) {
        last.withLock { last in
            if let last, seconds(from: last.time, to: .now) < interval { return }
            try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try? Data("rank \(rank) on \(host): \(words)".utf8).write(to: URL(fileURLWithPath: path(rank)))
            last = (words, .now)
        }
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: path(rank))
        // Gone with the last rank's.
        rmdir(folder)
    }

    /// The words of those that do not wait themselves, or have fallen silent.
    func othersNotWaiting(size: Int) -> [String] {
        (0..<size).filter { $0 != rank }.compactMap { other in
            // Empty while it is being written.
            guard let words = try? String(contentsOfFile: path(other), encoding: .utf8), !words.isEmpty else {
                return "rank \(other) has left no word"
            }
            let lag = timeWritten(path(rank)) - timeWritten(path(other))
            if lag > 2 + 2 * interval { return "\(words), and no word for \(Int(lag)) s" }
            return words.contains(Watchdog.Phase.waiting.text) ? nil : words
        }
    }

    /// What is left of a job that broke off: the word of the rank that fell silent first; `nil` if there was none.
    static func firstSilent(in folder: String) -> String? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let notes = RankNotes(folder, rank: 0, host: "", every: 0)
        let paths = names.sorted().map { "\(folder)/\($0)" }
        let oldest = paths.min { notes.timeWritten($0) < notes.timeWritten($1) }
        return oldest.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) }
    }

    /// When a file was last written, by the clock of its file system, in seconds.
    private func timeWritten(_ path: String) -> Double {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    }
}

func seconds(from start: ContinuousClock.Instant, to end: ContinuousClock.Instant) -> Double {
    (end - start) / .seconds(1)
}
