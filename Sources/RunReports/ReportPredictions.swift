import Communication
import Configuration
import Datasets
import FileAccess
import Reports
import Runs

extension Report {
    /// Adds the scores of a segmenter that was evaluated, and some of its predictions.
    mutating func addPredictions(_ run: NamedRun, _ session: Session) throws {
        let path = run.run.folder.evaluation
        guard session.communicator.isRoot, exists(path) else { return }
        let evaluation = try SegmenterScores(contentsOf: path)
        let data = run.run.settings.data
        let split = evaluation.settings?.split ?? data.validation
        let dataset = data.availableDataset(split: split, session)
        for (name, value) in [("DeepLab", evaluation.plain), ("DeepLab + CRF", evaluation.crf)] {
            scores.append(
                ScoreRow(run: run.name, name: name, split: split, images: dataset?.count ?? 0, scores: value))
        }
        if let dataset { pictures.append(try predictionPictures(run, dataset, split)) }
    }
}
