import Configuration
import Datasets
import FileAccess
import Runs

extension Plan {
    /// Finds out before hours are spent what could not be done: data, start weights, and runs of other settings.
    ///
    /// - Parameter report: is given an error for each thing, once; by default the first is thrown.
    /// - Throws: what `report` throws.
    func check(report: (InputError) throws -> Void = { throw $0 }) throws {
        var reported: Set<String> = []
        var data = OpenedData()
        for run in runs {
            try run.checkFolder(report)
            for problem in try run.problemsWithInput(models: Set(runs.map(\.model)), &data)
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
    /// - Parameters:
    ///   - models: files that other runs of the plan will write.
    ///   - opened: what is known of the data of earlier runs.
    fileprivate func problemsWithInput(models: Set<String>, _ opened: inout OpenedData) throws -> [InputError] {
        var problems: [InputError] = []
        if let weights = settings.model.weights, !models.contains(weights), !exists(weights) {
            problems.append(
                InputError("cannot read the start weights", file: weights, remedy: "correct model.weights"))
        }
        for split in work == .segmenter ? [split, settings.data.validation] : [split] {
            if let problem = try opened.problem(with: settings.data, split: split) { problems.append(problem) }
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

/// The data sets of a plan's runs, each opened once: reading an instances file of COCO takes its time.
private struct OpenedData {
    private var outcomes: [(data: DataSettings, split: String, problem: InputError?)] = []

    /// What is wrong with a split's list or instances file; pseudo labels, which other runs make, do not count.
    mutating func problem(with data: DataSettings, split: String) throws -> InputError? {
        let source = data.source
        if let known = outcomes.first(where: { $0.split == split && $0.data == source }) { return known.problem }
        let problem = try problem(opening: source, split)
        outcomes.append((source, split, problem))
        return problem
    }

    private func problem(opening data: DataSettings, _ split: String) throws -> InputError? {
        do {
            _ = try data.dataset(split: split)
            return nil
        } catch let error as InputError {
            return error
        }
    }
}

extension DataSettings {
    /// The settings that say where the images and boxes are, all others as they are by default.
    fileprivate var source: DataSettings {
        var source = DataSettings()
        (source.root, source.format, source.annotations, source.images) = (root, format, annotations, images)
        source.classes = classes
        return source
    }
}
