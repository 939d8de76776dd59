import Communication
import Configuration
import FileAccess
import Foundation
import ImageFiles
import PseudoLabels

/// The folder that labels go to: a folder for each kind, and `labels.json`, which says what made them.
struct LabelFolder {
    let path: String
    let outputs: [LabelOutput]

    /// What made the labels.
    var record: String { join(path, "labels.json") }

    /// The map of one kind for one image.
    func file(_ output: LabelOutput, _ id: String) -> String {
        join(join(path, output.rawValue), id + ".png")
    }

    /// Makes the folder that of `wanted`, or checks that it already is.
    ///
    /// - Parameter isShared: whether other jobs may be writing to the folder now.
    /// - Throws: `InputError` saying what differs from what made the labels that are there.
    func claim(_ wanted: OutputRecord, restart: Bool, isShared: Bool) throws {
        if restart { try forget() }
        for output in outputs {
            try advising("choose another --run") { try makeFolder(join(path, output.rawValue)) }
            if !isShared { try removeUnfinishedFiles(in: join(path, output.rawValue)) }
        }
        WorkQueue.removeAbandoned(in: path, isShared: isShared)
        try wanted.claim(record, for: .label, what: "labels", elsewhere: "choose another --run, or ")
    }

    /// Whether all maps of an image are there.
    func isComplete(_ id: String) -> Bool { outputs.allSatisfy { exists(file($0, id)) } }

    /// Whether all maps of an image that hold classes are there.
    func hasLabels(_ id: String) -> Bool { labels.allSatisfy { exists(file($0, id)) } }

    /// Writes an image's maps.
    func write(_ maps: PseudoLabelMaps, _ id: String) throws {
        for output in outputs {
            let pixels =
                switch output {
                case .attention: maps.attention
                case .classScore: maps.classScore
                case .crf: maps.crf
                case .retrieval: maps.retrieval
                case .agreement: maps.agreement
                case .confidence: maps.confidence
                }
            let map = LabelMap(width: maps.width, height: maps.height, pixels: pixels)
            try output.holdsClasses ? map.write(to: file(output, id)) : map.writeGrey(to: file(output, id))
        }
    }

    /// The kinds of maps here that hold classes.
    var labels: [LabelOutput] { outputs.filter(\.holdsClasses) }

    /// COCO's results file made of the maps of one kind; that of the first kind has the plain name.
    func instances(_ output: LabelOutput) -> String {
        join(path, output == labels.first ? "instances.json" : "instances_\(output.rawValue).json")
    }

    /// The record goes last: labels whose removal was interrupted are still known for what they are.
    private func forget() throws {
        for output in LabelOutput.allCases { try removeItem(join(path, output.rawValue)) }
        for output in labels { try removeItem(instances(output)) }
        try removeItem(record)
    }
}
