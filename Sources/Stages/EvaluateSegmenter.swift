import Annotations
import Communication
package import Configuration
import Datasets
import DenseCRF
import Evaluation
import FileAccess
import ImageFiles
import Logging
import RunReports
package import Runs
import Segmentation

/// Segments the validation images with a finished run's model and scores them (`bana evaluate segmenter`).
///
/// Writes `predictions/`, `predictions_crf/` and `evaluation.json` to the run folder. Where no image has a truth, as in
/// VOC's test split, the refined predictions go where VOC's evaluation server looks for them, and nothing is scored.
/// Images that were segmented before a stop are not segmented again. The run's report is written anew.
///
/// - Parameter restart: whether predictions that are there are forgotten; without it those made otherwise are an error.
/// - Throws: `InputError` for a missing model and for bad data.
package func evaluateSegmenter(
    _ settings: RunConfiguration, in folder: String, json: String?, restart: Bool = false, _ session: Session
) throws -> RunEnd {
    let evaluation = try SegmenterEvaluation(try session.resolved(settings), RunFolder(folder), session)
    if session.communicator.isRoot { try evaluation.claim(restart: restart) }
    try session.communicator.barrier()
    guard let matrices = try evaluation.run() else {
        session.logger.notice("stopped; the same command goes on")
        return .stopped
    }
    guard session.communicator.isRoot else { return .finished }
    guard evaluation.hasTruth else {
        session.logger.notice(
            "\(settings.data.validation) has no truth to score by; VOC's server takes tar czf results.tgz -C \(folder) results"
        )
        return .finished
    }
    let scores = try evaluation.scores(matrices)
    print(SegmentationScores.table([("without CRF", scores.plain), ("with CRF", scores.crf)]))
    for path in [RunFolder(folder).evaluation] + (json.map { [$0] } ?? []) { try writeScores(scores, to: path) }
    try session.writeReport(on: RunFolder(folder))
    return .finished
}

/// One pass over the validation images.
private struct SegmenterEvaluation {
    let dataset: any Dataset
    /// Whether there is a truth to compare with: of one image, or else it is missed of the others.
    let hasTruth: Bool
    private let folder: RunFolder
    private let session: Session
    private let settings: RunConfiguration
    private let segmenter: Segmenter
    /// Keeps other jobs from the folder.
    private let lock: FolderLock?

    init(_ settings: RunConfiguration, _ folder: RunFolder, _ session: Session) throws {
        (self.settings, self.folder, self.session) = (settings, folder, session)
        let dataset = try settings.data.dataset(split: settings.data.validation)
        self.dataset = dataset
        hasTruth = (0..<dataset.count).contains { dataset.hasTruth(at: $0) }
        guard folder.isFinished else {
            throw InputError("not there", file: folder.model, remedy: "train to the end first: bana train segmenter")
        }
        segmenter = try session.loadSegmenter(
            settings, weights: folder.model, classes: dataset.classes.count)
        lock = try session.lock(folder.path)
    }

    /// The scores, with what they depend on.
    func scores(_ matrices: (plain: ConfusionMatrix, crf: ConfusionMatrix)) throws -> SegmenterScores {
        let names = dataset.classes.names
        guard let plain = matrices.plain.scores(classNames: names, missing: .wrong),
            let crf = matrices.crf.scores(classNames: names, missing: .wrong)
        else { throw InputError("no pixel of the validation images has a truth", remedy: "check data.validation") }
        let record = EvaluationRecord(
            scales: settings.evaluate.scales, flip: settings.evaluate.flip, crf: settings.evaluate.crf.numbers,
            split: settings.data.validation, weights: checksum(try readFile(folder.model)))
        return SegmenterScores(plain: plain, crf: crf, settings: record)
    }

    /// Makes the folders of the predictions those of these settings and weights, or checks that they are.
    func claim(restart: Bool) throws {
        // Predictions of which nobody knows what made them are no better than none.
        if restart || !exists(folder.predictionRecord) { try folder.forgetPredictions() }
        try removeUnfinishedFiles(in: folder.path, evenOfOthers: true)
        for name in predictionFolders {
            try makeFolder(join(folder.path, name))
            try removeUnfinishedFiles(in: join(folder.path, name), evenOfOthers: true)
        }
        var depended = settings
        depended.data.validation = DataSettings().validation
        let yaml = depended.resolvedYAML(for: .evaluateSegmenter)
        try OutputRecord(settings: yaml, weights: checksum(try readFile(folder.model)))
            .claim(folder.predictionRecord, for: .evaluateSegmenter, what: "predictions")
    }

    /// Before and after the CRF.
    private var predictionFolders: [String] { ["predictions", hasTruth ? "predictions_crf" : RunFolder.serverFolder] }

    /// The confusion matrices over all ranks; `nil` when asked to stop.
    func run() throws -> (plain: ConfusionMatrix, crf: ConfusionMatrix)? {
        var plain = ConfusionMatrix(classCount: dataset.classes.count)
        var crf = plain
        var binary = BinaryTruth()
        let images = dataset.uniqueImages
        let end = try session.forEachOwnImage(of: images.count, "segmenting") { place in
            let index = images[place]
            let id = dataset.id(at: index)
            let (prediction, refined) = try segment(index)
            guard hasTruth else { return }
            let truth = try dataset.truth(at: index)
            binary.look(at: truth.pixels)
            try plain.add(prediction.pixels, named: id, truth: truth.pixels, named: "the truth of \(id)")
            try crf.add(refined.pixels, named: id, truth: truth.pixels, named: "the truth of \(id)")
        }
        guard end == .finished else { return nil }
        let all = (plain: try session.allReduce(plain), crf: try session.allReduce(crf))
        try binary.check(all.plain, place: "the truth of \(settings.data.validation)", session)
        return all
    }

    /// An image's predictions: those that are there and sound, or new ones.
    private func segment(_ index: Int) throws -> (plain: LabelMap, crf: LabelMap) {
        let name = dataset.id(at: index) + ".png"
        let paths = predictionFolders.map { join(join(folder.path, $0), name) }
        let image = try dataset.load(at: index, []).image
        if paths.allSatisfy(exists), let kept = try? paths.map({ try dataset.labelMap($0, of: image) }) {
            return (kept[0], kept[1])
        }
        let input = session.input(image, settings.data.normalize)
        let result = try segmenter.segment(input, pixels: image.pixels)
        let plain = LabelMap(width: image.width, height: image.height, pixels: result.plain)
        let crf = LabelMap(width: image.width, height: image.height, pixels: result.refined ?? result.plain)
        try plain.write(to: paths[0])
        try crf.write(to: paths[1])
        return (plain, crf)
    }
}

extension Dataset {
    /// The images, each once: one that a list names twice would weigh twice.
    fileprivate var uniqueImages: [Int] {
        var seen: Set<String> = []
        return (0..<count).filter { seen.insert(id(at: $0)).inserted }
    }
}
