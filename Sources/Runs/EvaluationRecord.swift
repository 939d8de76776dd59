package import Evaluation
import FileAccess

/// What an evaluation's scores depend on.
package struct EvaluationRecord: Codable, Equatable {
    package let scales: [Double]
    package let flip: Bool
    /// The five numbers of the config.
    package let crf: [Float]
    /// The split that was segmented.
    package let split: String
    /// CRC-32 of the model's file.
    package let weights: UInt32

    package init(scales: [Double], flip: Bool, crf: [Float], split: String, weights: UInt32) {
        (self.scales, self.flip, self.crf, self.split, self.weights) = (scales, flip, crf, split, weights)
    }
}

/// Scores before and after the CRF, as `evaluation.json` keeps them; the keys of the latter also stand at the top.
package struct SegmenterScores: Codable {
    package let plain: SegmentationScores
    package let crf: SegmentationScores
    /// Absent in files of earlier versions.
    package let settings: EvaluationRecord?

    package init(plain: SegmentationScores, crf: SegmentationScores, settings: EvaluationRecord) {
        (self.plain, self.crf, self.settings) = (plain, crf, settings)
    }

    /// Reads the scores that an evaluation has left.
    ///
    /// - Throws: `InputError` naming the file.
    package init(contentsOf path: String) throws {
        self = try readJSON(
            Self.self, from: path, orSay: "these are no scores of a segmenter", remedy: "evaluate it again")
    }

    private enum Keys: String, CodingKey { case plain = "without_crf", crf = "with_crf", settings }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        plain = try container.decode(SegmentationScores.self, forKey: .plain)
        crf = try container.decode(SegmentationScores.self, forKey: .crf)
        settings = try container.decodeIfPresent(EvaluationRecord.self, forKey: .settings)
    }

    package func encode(to encoder: any Encoder) throws {
        try crf.encode(to: encoder)
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(plain, forKey: .plain)
        try container.encode(crf, forKey: .crf)
        try container.encodeIfPresent(settings, forKey: .settings)
    }
}
