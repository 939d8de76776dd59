package import Configuration
import FileAccess
import Foundation

/// A reproduction on the fixtures' eight images; the stages' configs go to `folder`.
///
/// - Parameter changes: overrides, as `--set` takes them.
package func tinyReproduction(in folder: String, _ changes: [String] = []) throws -> ReproductionConfiguration {
    let short = ["solver.iterations=6", "checkpoint.iterations=3", "data.labels={crf: null, ret: null}"]
    let files = ["classifier", "label", "segmenter"].map { join(folder, $0 + ".yaml") }
    let classifier = try tinySettings(for: .trainClassifier, short)
    let labels = try tinySettings(for: .checkData, ["label.split=train"])
    let segmenter = try tinySettings(for: .checkData, short)
    let evaluation = "evaluate: {scales: [1], flip: false, crf: [4, 55, 3, 3, 3]}\n"
    let texts = [
        classifier.resolvedYAML(for: .trainClassifier), labels.resolvedYAML(for: .label),
        segmenter.resolvedYAML(for: .trainSegmenter) + evaluation,
    ]
    for (file, text) in zip(files, texts) { try writeAtomically(Data(text.utf8), to: file) }
    let stages = zip(["classifier", "labels", "segmenter"], files).map { "\($0).config=\($1)" }
    return try ReproductionConfiguration(contentsOf: nil, overrides: stages + changes)
}
