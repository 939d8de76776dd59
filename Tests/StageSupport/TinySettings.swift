package import Configuration
import FileAccess
import TestSupport

/// Settings for a run on the fixtures' eight images that takes a second or two: every kind of randomness is on.
///
/// - Parameter changes: overrides, as `--set` takes them.
package func tinySettings(for command: Command, _ changes: [String] = []) throws -> RunConfiguration {
    let labels = fixture("tiny-voc/labels")
    let base = [
        "data.root=\(fixture("tiny-voc"))", "data.split=train", "data.validation=val", "data.crop=65",
        "data.normalize=torchvision", "data.labels={crf: \(labels)/Y_crf, ret: \(labels)/Y_ret}",
        "model.width=0.0625", "label.split=trainval",
        "solver.iterations=20", "solver.batch=4", "solver.lr=0.001", "solver.schedule={kind: poly}",
    ]
    return try RunConfiguration(contentsOf: nil, overrides: base + changes, for: command)
}
