/// Seconds that parts of some work took, told at the end of each.
struct Stopwatch {
    private(set) var parts: [String: Double] = [:]
    private var last = ContinuousClock.now

    /// Notes the time since the last part's end, or since the start.
    mutating func finish(_ part: String) {
        let now = ContinuousClock.now
        parts[part, default: 0] += last.duration(to: now).seconds
        last = now
    }
}

/// The time of each part of some work, run several times.
package struct Timings: Sendable {
    private var runs: [[String: Double]] = []

    mutating func add(_ parts: [String: Double]) { runs.append(parts) }

    /// The median over the runs; `nil` for a part that was never run.
    package subscript(part: String) -> Double? { median(runs.compactMap { $0[part] }) }

    /// The median of the whole.
    package var total: Double? { median(runs.map { $0.values.reduce(0, +) }) }
}

/// The middle of some numbers, the mean of the middle two of an even number; `nil` for none.
func median(_ numbers: [Double]) -> Double? {
    guard !numbers.isEmpty else { return nil }
    let sorted = numbers.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
