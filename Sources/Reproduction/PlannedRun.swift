import Configuration
import FileAccess
import Runs

/// An ordinary run of a stage that figures are measured on.
struct PlannedRun: Equatable {
    /// Which stage.
    enum Work: String {
        case classifier = "train classifier"
        case labels = "label"
        case segmenter = "train segmenter"

        var command: Command {
            switch self {
            case .classifier: .trainClassifier
            case .labels: .label
            case .segmenter: .trainSegmenter
            }
        }
    }

    /// The name of its folder.
    let name: String
    let work: Work
    let settings: RunConfiguration
    let folder: String
    /// The runs whose results it begins with.
    let needs: [String]

    /// What a training leaves.
    var model: String { RunFolder(folder).model }

    /// The images it works on.
    var split: String {
        work == .labels ? settings.label.split ?? settings.data.split : settings.data.split
    }

    /// What it does, in words.
    var summary: String {
        switch work {
        case .classifier, .segmenter: "\(work.rawValue), \(settings.solver.iterations) iterations"
        case .labels: settings.data.format == .coco ? "label the COCO set" : "label \(split)"
        }
    }

    /// Whether another run would do just the same.
    func isSame(as other: PlannedRun) -> Bool {
        work == other.work && settings.differences(from: other.settings, for: work.command).isEmpty
    }
}

/// The runs that a reproduction consists of, in the order in which they can be made.
struct Plan {
    private(set) var runs: [PlannedRun] = []

    /// Takes up a run, or finds the one that does the same.
    mutating func add(_ run: PlannedRun) -> PlannedRun {
        if let same = runs.first(where: run.isSame) { return same }
        runs.append(run)
        return run
    }

    subscript(_ name: String) -> PlannedRun? { runs.first { $0.name == name } }
}
