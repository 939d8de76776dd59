package import Annotations
import Communication
package import Configuration
package import Datasets
import FileAccess
import ImageFiles
import Logging
import Networks
package import PseudoLabels
import Reports
import RunReports
package import Runs
import TensorCore

/// Stage 2: makes pseudo labels of every image of a split (`bana label`).
///
/// The images are dealt out to the ranks as these become free, the largest first. Each label file is complete or absent;
/// images that have theirs are skipped. An image that cannot be labelled does not stop the others. For a COCO set the
/// boxes' masks go to `instances.json` in the end.
///
/// - Parameters:
///   - shard: the part of the images that this job makes; other jobs make the others in the same folder.
///   - previews: number of images, from the first, of which pictures with boxes and labels are drawn.
/// - Throws: `InputError` for bad settings, and in the end if images could not be labelled.
package func makeLabels(
    _ settings: RunConfiguration, in folder: String, restart: Bool, shard: Shard? = nil, previews: Int = 0,
    _ session: Session
) throws -> RunEnd {
    let run = try LabelRun(try session.resolved(settings), folder, shard, session)
    if session.communicator.isRoot { try run.claim(restart: restart) }
    try session.communicator.barrier()
    guard try run.labelAll() == .finished else { return .stopped }
    try run.drawPreviews(previews)
    return .finished
}

/// A trained classifier that makes labels of one image after the other.
package struct ImageLabeler {
    private let network: BoxClassifier
    private let labeler: PseudoLabeler
    private let normalization: ColorNormalization
    private let context: StepContext
    private let session: Session

    /// - Parameter classes: of the boxes; those that the network does not know are labelled by the background alone.
    /// - Throws: `InputError` for weights that do not fit the settings.
    package init(_ settings: RunConfiguration, classes: ClassList, _ session: Session) throws {
        let known = settings.model.classes ?? settings.data.classes
        network = try session.loadClassifier(settings.model, classes: known.count)
        let weights = ClassWeights(
            rows: network.weight.value, channels: network.weight.fileShape[1], rowOfClass: classes.indices(in: known))
        labeler = PseudoLabeler(settings.label.options, weights, workspace: session.workspace, pool: session.pool)
        (normalization, self.session) = (settings.data.normalize, session)
        context = session.inferenceContext(settings.model)
    }

    /// The labels of an image with boxes.
    ///
    /// - Throws: `InputError` for an image that the CRF cannot refine.
    package func label(_ sample: Sample) throws -> PseudoLabelMaps {
        let features = network.features(session.input(sample.image, normalization), context)
        return try labeler.label(AnnotatedImage(sample), features: features)
    }
}

/// A part of a collection, for job arrays: images `index - 1`, `index - 1 + count`, ... of the list.
package struct Shard: Equatable, Sendable {
    /// From 1.
    package let index: Int
    package let count: Int

    /// Reads `3/8`: the third of eight parts; `nil` for anything else.
    package init?(_ text: String) {
        let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let index = numbers[0], let count = numbers[1], index >= 1, index <= count else {
            return nil
        }
        (self.index, self.count) = (index, count)
    }

    /// Which of `total` images belong to the part.
    func images(of total: Int) -> [Int] { Array(stride(from: index - 1, to: total, by: count)) }
}

/// One labelling of one split.
struct LabelRun {
    let settings: RunConfiguration
    let folder: LabelFolder
    let session: Session
    let dataset: any Dataset
    private let shard: Shard?
    private let labeler: ImageLabeler
    /// Keeps other jobs from the folder, or from this shard.
    private let lock: FolderLock?

    init(_ settings: RunConfiguration, _ folder: String, _ shard: Shard?, _ session: Session) throws {
        (self.settings, self.shard, self.session) = (settings, shard, session)
        dataset = try settings.data.dataset(split: settings.label.split ?? settings.data.split)
        labeler = try ImageLabeler(settings, classes: dataset.classes, session)
        self.folder = LabelFolder(path: folder, outputs: settings.label.outputs)
        lock = try session.lock(folder, part: shard.map { "\($0.index)-of-\($0.count)" })
    }

    /// Makes the folder that of these settings and weights, or checks that it is.
    func claim(restart: Bool) throws {
        let weights = checksum(try readFile(settings.model.weights ?? ""))
        let yaml = settings.whatLabelsDependOn.resolvedYAML(for: .label)
        try folder.claim(OutputRecord(settings: yaml, weights: weights), restart: restart, isShared: shard != nil)
        try RunFolder(folder.path).record(.label, settings, note: session.provenance)
    }

