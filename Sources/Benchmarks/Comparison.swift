import Foundation
import Runs
import TensorCore

/// What a user asks of a benchmark.
package struct BenchmarkOptions: Sendable {
    /// How often each work is done; medians are told.
    package var repeats: Int
    /// A Python that has torch; `nil` compares with nothing.
    package var python: String?
    /// Where the results go as JSON, if anywhere.
    package var json: String?

    /// Without `python` bana is timed alone.
    package init(repeats: Int, python: String?, json: String?) {
        (self.repeats, self.python, self.json) = (repeats, python, json)
    }
}

/// Our times and PyTorch's for the same work, taken in turn: what slows the machine down slows both.
struct Comparison {
    private(set) var ours = Timings()
    /// Those of its faster memory format.
    private(set) var theirs: Timings?
    private(set) var format: Rival.Format?

    /// Does some work `repeats` times, and as often in PyTorch, after once to warm up.
    ///
    /// - Parameters:
    ///   - request: the work for PyTorch, as `rival.py` understands it.
    ///   - body: the work; finishes a stopwatch's parts.
    init(
        _ repeats: Int, against rivals: [Rival], _ request: some Encodable, _ body: (inout Stopwatch) throws -> Void
    ) throws {
        for rival in rivals { try rival.prepare(request) }
        var warmUp = Stopwatch()
        try body(&warmUp)
        var timings = rivals.map { _ in Timings() }
        for _ in 0..<repeats {
            var stopwatch = Stopwatch()
            try body(&stopwatch)
            ours.add(stopwatch.parts)
            for (index, rival) in rivals.enumerated() { timings[index].add(try rival.run()) }
        }
        let fastest = rivals.indices.min { timings[$0].total ?? .infinity < timings[$1].total ?? .infinity }
        if let fastest { (theirs, format) = (timings[fastest], rivals[fastest].format) }
    }

    /// How many times as long PyTorch takes.
    var ratio: Double? {
        guard let theirs = theirs?.total, let ours = ours.total else { return nil }
        return theirs / ours
    }
}

extension BenchmarkOptions {
    /// PyTorch in some memory formats, ready for requests; nothing where there is no Python.
    func rivals(_ session: Session, _ formats: [Rival.Format] = Rival.Format.allCases) throws -> [Rival] {
        guard let python else { return [] }
        let rivals = try formats.map { try Rival(python: python, $0, threads: session.pool.threadCount) }
        // A first answer, before anything else takes its time: without torch there will be none.
        for rival in rivals { _ = try rival.peakMemory() }
        return rivals
    }
}

/// Bytes of memory this process had at most; `nil` where the system does not say.
func peakMemory() -> Double? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
        let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
        let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Double($0) })
    else { return nil }
    return kilobytes * 1024
}
