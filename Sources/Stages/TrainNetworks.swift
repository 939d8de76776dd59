import Annotations
package import Configuration
import Datasets
import Networks
import Training

/// Stage 1: trains the classification network on boxes (`bana train classifier`).
///
/// - Throws: `InputError` for bad settings or data, `TrainingError` when the loss is no number.
package func trainClassifier(
    _ settings: RunConfiguration, in folder: String, restart: Bool, _ session: Session
) throws -> RunEnd {
    let classes = try settings.data.classes.list()
    let network = settings.model.makeClassifier(classes: classes.count)
    return try TrainingRun(
        command: .trainClassifier, settings: settings, folder: RunFolder(folder), session: session,
        objective: ClassifierObjective(network), contents: .boxes
    ).run(restart: restart)
}

/// Stage 3: trains DeepLab on pseudo labels (`bana train segmenter`).
///
/// - Throws: `InputError` for bad settings or data, `TrainingError` when the loss is no number.
package func trainSegmenter(
    _ settings: RunConfiguration, in folder: String, restart: Bool, _ session: Session
) throws -> RunEnd {
    let classes = try settings.data.classes.list()
    let network = settings.model.makeSegmenter(classes: classes.count)
    let criterion = settings.loss.criterion(temperature: settings.model.temperature)
    return try TrainingRun(
        command: .trainSegmenter, settings: settings, folder: RunFolder(folder), session: session,
        objective: SegmenterObjective(network, criterion), contents: .labels
    ).run(restart: restart)
}
