internal import Annotations
internal import Communication
package import Configuration
internal import Datasets
internal import DenseCRF
internal import FileAccess
internal import ImageFiles
internal import Logging
internal import Networks
internal import PseudoLabels
internal import Reports
internal import TensorCore
internal import Training
internal import Weights

/// Stage 2: makes pseudo labels of every image of a split (`bana label`).
///
/// The images are dealt out to the ranks in turn. Each label file is complete or absent; images that have theirs are
/// skipped. An image that cannot be labelled does not stop the others.
///
/// - Throws: `InputError` for bad settings, and in the end if images could not be labelled.
package func makeLabels(
    _ settings: RunConfiguration, in folder: String, restart: Bool, _ session: Session
) throws -> RunEnd {
    let run = try LabelRun(settings, folder, session)
    if session.communicator.isRoot { try run.claim(restart: restart) }
    try session.communicator.barrier()
    return try run.labelAll()
}

/// One labelling of one split.
private struct LabelRun {
    let settings: RunConfiguration
    let folder: LabelFolder
    let session: Session
    let dataset: any Dataset
    let network: BoxClassifier
    let labeler: PseudoLabeler

    init(_ settings: RunConfiguration, _ folder: String, _ session: Session) throws {
        (self.settings, self.session) = (settings, session)
        dataset = try settings.data.dataset(split: settings.label.split ?? settings.data.split)
        let known = try (settings.model.classes ?? settings.data.classes).list()
        let network = try settings.model.makeClassifier(classes: known.count)
        let path = settings.model.weights ?? ""
        _ = try advising("train a classifier to the end first, or correct model.weights") {
            try network.arena.load(try openWeights(path), as: .model)
        }
        self.network = network
        self.folder = LabelFolder(path: folder, outputs: settings.label.outputs)
        let weights = ClassWeights(
            rows: network.weight.value, channels: network.weight.fileShape[1],
            rowOfClass: dataset.classes.indices(in: known))
        labeler = PseudoLabeler(
            try settings.label.options, weights, workspace: session.workspace, pool: session.pool)
    }

    /// Makes the folder that of these settings and weights, or checks that it is.
    func claim(restart: Bool) throws {
        let weights = checksum(try readFile(settings.model.weights ?? ""))
        let yaml = settings.whatLabelsDependOn.resolvedYAML(for: .label)
        try folder.claim(LabelRecord(settings: yaml, weights: weights), restart: restart)
        try RunFolder(folder.path).record(.label, settings, note: session.provenance)
    }

    func labelAll() throws -> RunEnd {
        let communicator = session.communicator
        let mine = stride(from: communicator.rank, to: dataset.count, by: communicator.size)
        let progress = communicator.isRoot ? ProgressLine("labelling", total: dataset.count) : nil
        var tally = LabelTally()
        var remarks = RemarkLog(session.logger)
        for remark in dataset.remarks { session.logger.notice("\(remark)") }
        for index in mine where !StopRequest.isRaised {
            do {
                try label(index, &tally, &remarks)
            } catch let error as InputError {
                tally.failed += 1
                session.logger.error("\(dataset.id(at: index)): \(error)")
            }
            progress?.update(done: min(dataset.count, index + communicator.size))
        }
        return try finish(tally)
    }

    private func label(_ index: Int, _ tally: inout LabelTally, _ remarks: inout RemarkLog) throws {
        let id = dataset.id(at: index)
        if folder.isComplete(id) {
            tally.skipped += 1
            return
        }
        let sample = try dataset.load(at: index, .boxes)
        remarks.say(sample.remarks)
        let maps = try labeler.label(AnnotatedImage(sample), features: features(of: sample.image))
        try folder.write(maps, id)
        tally.made += 1
    }

    private func features(of image: RGBImage) -> Tensor {
        let input = session.workspace.tensor(Shape(1, image.height, image.width, 3))
        settings.data.normalization.apply(to: image, into: input.data)
        return network.features(input, session.inferenceContext)
    }

    private func finish(_ tally: LabelTally) throws -> RunEnd {
        let isStopping = StopRequest.isRaised ? 1.0 : 0
        let sums = try session.communicator.sum([
            Double(tally.made), Double(tally.skipped), Double(tally.failed), isStopping,
        ])
        session.logger.notice(
            "labelled \(Int(sums[0])) images, \(Int(sums[1])) had their labels, \(Int(sums[2])) failed")
        if sums[3] > 0 {
            session.logger.notice("stopped; the same command goes on")
            return .stopped
        }
        guard sums[2] == 0 else {
            throw InputError(
                "\(Int(sums[2])) images could not be labelled", remedy: "mend them and run the same command again")
        }
        return .finished
    }
}

/// What became of a rank's images.
private struct LabelTally {
    var made = 0
    var skipped = 0
    var failed = 0
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

extension LabelSettings {
    fileprivate var options: LabelOptions {
        get throws {
            LabelOptions(
                background: background == .attention ? .attention : .classMap,
                foreground: foreground == .cam ? .classMap : .classAgnostic, threshold: Float(bgThreshold), grid: 1,
                crf: try crf.parameters)
        }
    }
}

extension CRFSettings {
    /// The parameters of the dense CRF.
    ///
    /// - Throws: `InputError` if they are none.
    var parameters: CRFParameters {
        get throws {
            try CRFParameters(numbers.map { Float($0) })
        }
    }

    /// The five numbers of the config.
    var numbers: [Double] { [bilateralWeight, bilateralXY, bilateralRGB, spatialWeight, spatialXY] }
}
