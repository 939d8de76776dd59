import Communication
package import Configuration
import Datasets
import FileAccess
import Foundation
import Logging
import Reports
package import Runs
import TensorCore

/// Reads all of a data set and prints everything that is wrong with it, a line each (`bana data check`).
///
/// Ranks and threads share the work. Warnings and notes, of which none need be changed, are printed after them.
///
/// - Throws: `InputError` with the number of problems, if there are any.
package func checkData(_ settings: RunConfiguration, _ session: Session) throws -> RunEnd {
    var check = DataCheck(settings.data, session)
    for split in settings.data.splitsToCheck { try check.add(split) }
    guard try !session.isStopping else { return .stopped }
    return try check.finish()
}

/// What is found as split after split is read.
private struct DataCheck {
    private let data: DataSettings
    private let session: Session
    /// Everything that was printed, so that an image in two lists is complained of once.
    private var printed: Set<String> = []
    private var notes: [String: (first: Diagnostic, count: Int)] = [:]
    private var seen: Set<String> = []
    private var splits: [String] = []
    private var damagedImages = 0

    init(_ data: DataSettings, _ session: Session) { (self.data, self.session) = (data, session) }

    private var problems: Int { printed.count }

    /// Reads the images of a split that were in none before.
    mutating func add(_ split: String) throws {
        var found: [Diagnostic] = []
        let dataset: any Dataset
        do {
            dataset = try data.dataset(split: split) { found.append($0) }
        } catch let error as InputError {
            return say(found.map(\.finding) + [error])
        }
        say(found.map(\.finding))
        note(dataset.warnings)
        let images = (0..<dataset.count).filter { seen.insert(dataset.id(at: $0)).inserted }
        splits.append("\(counted(images.count, "image")) of \(data.hasSplits ? split : data.annotations ?? "")")
        let mine = try inspect(dataset, Array(images[session.communicator.slice(of: images.count)]))
        let all = try session.communicator.allGather(try encoded(mine)).flatMap(decoded)
        for image in all {
            if !image.errors.isEmpty { damagedImages += 1 }
            say(image.errors)
            note(image.filter { $0.severity < .error })
        }
        if split == data.validation, data.hasSplits { sayMissingTruth(dataset) }
    }

    /// The summary, and an error if there was a problem.
    func finish() throws -> RunEnd {
        guard session.communicator.isRoot || problems > 0 else { return .finished }
        if session.communicator.isRoot {
            for (first, count) in notes.values.sorted(by: { "\($0.first)" < "\($1.first)" }) {
                print("\(first.severity): \(first)" + (count > 1 ? " (and \(count - 1) more like it)" : ""))
            }
            print(
                "\(splits.joined(separator: ", ")): \(counted(problems, "problem")) in \(counted(damagedImages, "image"))"
            )
        }
        // All ranks have heard of all problems; one message is enough.
        guard problems > 0, session.communicator.isRoot else { return .finished }
        let them = problems == 1 ? "it" : "them"
        throw InputError("the data set has \(counted(problems, "problem"))", remedy: "mend \(them), then train")
    }

    private func inspect(_ dataset: any Dataset, _ images: [Int]) throws -> [[Diagnostic]] {
        let progress = session.communicator.isRoot ? ProgressLine("reading", total: images.count) : nil
        let contents: SampleContents = data.labels.crf == nil && data.labels.ret == nil ? .boxes : [.boxes, .labels]
        var inspections = [[Diagnostic]](repeating: [], count: images.count)
        for start in stride(from: 0, to: images.count, by: 64) where !StopRequest.isRaised {
            let block = start..<min(start + 64, images.count)
            inspections.withUnsafeMutableBufferPointer { slots in
                // Each chunk writes the slot of its own image.
                session.pool.parallelFor(block.count) { chunk in
                    slots[start + chunk] = dataset.inspect(at: images[start + chunk], contents)
                }
            }
            progress?.update(done: block.upperBound)
        }
        progress?.clear()
        return inspections.filter { !$0.isEmpty }
    }

    private mutating func say(_ found: [InputError]) {
        for problem in found where printed.insert("\(problem)").inserted && session.communicator.isRoot {
            print("\(problem)")
        }
    }

    private mutating func note(_ diagnostics: [Diagnostic]) {
        for diagnostic in diagnostics { notes[diagnostic.finding.problem, default: (diagnostic, 0)].count += 1 }
    }

    /// Where some images of the validation list have a map of true classes, all must.
    private mutating func sayMissingTruth(_ dataset: any Dataset) {
        let missing = (0..<dataset.count).filter { !dataset.hasTruth(at: $0) }
        guard missing.count < dataset.count else { return }
        var found: [Diagnostic] = []
        for index in missing { found.attempt { try dataset.truth(at: index) } }
        say(found.errors)
    }
}

extension DataSettings {
    fileprivate var splitsToCheck: [String] { hasSplits && validation != split ? [split, validation] : [split] }
}

// MARK: - Between ranks

private func encoded(_ inspections: [[Diagnostic]]) throws -> String {
    String(decoding: try JSONEncoder().encode(inspections), as: UTF8.self)
}

private func decoded(_ text: String) throws -> [[Diagnostic]] {
    try JSONDecoder().decode([[Diagnostic]].self, from: Data(text.utf8))
}
