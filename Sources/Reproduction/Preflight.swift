import Configuration
import Datasets
import FileAccess
import Runs

extension Plan {
    /// Finds out before hours are spent what could not be done: data, start weights, and runs of other settings.
    ///
    /// - Parameter report: hears of each thing once; by default the first one is an error.
    /// - Throws: what `report` throws.
    func check(report: (InputError) throws -> Void = { throw $0 }) throws {
        var reported: Set<String> = []
        for run in runs {
            try run.checkFolder(report)
            for problem in try run.problemsWithInput(models: Set(runs.map(\.model)))
            where reported.insert("\(problem)").inserted {
                try report(problem)
            }
        }
    }
}

extension PlannedRun {
    /// Says where the folder holds a run of other settings.
    fileprivate func checkFolder(_ report: (InputError) throws -> Void) throws {
        guard work != .labels else { return }
        do {
            try RunFolder(folder).check(for: work.command, settings)
        } catch let error as InputError {
            try report(error)
        }
    }

    /// What is wrong with data and start weights.
    ///
    /// - Parameter models: files that other runs of the plan will write.
    fileprivate func problemsWithInput(models: Set<String>) throws -> [InputError] {
        var problems: [InputError] = []
        if let weights = settings.model.weights, !models.contains(weights), !exists(weights) {
            problems.append(
                InputError("cannot read the start weights", file: weights, remedy: "correct model.weights"))
        }
        var data = settings.data
        data.labels = LabelFolderSettings()
        for split in work == .segmenter ? [split, data.validation] : [split] {
            do {
                _ = try data.dataset(split: split)
            } catch let error as InputError {
                problems.append(error)
            }
        }
        return problems
    }

    /// How far it is.
    enum State: String {
        case missing = "to do"
        case begun
        case done
    }

    /// How far it is, as its folder tells; whether the figures are measured does not matter.
    func state() -> State {
        guard exists(RunFolder(folder).configuration) else { return .missing }
        guard work == .labels else { return exists(model) ? .done : .begun }
        // Without its data a run cannot be done, but a plan can be made.
        guard let dataset = try? settings.data.dataset(split: split) else { return .begun }
        let isDone = (0..<dataset.count).allSatisfy { labelFolder.isComplete(dataset.id(at: $0)) }
        return isDone ? .done : .begun
    }
}
