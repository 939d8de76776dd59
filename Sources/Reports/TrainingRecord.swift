import Evaluation
import Foundation

/// What a training run measured, iteration after iteration.
package struct TrainingRecord: Sendable {
    /// The run's folder.
    package var name: String
    /// `train classifier`, `train segmenter`.
    package var command: String
    package var metrics: [MetricsRecord]

    package init(name: String, command: String, metrics: [MetricsRecord]) {
        (self.name, self.command, self.metrics) = (name, command, metrics)
    }

    /// One of the measured quantities.
    func curve(_ key: String, named name: String? = nil) -> Curve {
        Curve(name ?? key, metrics.map { (x: Double($0.iteration), y: $0.values[key] ?? .nan) })
    }

    /// The loss and its parts, the loss first.
    var lossCurves: [Curve] {
        let parts = Set(metrics.flatMap(\.values.keys)).filter { $0.hasPrefix("loss_") }.sorted()
        return [curve("loss")]
            + parts.map { curve($0, named: String($0.dropFirst("loss_".count)).replacing("_", with: " ")) }
    }

    func total(_ key: String) -> Double {
        metrics.reduce(0) { sum, record in
            let value = record.values[key] ?? 0
            return value.isFinite ? sum + value : sum
        }
    }

    /// The median over the iterations, of which one that the machine was busy with something else says little.
    var imagesPerSecond: Double {
        let speeds = metrics.compactMap { $0.values["images_per_second"] }.filter(\.isFinite).sorted()
        return speeds.isEmpty ? 0 : speeds[speeds.count / 2]
    }
}

/// Where the time of each training went: a line for each run, its shares as a bar.
func timeTable(_ trainings: [TrainingRecord]) -> HTML {
    let lines: [HTML] = trainings.map { training in
        let shares = TimeShares(training)
        let bar: [HTML] = shares.all.enumerated().map { index, share in
            "<i class=\"color\(index)\" style=\"--part: \(percent(share, digits: 1))%\"></i>"
        }
        let numbers: [HTML] = shares.all.map { "<td class=\"number\">\(percent($0, digits: 1))</td>" }
        return """
            <tr><th>\(training.name)</th><td class="number">\(training.metrics.count)</td>\
            <td class="number">\(duration(training.total("seconds")))</td>\
            <td class="number">\(String(format: "%.1f", training.imagesPerSecond))</td>\
            <td class="shares">\(bar)</td>\(numbers)</tr>
            """
    }
    let heads: [HTML] = TimeShares.names.enumerated().map { index, name in
        "<th class=\"number\"><span class=\"key color\(index)\">\(name), %</span></th>"
    }
    return """
        <table class="times">
        <thead><tr><th>run</th><th class="number">iterations</th><th class="number">time</th>\
        <th class="number">images/s</th><th></th>\(heads)</tr></thead>
        <tbody>
        \(lines)
        </tbody>
        </table>
        """
}

/// Parts of the time of the first rank.
private struct TimeShares {
    static let names = ["computing", "waiting for images", "waiting for ranks"]
    let all: [Double]

    init(_ training: TrainingRecord) {
        let whole = max(training.total("seconds"), .leastNormalMagnitude)
        let data = min(1, training.total("seconds_data") / whole)
        let ranks = min(1 - data, training.total("seconds_ranks") / whole)
        all = [1 - data - ranks, data, ranks]
    }
}
