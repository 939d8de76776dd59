import Annotations
import Communication
import Configuration
import Datasets
import Evaluation
import FileAccess
import Foundation
import RunReports
import Runs
import Stages

/// The figures of a run as they are kept in its folder.
struct Measurement: Codable, Equatable {
    /// What they depend on; figures of anything else are measured anew.
    let basis: String
    /// By name, in percent; without those that there was nothing to measure of.
    let figures: [String: Double]

    /// The figures that are kept; `nil` if there are none, or none of this basis.
    init?(of run: PlannedRun, basis: String) {
        guard let data = try? readFile(run.figures), let found = try? JSONDecoder().decode(Self.self, from: data),
            found.basis == basis
        else { return nil }
        self = found
    }

    init(basis: String, figures: [String: Double]) { (self.basis, self.figures) = (basis, figures) }

    func save(for run: PlannedRun) throws { try writeJSON(self, to: run.figures) }
}

extension PlannedRun {
    /// The file of its figures.
    var figures: String { join(folder, "figures.json") }

    /// What its figures depend on: what the stage made, and what that is compared with.
    ///
    /// - Throws: `InputError` if the stage has not made it yet.
    func figuresBasis() throws -> String {
        switch work {
        case .classifier: ""
        case .labels:
            "labels \(try checksumOfFile(labelFolder.record)), \(settings.data.root), \(settings.data.annotations ?? split)"
        case .segmenter:
            "model \(try checksumOfFile(model))\n" + settings.resolvedYAML(for: .evaluateSegmenter)
        }
    }

    /// Measures what the stage made; `nil` when asked to stop. All ranks must ask.
    func measure(_ session: Session) throws -> [String: Double]? {
        switch work {
        case .classifier: [:]
        case .labels: settings.data.format == .coco ? try instanceFigures(session) : try labelFigures(session)
        case .segmenter: try segmenterFigures(session)
        }
    }

    var labelFolder: LabelFolder { LabelFolder(path: folder, outputs: settings.label.outputs) }

    private func labelFigures(_ session: Session) throws -> [String: Double]? {
        let dataset = try settings.data.dataset(split: split)
        return try LabelCounts(labelFolder, dataset, session)?.figures(dataset.classes.names)
    }

    private func instanceFigures(_ session: Session) throws -> [String: Double] {
        guard session.communicator.isRoot else { return [:] }
        let truth = try COCOInstances(contentsOf: settings.data.inRoot(settings.data.annotations ?? ""))
        var figures: [String: Double] = [:]
        for output in labelFolder.labels {
            let results = try readResults(labelFolder.instances(output), for: truth)
            for (name, value) in try scoreInstances(results, truth: truth, session.pool).figures where value >= 0 {
                figures["\(output.rawValue).\(name)"] = 100 * value
            }
        }
        return figures
    }

    private func segmenterFigures(_ session: Session) throws -> [String: Double]? {
        // Figures that are there are of something else.
        let restart = exists(figures)
        guard try evaluateSegmenter(settings, in: folder, json: nil, restart: restart, session) == .finished
        else { return nil }
        let file = RunFolder(folder).evaluation
        guard session.communicator.isRoot, exists(file) else { return [:] }
        let scores = try SegmenterScores(contentsOf: file)
        return ["plain": 100 * scores.plain.meanIoU, "crf": 100 * scores.crf.meanIoU]
    }
}

extension LabelCounts {
    /// The mean IoU of every kind of labels, and of filled boxes; where pixels are open, in both readings.
    fileprivate func figures(_ names: [String]) -> [String: Double] {
        var figures: [String: Double] = [:]
        figures["boxes"] = meanIoU(of: boxes, names, .ignored)
        for (output, matrix) in zip(outputs, labels) {
            figures[output.rawValue] = meanIoU(of: matrix, names, .ignored)
            guard output == .agreement else { continue }
            figures["\(output.rawValue), open pixels wrong"] = meanIoU(of: matrix, names, .wrong)
        }
        return figures
    }

    private func meanIoU(of matrix: ConfusionMatrix, _ names: [String], _ open: MissingPrediction) -> Double? {
        matrix.scores(classNames: names, missing: open).map { 100 * $0.meanIoU }
    }
}

private func checksumOfFile(_ path: String) throws -> UInt32 { checksum(try readFile(path)) }
