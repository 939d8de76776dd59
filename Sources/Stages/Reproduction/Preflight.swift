import Configuration
import Datasets
import FileAccess
import Training

extension Plan {
    /// Finds out before hours are spent what could not be done: data, start weights, and runs of other settings.
    ///
    /// - Throws: `InputError` for the first thing that is wrong.
    func check() throws {
        var seen: [(data: DataSettings, split: String)] = []
        let models = Set(runs.map(\.model))
        for run in runs {
            if run.work != .labels { try RunFolder(run.folder).check(for: run.work.command, run.settings) }
            if let weights = run.settings.model.weights, !models.contains(weights), !exists(weights) {
                throw InputError("cannot read the start weights", file: weights, remedy: "correct model.weights")
            }
            let splits = run.work == .segmenter ? [run.split, run.settings.data.validation] : [run.split]
            for split in splits {
                var data = run.settings.data
                data.labels = LabelFolderSettings()
                guard !seen.contains(where: { $0 == (data, split) }) else { continue }
                _ = try data.dataset(split: split)
                seen.append((data, split))
            }
        }
    }
}

extension PlannedRun {
    /// How far it is.
    enum State: String {
        case missing = "to do"
        case begun
        case done
    }

    /// How far it is, as its folder tells; whether the figures are measured does not matter.
    func state() throws -> State {
        guard exists(RunFolder(folder).configuration) else { return .missing }
        guard work == .labels else { return exists(model) ? .done : .begun }
        let dataset = try settings.data.dataset(split: split)
        let isDone = (0..<dataset.count).allSatisfy { labelFolder.isComplete(dataset.id(at: $0)) }
        return isDone ? .done : .begun
    }
}
