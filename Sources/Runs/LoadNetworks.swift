package import Configuration
import FileAccess
package import Networks
package import Segmentation
import Weights

extension Session {
    /// The network of stage 1 with trained weights.
    ///
    /// - Parameter classes: that it knows, the background included.
    /// - Throws: `InputError` naming the file and what in it does not fit.
    package func loadClassifier(_ model: ModelSettings, classes: Int) throws -> BoxClassifier {
        let network = model.makeClassifier(classes: classes)
        _ = try advising("train a classifier to the end first, or correct model.weights") {
            try network.arena.load(try openModel(model.weights ?? "", of: .trainClassifier), as: .model)
        }
        return network
    }

    /// The network of stage 3 with the weights of `path`, ready to be applied as `evaluate:` says.
    ///
    /// - Parameters:
    ///   - classes: that it knows, the background included.
    ///   - usesCRF: whether the dense CRF refines its results.
    /// - Throws: `InputError` naming the file and what in it does not fit.
    package func loadSegmenter(
        _ settings: RunConfiguration, weights path: String, classes: Int, usesCRF: Bool = true
    ) throws -> Segmenter {
        let network = settings.model.makeSegmenter(classes: classes)
        _ = try advising("give the model.safetensors of a trained segmenter") {
            try network.arena.load(try openModel(path, of: .trainSegmenter), as: .model)
        }
        let options = Segmenter.Options(
            scales: settings.evaluate.scales, mirrors: settings.evaluate.flip,
            temperature: Float(settings.model.temperature), crf: usesCRF ? settings.evaluate.crf : nil)
        return Segmenter(network, options, inferenceContext(settings.model))
    }
}

extension RunFolder {
    /// The folder that a file lies in.
    fileprivate init(holding file: String) {
        let folder = parentFolder(of: file)
        self.init(folder.isEmpty ? "." : folder)
    }
}

/// The key of a model's metadata that names the command which trained it.
package let trainedBy = "trained_by"

/// Opens a model, and makes sure that `command` trained it: the tensors of both stages have the same names and shapes.
///
/// The file says so itself, or else the run that it lies in; where neither does, it may be any.
private func openModel(_ path: String, of command: Command) throws -> any WeightFile {
    let file = try openWeights(path)
    let maker = file.metadata[trainedBy] ?? RunFolder(holding: path).command?.rawValue
    let trainings = [Command.trainClassifier, .trainSegmenter].map(\.rawValue)
    guard let maker, maker != command.rawValue, trainings.contains(maker) else { return file }
    let isSegmenter = command == .trainClassifier
    let (kind, use) = isSegmenter ? ("segmenter", "bana predict") : ("classifier", "bana label")
    throw InputError(
        "this is the model of a \(kind) (bana \(maker)), which \(use) wants", file: path,
        remedy: "give one that bana \(command.rawValue) has trained")
}

extension RunConfiguration {
    /// The settings under which a model was trained, with the model as start weights: what is needed to apply it.
    ///
    /// They are those that its run folder keeps; where the file stands alone, the defaults.
    ///
    /// - Parameter path: a file of weights, or the folder of a run.
    /// - Throws: `InputError` if the kept settings cannot be read.
    package init(ofModel path: String) throws {
        let file = isDirectory(path) ? join(path, "model.safetensors") : path
        try refuseStream(file)
        let kept = RunFolder(holding: file).configuration
        do {
            self = try exists(kept) ? RunConfiguration(yaml: String(decoding: readFile(kept), as: UTF8.self)) : .init()
        } catch let error as InputError {
            throw error.inFile(kept)
        }
        model.weights = file
        model.classes = model.classes ?? data.classes
    }
}
