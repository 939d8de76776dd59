import Annotations
import Communication
import Configuration
import Evaluation
import FileAccess
import ImageFiles
import Logging
package import Runs

/// How pixels count, in the scores that a JSON file has at its top, that a prediction leaves open (255).
package enum UndecidedPixels: String, CaseIterable, Sendable {
    /// As if they had no truth.
    case ignored
    /// As misses of their true class.
    case wrong
}

/// Scores a folder of label maps against a folder of true ones (`bana evaluate labels`).
///
/// - Parameters:
///   - classes: `voc`, `coco`, or names separated by commas.
///   - json: a file for the scores.
/// - Throws: `InputError` naming a map that is missing, damaged, of another size, or with labels out of range.
package func evaluateLabels(
    predictions: String, truth: String, list: String, classes: String, undecided: UndecidedPixels, json: String?,
    _ session: Session
) throws -> RunEnd {
    let classes = try classList(classes)
    let ids = try uniqueIDs(list, session)
    let (predictions, truth) = (DataFolder(predictions, ["png"]), DataFolder(truth, ["png"]))
    var matrix = ConfusionMatrix(classCount: classes.count)
    var binary = BinaryTruth()
    let end = try session.forEachOwnImage(of: ids.count, "scoring") { index in
        let id = ids[index]
        try advising(remedyForEnding(of: id) ?? "make it, or take it out of the list") {
            try matrix.add(prediction: predictions.map(of: id), truth: truth.map(of: id), &binary)
        }
    }
    guard end == .finished else { return .stopped }
    matrix = try session.allReduce(matrix)
    try binary.check(matrix, place: truth.path, session)
    guard session.communicator.isRoot else { return .finished }
    guard let scores = LabelScores(matrix, classes.names, undecided) else {
        throw InputError("no pixel has a truth", file: truth.path, remedy: "the true maps hold nothing but 255")
    }
    print(scores.table)
    if let json { try writeScores(scores, to: json) }
    return .finished
}

/// The scores of label maps; where these leave pixels open, by both readings of what that means.
private struct LabelScores: Encodable {
    private let asked: SegmentationScores
    /// Both readings, where they differ.
    private let readings: (ignored: SegmentationScores, wrong: SegmentationScores)?

    /// `nil` if no pixel has a truth.
    init?(_ matrix: ConfusionMatrix, _ names: [String], _ undecided: UndecidedPixels) {
        let ignored = matrix.scores(classNames: names, missing: .ignored)
        guard let wrong = matrix.scores(classNames: names, missing: .wrong) else { return nil }
        guard let chosen = undecided == .wrong ? wrong : ignored else { return nil }
        asked = chosen
        readings = matrix.undecided > 0 ? ignored.map { ($0, wrong) } : nil
    }

    var table: String {
        guard let readings else { return asked.table }
        return SegmentationScores.table([("open left out", readings.ignored), ("open wrong", readings.wrong)])
    }

    private enum Keys: String, CodingKey { case ignored = "undecided_ignored", wrong = "undecided_wrong" }

    /// The reading that was asked for stands at the top; both stand below where they differ.
    func encode(to encoder: any Encoder) throws {
        try asked.encode(to: encoder)
        guard let readings else { return }
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(readings.ignored, forKey: .ignored)
        try container.encode(readings.wrong, forKey: .wrong)
    }
}

extension ConfusionMatrix {
    /// Counts one image on disk.
    fileprivate mutating func add(prediction: String, truth: String, _ binary: inout BinaryTruth) throws {
        let (predicted, real) = (try LabelMap(contentsOf: prediction), try LabelMap(contentsOf: truth))
        guard (predicted.width, predicted.height) == (real.width, real.height) else {
            throw InputError(
                "\(predicted.width)x\(predicted.height) pixels, its truth \(real.width)x\(real.height)",
                file: prediction, remedy: "the two must be maps of the same image")
        }
        binary.look(at: real.pixels)
        try add(predicted.pixels, named: prediction, truth: real.pixels, named: truth)
    }
}

/// The ids of a list, each once: one that is counted twice would weigh twice.
private func uniqueIDs(_ list: String, _ session: Session) throws -> [String] {
    var repeated: [Diagnostic] = []
    let ids = try ImageList(contentsOf: list) { diagnostic in
        try diagnostic.throwIfError()
        repeated.append(diagnostic)
    }.ids
    if let first = repeated.first {
        session.logger.warning("\(first); of \(counted(repeated.count, "repeated id")) each counts once")
    }
    var seen: Set<String> = []
    return ids.filter { seen.insert($0).inserted }
}

extension DataFolder {
    /// `ID.png`, whatever the case of its ending.
    fileprivate func map(of id: String) -> String {
        let usual = join(path, id + ".png")
        return exists(usual) ? usual : join(path, names(of: id).first ?? id + ".png")
    }
}

private func classList(_ text: String) throws -> ClassList {
    switch text {
    case "voc": .voc
    case "coco": .coco
    default: try ClassList(ClassList.names(in: text))
    }
}
