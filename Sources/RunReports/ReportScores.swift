import Annotations
import Communication
package import Configuration
package import Datasets
package import Evaluation
import FileAccess
import ImageFiles
import Logging
import Reports
package import Runs

extension Report {
    /// Adds the scores of a folder of pseudo labels, with those of filled boxes to compare, and some of the labels.
    mutating func addLabels(_ run: NamedRun, _ session: Session) throws {
        let settings = run.run.settings
        guard let dataset = settings.data.availableDataset(split: settings.label.split ?? settings.data.split, session)
        else { return }
        let folder = LabelFolder(path: run.run.folder.path, outputs: settings.label.outputs)
        let split = settings.label.split ?? settings.data.split
        guard let counts = try LabelCounts(folder, dataset, session) else { return }
        for row in counts.rows(run: run.name, split: split, names: run.classes) where !scores.contains(row) {
            scores.append(row)
        }
        guard session.communicator.isRoot else { return }
        pictures.append(try labelPictures(run, folder, dataset, split))
    }
}

/// Counts of label maps and of filled boxes against the truth.
package struct LabelCounts {
    package let outputs: [LabelOutput]
    /// One for each of `outputs`.
    package private(set) var labels: [ConfusionMatrix]
    package private(set) var boxes: ConfusionMatrix
    private var images = 0

    /// Compares the labels of all images that have theirs, and a truth; the ranks share the work.
    ///
    /// `nil` when asked to stop.
    package init?(_ folder: LabelFolder, _ dataset: any Dataset, _ session: Session) throws {
        outputs = folder.labels
        boxes = ConfusionMatrix(classCount: dataset.classes.count)
        labels = outputs.map { _ in ConfusionMatrix(classCount: dataset.classes.count) }
        let end = try session.forEachOwnImage(of: dataset.count, "scoring labels") { index in
            try add(index, of: dataset, folder)
        }
        guard end == .finished else { return nil }
        images = Int(try session.communicator.allReduce([Double(images)])[0])
        boxes = try session.allReduce(boxes)
        labels = try labels.map { try session.allReduce($0) }
    }

    private mutating func add(_ index: Int, of dataset: any Dataset, _ folder: LabelFolder) throws {
        let id = dataset.id(at: index)
        guard folder.hasLabels(id), dataset.hasTruth(at: index) else { return }
        let truth = try dataset.truth(at: index)
        let sample = try dataset.load(at: index, .boxes)
        let filled = filledBoxes(sample.boxes, width: truth.width, height: truth.height)
        try boxes.add(filled.pixels, named: "the boxes of \(id)", truth: truth.pixels, named: "the truth of \(id)")
        for (place, output) in outputs.enumerated() {
            let path = folder.file(output, id)
            let map = try dataset.labelMap(path, of: sample.image)
            try labels[place].add(map.pixels, named: path, truth: truth.pixels, named: "the truth of \(id)")
        }
        images += 1
    }

    /// A row for the boxes, and one for each kind of labels; none if no image was scored.
    func rows(run: String, split: String, names: [String]) -> [ScoreRow] {
        let boxesRow = row("", "filled boxes", boxes, split, names)
        return [boxesRow].compactMap { $0 }
            + zip(outputs, labels).compactMap { output, matrix in
                var row = row(run, output.rawValue, matrix, split, names)
                if output == .agreement { row?.note = "on \(decidedPercent(matrix))\u{A0}% of pixels" }
                return row
            }
    }

    private func row(
        _ run: String, _ name: String, _ matrix: ConfusionMatrix, _ split: String, _ names: [String]
    ) -> ScoreRow? {
        matrix.scores(classNames: names, missing: .ignored).map {
            ScoreRow(run: run, name: name, split: split, images: images, scores: $0)
        }
    }

    /// The share of pixels that got a label.
    private func decidedPercent(_ matrix: ConfusionMatrix) -> Int {
        let total = matrix.counts.reduce(0, +)
        let open = (0..<matrix.classCount).reduce(0) { $0 + matrix[truth: $1, prediction: matrix.classCount] }
        return Int((100 * Double(total - open) / Double(max(1, total))).rounded())
    }
}

extension DataSettings {
    /// The images of a split, or `nil`, which is said, if they are not there any more.
    func availableDataset(split: String, _ session: Session) -> (any Dataset)? {
        do {
            return try dataset(split: split)
        } catch {
            session.logger.notice("left out: \(error)")
            return nil
        }
    }
}

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
