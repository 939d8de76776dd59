import Annotations
package import Configuration
import Datasets
import Networks
package import Runs
import Training

/// Stage 3: trains DeepLab on pseudo labels (`bana train segmenter`, paper section 3.3).
///
/// The same call goes on from the newest checkpoint in `folder`.
///
/// - Throws: `InputError` for bad settings or data, `TrainingError` when the loss is not finite.
package func trainSegmenter(
    _ settings: RunConfiguration, in folder: String, restart: Bool, _ session: Session
) throws -> RunEnd {
    let settings = try session.resolved(settings)
    let run = try TrainingRun(.trainSegmenter, settings, in: folder, restart: restart, session)
    if try run.isFinished() { return .finished }

    // Data: images with their pseudo labels Y_crf and Y_ret, in a new order every epoch, each time varied at random.
    let dataset = try settings.data.dataset(split: settings.data.split)
    try refuseEmptyLabels(settings.data.labels, of: dataset)
    let samples = settings.data.stream(of: dataset, .labels, seed: settings.seed)

    // Model: DeepLab v1 or v2 with a cosine classifier.
    let network = settings.model.makeSegmenter(classes: dataset.classes.count)
    try run.setStartWeights(of: network.arena)

    // Loss: where the two labels agree, cross-entropy; where not, as far as the classifier is sure (NAL).
    let criterion = settings.loss.criterion(temperature: settings.model.temperature)
    let objective = SegmenterObjective(network, criterion)

    // Optimizer: stochastic gradient descent with momentum.
    let optimizer = Optimizer(network.arena, settings.solver)

    // Loop: forward, loss, backward, sum over ranks, step; a checkpoint now and then.
    guard try run.train(objective, optimizer, on: samples) == .finished else { return .stopped }

    // The report, and the model: with it the run counts as finished.
    try run.finish(network.arena)
    return .finished
}
