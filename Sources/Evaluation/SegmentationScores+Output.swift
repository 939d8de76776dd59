import Foundation

extension SegmentationScores {
    /// A table for the terminal, in percent: one line a class, a dash where it does not occur, then the summary.
    package var table: String {
        let summary = [
            ("mean IoU", meanIoU), ("pixel accuracy", pixelAccuracy), ("mean accuracy", meanAccuracy),
            ("frequency-weighted IoU", frequencyWeightedIoU),
        ]
        let width = max(22, perClassIoU.map(\.name.count).max() ?? 0)
        let line = { (name: String, value: String) in
            name + String(repeating: " ", count: width - name.count) + value
        }
        let rule = String(repeating: "-", count: width + 8)
        var lines = [line("class", "   IoU %"), rule]
        lines += perClassIoU.map { line($0.name, percent($0.iou)) } + [rule]
        lines += summary.map { line($0, percent($1)) }
        return lines.joined(separator: "\n")
    }
}

/// Eight characters.
private func percent(_ fraction: Double?) -> String {
    fraction.map { String(format: "%8.2f", 100 * $0) } ?? "       -"
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
