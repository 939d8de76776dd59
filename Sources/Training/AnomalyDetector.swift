import Foundation
import TensorCore

/// Anomaly detection: checks everything that layers compute, and stops at the first NaN or Inf (`--debug`).
///
/// In the first iteration it also tells shapes and statistics, layer by layer.
package final class AnomalyDetector {
    private let say: (String) -> Void
    private let fail: (String) -> Never
    private var iteration = 0
    private var images: [String] = []
    private var last = "nothing was made before it"
    private var isFirst = true

    /// - Parameters:
    ///   - say: told the statistics.
    ///   - fail: told of the first NaN or Inf; a debugger has stopped before.
    package init(say: @escaping (String) -> Void, fail: @escaping (String) -> Never) {
        (self.say, self.fail) = (say, fail)
    }

    /// Begins an iteration, counted from 1, on some images.
    func begin(_ iteration: Int, _ images: [String], _ arena: ParameterArena) {
        isFirst = self.iteration == 0
        (self.iteration, self.images) = (iteration, images)
        for parameter in arena.parameters { look(LayerTrace(valueOf: parameter)) }
        last = "the weights are sound"
    }

    /// Checks one tensor that was computed.
    func look(_ made: LayerTrace) {
        let statistics = Statistics(made.values)
        let extents = made.shape.map(String.init).joined(separator: "x")
        let line = "\(made.layer), \(made.pass), \(made.name) \(extents): \(statistics)"
        if let place = statistics.firstAnomaly {
            breakIntoDebugger()
            fail(
                "iteration \(iteration): \(line), the first at \(made.place(of: place)); images "
                    + "\(images.joined(separator: ", ")); before it: \(last)")
        }
        if isFirst { say(line) }
        last = line
    }
}

/// Range, mean and deviation of many numbers in a line.
private struct Statistics: CustomStringConvertible {
    private var (min, max, sum, squares) = (Float.infinity, -Float.infinity, 0.0, 0.0)
    private var (zeros, nans, infinities) = (0, 0, 0)
    private(set) var firstAnomaly: Int?
    private let count: Int

    init(_ values: [Float]) {
        count = values.count
        for (index, value) in values.enumerated() {
            guard value.isFinite else {
                if value.isNaN { nans += 1 } else { infinities += 1 }
                firstAnomaly = firstAnomaly ?? index
                continue
            }
            (min, max) = (Swift.min(min, value), Swift.max(max, value))
            sum += Double(value)
            squares += Double(value) * Double(value)
            if value == 0 { zeros += 1 }
        }
    }

    var description: String {
        let finite = count - nans - infinities
        guard finite > 0 else { return anomalies.isEmpty ? "empty" : anomalies }
        let mean = sum / Double(finite)
        let deviation = Swift.max(0, squares / Double(finite) - mean * mean).squareRoot()
        let line = String(
            format: "%.3g to %.3g, mean %.3g, deviation %.3g, %.0f %% zeros", min, max, mean, deviation,
            100 * Double(zeros) / Double(finite))
        return anomalies.isEmpty ? line : "\(anomalies); else \(line)"
    }

    private var anomalies: String {
        [(nans, "NaN"), (infinities, "Inf")].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }
}

extension LayerTrace {
    /// Where an element is, in words.
    fileprivate func place(of index: Int) -> String {
        guard shape.count == 4 else { return "element \(index)" }
        let (pixel, channel) = index.quotientAndRemainder(dividingBy: shape[3])
        let (row, column) = pixel.quotientAndRemainder(dividingBy: shape[2])
        return "image \(row / shape[1]), row \(row % shape[1]), column \(column), channel \(channel)"
    }
}

/// Stops here if a debugger watches this process.
private func breakIntoDebugger() {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let tracer = status.split(separator: "\n").first { $0.hasPrefix("TracerPid:") }
    let number = tracer?.split(separator: "\t").last.flatMap { Int($0) } ?? 0
    if number != 0 { raise(SIGTRAP) }
}
