package import Configuration
import FileAccess
import Foundation
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
            try network.arena.load(try openWeights(model.weights ?? ""), as: .model)
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
            try network.arena.load(try openWeights(path), as: .model)
        }
        let options = Segmenter.Options(
            scales: settings.evaluate.scales, mirrors: settings.evaluate.flip,
            temperature: Float(settings.model.temperature), crf: usesCRF ? settings.evaluate.crf : nil)
        return Segmenter(network, options, inferenceContext(settings.model))
    }
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
        let folder = (file as NSString).deletingLastPathComponent
        let kept = RunFolder(folder.isEmpty ? "." : folder).configuration
        do {
            self = try exists(kept) ? RunConfiguration(yaml: String(decoding: readFile(kept), as: UTF8.self)) : .init()
        } catch let error as InputError {
            throw error.inFile(kept)
        }
        model.weights = file
        model.classes = model.classes ?? data.classes
    }
}
