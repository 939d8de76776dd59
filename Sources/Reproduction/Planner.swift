import Configuration
import FileAccess
import Layers

/// Makes the chains of runs that cells need out of the stages' configs: classifier, labels, segmenter.
///
/// Cells share runs: one that would do the same as another is that other one.
final class Planner {
    /// Which images are labelled.
    enum Part { case training, validation }

    /// Why a cell stays empty.
    struct Missing: Error { let reason: String }

    let configuration: ReproductionConfiguration
    private(set) var plan = Plan()
    private let folder: String
    private let stages: Stages

    /// Reads the stages' configs.
    ///
    /// - Throws: `InputError` naming the config that cannot be read, or none of them.
    init(_ configuration: ReproductionConfiguration, in folder: String) throws {
        (self.configuration, self.folder) = (configuration, folder)
        stages = try Stages(configuration)
        guard stages.classifier != nil, stages.labels != nil else {
            throw InputError(
                "the config names no \(stages.classifier == nil ? "classifier" : "labels")",
                remedy: "every figure needs `classifier: {config: FILE}` and `labels: {config: FILE}`")
        }
    }

    /// A trained classifier: as configured, or changed.
    func classifier(_ name: String = "bap", _ change: (inout ModelSettings) -> Void = { _ in }) throws -> PlannedRun {
        var settings = try stages.classifier.required("classifier")
        change(&settings.model)
        return try add("classifier-\(name)", .classifier, settings)
    }

    /// Labels of one part of the images by a classifier.
    func labels(
        _ part: Part, by classifier: PlannedRun, _ name: String = "", _ change: (inout LabelSettings) -> Void = { _ in }
    ) throws -> PlannedRun {
        var settings = try stages.labels.required("labels")
        settings.model.weights = classifier.model
        let split = part == .training ? settings.label.split ?? settings.data.split : settings.data.validation
        settings.label.split = split
        settings.label.outputs = LabelOutput.labels
        change(&settings.label)
        let words = ["labels", classifier.variant, name, split].filter { !$0.isEmpty }
        return try add(words.joined(separator: "-"), .labels, settings, after: [classifier])
    }

    /// Labels of the COCO set by the classifier as configured.
    func cocoLabels() throws -> PlannedRun {
        let classifier = try self.classifier()
        var settings = try stages.coco.required("coco")
        settings.model.weights = classifier.model
        settings.model.classes = settings.model.classes ?? classifier.settings.data.classes
        settings.label.outputs = [.crf, .retrieval]
        return try add("coco-labels", .labels, settings, after: [classifier])
    }

    /// A trained segmenter, v1 or v2: with a loss, and as configured or changed in all else.
    func segmenter(
        _ loss: SegmentationLoss.Kind, v2: Bool = false, _ name: String = "",
        _ change: (inout RunConfiguration) -> Void = { _ in }
    ) throws -> PlannedRun {
        let version = v2 ? "segmenter_v2" : "segmenter"
        var settings = try (v2 ? stages.segmenterV2 : stages.segmenter).required(version)
        let classifier = try self.classifier()
        let labels = try self.labels(.training, by: classifier)
        settings.data.labels.crf = join(labels.folder, LabelOutput.crf.rawValue)
        settings.data.labels.ret = join(labels.folder, LabelOutput.retrieval.rawValue)
        let start = v2 ? configuration.segmenterV2.start : configuration.segmenter.start
        if start == .classifier { settings.model.weights = classifier.model }
        settings.loss.kind = loss
        change(&settings)
        let words = ["segmenter", v2 ? "v2" : "", loss.rawValue, name].filter { !$0.isEmpty }
        return try add(words.joined(separator: "-"), .segmenter, settings, after: [classifier, labels])
    }

    /// Figures of a run, or the reason why there is no such run.
    func cell(_ names: [String], of run: () throws -> PlannedRun) throws -> PlannedTable.Cell {
        do {
            return .figures(run: try run().name, names: names)
        } catch let missing as Missing {
            return .none(reason: missing.reason)
        }
    }

    private func add(
        _ name: String, _ work: PlannedRun.Work, _ settings: RunConfiguration, after needs: [PlannedRun] = []
    ) throws -> PlannedRun {
        do {
            try settings.validate(for: work.command)
        } catch let error as InputError {
            throw error.inFile(name)
        }
        return plan.add(
            PlannedRun(
                name: name, work: work, settings: settings, folder: join(folder, name), needs: needs.map(\.name)))
    }
}

extension PlannedRun {
    /// `bap`, of the classifier `classifier-bap`.
    fileprivate var variant: String { String(name.dropFirst("classifier-".count)) }
}

extension RunConfiguration? {
    fileprivate func required(_ key: String) throws -> RunConfiguration {
        guard let self else { throw Planner.Missing(reason: "the config names no \(key)") }
        return self
    }
}

/// The stages' configs with their overrides, shortened to the budget.
private struct Stages {
    let classifier: RunConfiguration?
    let labels: RunConfiguration?
    let segmenter: RunConfiguration?
    let segmenterV2: RunConfiguration?
    let coco: RunConfiguration?

    init(_ wanted: ReproductionConfiguration) throws {
        func read(_ config: String?, _ overrides: [String]) throws -> RunConfiguration? {
            guard let config else { return nil }
            var settings = try named(config) {
                try RunConfiguration(contentsOf: config, overrides: overrides, for: .checkData)
            }
            settings.solver.shorten(to: wanted.budget)
            return settings
        }
        classifier = try read(wanted.classifier.config, wanted.set + wanted.classifier.set)
        labels = try read(wanted.labels.config, wanted.set + wanted.labels.set)
        segmenter = try read(wanted.segmenter.config, wanted.set + wanted.segmenter.set)
        segmenterV2 = try read(wanted.segmenterV2.config, wanted.set + wanted.segmenterV2.set)
        coco = try read(wanted.coco.config, wanted.coco.set)
    }
}

/// The result of `body`; where the config of a stage is not there, the error says who names it.
private func named<Result>(_ config: String, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch var error as InputError where error.file == config && !exists(config) {
        error.remedy = "the reproduction's config names it; such paths are sought from the working folder"
        throw error
    }
}

extension SolverSettings {
    /// Trains for a part of the iterations, the learning rate falling at the same parts of the way.
    fileprivate mutating func shorten(to part: Double) {
        guard part < 1 else { return }
        let shortened = { (count: Int) in Int((Double(count) * part).rounded()) }
        iterations = max(1, shortened(iterations))
        schedule.milestones = Set(schedule.milestones.map(shortened)).sorted()
    }
}
