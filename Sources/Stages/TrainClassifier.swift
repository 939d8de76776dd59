import Annotations
package import Configuration
import Datasets
import Networks
package import Runs
import Training

/// Stage 1: trains the classification network on boxes (`bana train classifier`, paper section 3.1).
///
/// The same call goes on from the newest checkpoint in `folder`.
///
/// - Throws: `InputError` for bad settings or data, `TrainingError` when the loss is not finite.
package func trainClassifier(
    _ settings: RunConfiguration, in folder: String, restart: Bool, _ session: Session
) throws -> RunEnd {
    let settings = try session.resolved(settings)
    let run = try TrainingRun(.trainClassifier, settings, in: folder, restart: restart, session)
    if try run.isFinished() { return .finished }

    // Data: images with their boxes, in a new order every epoch, each time varied at random.
    let dataset = try settings.data.dataset(split: settings.data.split)
    let samples = settings.data.stream(of: dataset, .boxes, seed: settings.seed)

    // Model: a trunk, background-aware pooling of the boxes, a linear classifier.
    let network = settings.model.makeClassifier(classes: dataset.classes.count)
    try run.setStartWeights(of: network.arena)

    // Loss: cross-entropy of everything that was pooled, boxes and background.
    let objective = ClassifierObjective(network)

    // Optimizer: stochastic gradient descent with momentum.
    let optimizer = Optimizer(network.arena, settings.solver)

    // Loop: forward, loss, backward, sum over ranks, step; a checkpoint now and then.
    guard try run.train(objective, optimizer, on: samples) == .finished else { return .stopped }

    // The report, and the model: with it the run counts as finished.
    try run.finish(network.arena)
    return .finished
}
