import FileAccess
import Foundation

extension SegmentationScores {
    /// A table for the terminal, in percent: one line a class, a dash where it does not occur, then the summary.
    package var table: String { SegmentationScores.table([("IoU %", self)]) }

    /// The same with a column for each of several scores of the same classes.
    package static func table(_ columns: [(title: String, scores: SegmentationScores)]) -> String {
        let widths = [22] + columns.map { _ in 6 }
        var table = TextTable(["class"] + columns.map(\.title), minimumWidths: widths)
        func append(_ name: String, _ value: (SegmentationScores) -> Double?) {
            table.append([name] + columns.map { percent(value($0.scores)) })
        }
        table.appendRule()
        for (index, entry) in (columns.first?.scores.perClassIoU ?? []).enumerated() {
            append(entry.name) { $0.perClassIoU[index].iou }
        }
        table.appendRule()
        append("mean IoU", \.meanIoU)
        append("pixel accuracy", \.pixelAccuracy)
        append("mean accuracy", \.meanAccuracy)
        append("frequency-weighted IoU", \.frequencyWeightedIoU)
        return table.description
    }
}

/// A fraction of 1 in percent, to so many digits after the point; a dash for `nil`.
package func percent(_ fraction: Double?, digits: Int = 2) -> String {
    fraction.map { String(format: "%.\(digits)f", 100 * $0) } ?? "-"
}

// MARK: - JSON

extension SegmentationScores: Codable {
    private enum Key: String, CodingKey {
        case mIoU
        case perClassIoU = "per_class_iou"
        case pixelAccuracy = "pixel_accuracy"
        case meanAccuracy = "mean_accuracy"
        case frequencyWeightedIoU = "fw_iou"
    }

    /// The classes' names are keys of an object; one that does not occur is null.
    package func encode(to encoder: any Encoder) throws {
        var scores = encoder.container(keyedBy: Key.self)
        try scores.encode(meanIoU, forKey: .mIoU)
        try scores.encode(pixelAccuracy, forKey: .pixelAccuracy)
        try scores.encode(meanAccuracy, forKey: .meanAccuracy)
        try scores.encode(frequencyWeightedIoU, forKey: .frequencyWeightedIoU)
        var classes = scores.nestedContainer(keyedBy: ClassName.self, forKey: .perClassIoU)
        for entry in perClassIoU { try classes.encode(entry.iou, forKey: ClassName(stringValue: entry.name)) }
    }

    /// The classes come in the order of their names: an object of JSON has none.
    package init(from decoder: any Decoder) throws {
        let scores = try decoder.container(keyedBy: Key.self)
        meanIoU = try scores.decode(Double.self, forKey: .mIoU)
        pixelAccuracy = try scores.decode(Double.self, forKey: .pixelAccuracy)
        meanAccuracy = try scores.decode(Double.self, forKey: .meanAccuracy)
        frequencyWeightedIoU = try scores.decode(Double.self, forKey: .frequencyWeightedIoU)
        perClassIoU = try scores.decode([String: Double?].self, forKey: .perClassIoU)
            .sorted { $0.key < $1.key }.map { ClassIoU(name: $0.key, iou: $0.value) }
    }
}

/// A class's name as a key.
private struct ClassName: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) {
        nil
    }
}
