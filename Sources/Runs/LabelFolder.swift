import Communication
package import Configuration
import FileAccess
import ImageFiles
package import PseudoLabels

/// The folder that labels go to: a folder for each kind, and `labels.json`, which says what made them.
package struct LabelFolder {
    package let path: String
    package let outputs: [LabelOutput]

    /// - Parameter outputs: the kinds of maps that are made.
    package init(path: String, outputs: [LabelOutput]) { (self.path, self.outputs) = (path, outputs) }

    /// What made the labels.
    package var record: String { join(path, "labels.json") }

    /// The map of one kind for one image.
    package func file(_ output: LabelOutput, _ id: String) -> String {
        join(join(path, output.rawValue), id + ".png")
    }

    /// Makes the folder that of `wanted`, or checks that it already is.
    ///
    /// - Parameter isShared: whether other jobs may be writing to the folder now.
    /// - Throws: `InputError` saying what differs from what made the labels that are there, or that nobody knows.
    package func claim(_ wanted: OutputRecord, restart: Bool, isShared: Bool) throws {
        if restart { try forget() }
        try refuseUnknownLabels()
        for output in outputs {
            try advising("choose another --run") { try makeFolder(join(path, output.rawValue)) }
        }
        for folder in [path, previews] + outputs.map({ join(path, $0.rawValue) }) {
            try removeUnfinishedFiles(in: folder, evenOfOthers: !isShared)
        }
        WorkQueue.removeAbandoned(in: path, isShared: isShared)
        try wanted.claim(record, for: .label, what: "labels", elsewhere: "choose another --run, or ")
    }

    /// Labels whose record is lost may be of any weights.
    private func refuseUnknownLabels() throws {
        guard !exists(record) else { return }
        for output in LabelOutput.allCases {
            let folder = join(path, output.rawValue)
            guard let name = try? fileNames(in: folder).first(where: { $0.hasSuffix(".png") }) else { continue }
            throw InputError(
                "labels are here (\(output.rawValue)/\(name)), but not the record of what made them", file: record,
                remedy: "bring it back, choose another --run, or make them anew with --restart")
        }
    }

    /// Pictures of the first images with their labels.
    package var previews: String { join(path, "previews") }

    /// Whether all maps of an image are there, and whole.
    package func isComplete(_ id: String) -> Bool { outputs.allSatisfy { PNGLook(file($0, id)) != nil } }

    /// Whether the maps of an image were made of something else than `source`, or are no maps of an image of this size.
    ///
    /// Those that do not say what they were made of are of an earlier version.
    package func isStale(_ id: String, source: UInt32?, size: (width: Int, height: Int)?) -> Bool {
        outputs.contains { output in
            let path = file(output, id)
            if let stamp = PNGLook(path)?.stamp, let source, stamp != source { return true }
            guard let size, let own = try? imageSize(of: path) else { return false }
            return own != size
        }
    }

    /// Whether all maps of an image that hold classes are there, and whole.
    package func hasLabels(_ id: String) -> Bool { labels.allSatisfy { PNGLook(file($0, id)) != nil } }

    /// Forgets what is made of all labels together, before some of these change: whatever is there is of those that are.
    package func forgetInstances() throws {
        for output in LabelOutput.allCases { try removeItem(instances(output)) }
    }

    /// Writes an image's maps.
    ///
    /// - Parameter source: tells what they were made of.
    package func write(_ maps: PseudoLabelMaps, _ id: String, source: UInt32?) throws {
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
            let path = file(output, id)
            try output.holdsClasses ? map.write(to: path, stamp: source) : map.writeGrey(to: path, stamp: source)
        }
    }

    /// The kinds of maps here that hold classes.
    package var labels: [LabelOutput] { outputs.filter(\.holdsClasses) }

    /// COCO's results file made of the maps of one kind; that of the first kind has the plain name.
    package func instances(_ output: LabelOutput) -> String {
        join(path, output == labels.first ? "instances.json" : "instances_\(output.rawValue).json")
    }

    /// The record goes last: labels whose removal was interrupted are still known for what they are.
    private func forget() throws {
        try removeItem(previews)
        for output in LabelOutput.allCases { try removeItem(join(path, output.rawValue)) }
        try forgetInstances()
        try removeItem(record)
    }
}
