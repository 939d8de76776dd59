import Foundation

extension SegmentationScores {
    /// A table for the terminal, in percent: one line a class, a dash where it does not occur, then the summary.
    package var table: String { SegmentationScores.table([("IoU %", self)]) }

    /// The same with a column for each of several scores of the same classes.
    package static func table(_ columns: [(title: String, scores: SegmentationScores)]) -> String {
        let classes = columns.first?.scores.perClassIoU.map(\.name) ?? []
        let width = max(22, classes.map(\.count).max() ?? 0)
        func line(_ name: String, _ value: (SegmentationScores) -> Double?) -> String {
            name.padded(to: width)
                + columns.map { percent(value($0.scores)).alignedRight(in: columnWidth($0.title)) }.joined()
        }
        let head = "class".padded(to: width) + columns.map { $0.title.alignedRight(in: columnWidth($0.title)) }.joined()
        let rule = String(repeating: "-", count: width + columns.reduce(0) { $0 + columnWidth($1.title) })
        let rows = classes.enumerated().map { index, name in line(name) { $0.perClassIoU[index].iou } }
        let summary = [
            line("mean IoU", \.meanIoU), line("pixel accuracy", \.pixelAccuracy), line("mean accuracy", \.meanAccuracy),
            line("frequency-weighted IoU", \.frequencyWeightedIoU),
        ]
        return ([head, rule] + rows + [rule] + summary).joined(separator: "\n")
    }

    private static func columnWidth(_ title: String) -> Int { max(8, title.count + 2) }
}

private func percent(_ fraction: Double?) -> String {
    fraction.map { String(format: "%.2f", 100 * $0) } ?? "-"
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    fileprivate func alignedRight(in width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
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