    /// Labels what is not labelled yet; all ranks together.
    func labelAll() throws -> RunEnd {
        let all = shard?.images(of: dataset.count) ?? Array(0..<dataset.count)
        let wanted = try pending(of: all)
        if session.communicator.isRoot && !wanted.isEmpty { try folder.forgetInstances() }
        let queue = try WorkQueue(count: wanted.count, in: folder.path, session.communicator)
        let progress = session.communicator.isRoot ? ProgressLine("labelling", total: wanted.count) : nil
        var tally = LabelTally(images: wanted.count)
        var warnings = WarningLog(session.logger)
        for warning in dataset.warnings { session.logger.notice("\(warning)") }
        while !StopRequest.isRaised, let place = try queue.next() {
            do {
                try label(wanted[place], &warnings)
                tally.made += 1
            } catch let error as InputError {
                tally.hasFailed[place] = 1
                session.logger.error("\(dataset.id(at: wanted[place])): \(error)")
            }
            progress?.update(done: place + 1)
        }
        let summary = try LabelSummary(tally, session)
        queue.close()
        return try finish(summary, wanted, all)
    }

    /// The images without labels, the largest first, so that no rank begins a large one when the others are done.
    ///
    /// Each rank looks at a part of them.
    private func pending(of images: [Int]) throws -> [Int] {
        var areas = [Double](repeating: 0, count: images.count)
        var stale = 0.0
        for place in session.communicator.slice(of: images.count) {
            let isStale = isStale(images[place])
            guard isStale || !folder.isComplete(dataset.id(at: images[place])) else { continue }
            if isStale { stale += 1 }
            areas[place] = Double(dataset.area(at: images[place]) + 1)
        }
        areas = try session.communicator.allReduce(areas)
        stale = try session.communicator.allReduce([stale])[0]
        if stale > 0 {
            let images = counted(Int(stale), "image")
            session.logger.warning(
                "\(images) changed, or the boxes did, since the labels were made: they are made anew")
        }
        return images.indices.filter { areas[$0] > 0 }
            .sorted { (-areas[$0], $0) < (-areas[$1], $1) }.map { images[$0] }
    }

    /// Whether the labels that are there were made of another image or of other boxes.
    private func isStale(_ index: Int) -> Bool {
        let id = dataset.id(at: index)
        guard folder.isComplete(id) else { return false }
        return folder.isStale(id, source: dataset.fingerprint(at: index), size: dataset.size(at: index))
    }

    private func label(_ index: Int, _ warnings: inout WarningLog) throws {
        let sample = try dataset.load(at: index, .boxes)
        warnings.log(sample.warnings)
        try folder.write(try labeler.label(sample), sample.id, source: dataset.fingerprint(at: index))
    }

    private func finish(_ summary: LabelSummary, _ wanted: [Int], _ all: [Int]) throws -> RunEnd {
        let failed = wanted.indices.filter { summary.hasFailed[$0] }.map { dataset.id(at: wanted[$0]) }
        for line in summary.lines(skipped: all.count - wanted.count, failed: failed) {
            session.logger.notice("\(line)")
        }
        if summary.isStopping {
            session.logger.notice("stopped; the same command goes on")
            return .stopped
        }
        try writeInstances()
        guard failed.isEmpty else {
            throw InputError(
                "\(failed.count) images could not be labelled", remedy: "mend them and run the same command again")
        }
        return .finished
    }

    /// Whether all images of all shards have their labels.
    var isWhole: Bool { shard == nil || (0..<dataset.count).allSatisfy { folder.isComplete(dataset.id(at: $0)) } }
}

extension AnnotatedImage {
    fileprivate init(_ sample: Sample) {
        let image = sample.image
        let mask =
            sample.backgroundMask?.pixels
            ?? Annotations.backgroundMask(sample.boxes, width: image.width, height: image.height)
        self.init(
            width: image.width, height: image.height, pixels: image.pixels, boxes: sample.boxes, backgroundMask: mask)
    }
}

extension RunConfiguration {
    /// The settings without those that make no difference to an image's labels.
    fileprivate var whatLabelsDependOn: RunConfiguration {
        var copy = self
        copy.data = DataSettings()
        copy.data.classes = data.classes
        copy.data.normalize = data.normalize
        copy.model.weights = nil
        copy.label.split = nil
        copy.label.outputs = LabelSettings().outputs
        return copy
    }
}
