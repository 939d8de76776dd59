import FileAccess
import Layers

extension RunConfiguration {
    /// Checks what one key asks of another when `command` is run.
    ///
    /// - Throws: `InputError` naming the key, its value and what to do.
    package func validate(for command: Command) throws {
        try validateData()
        switch command {
        case .trainClassifier:
            try validateClasses()
        case .label:
            guard model.weights != nil else {
                throw missing("model.weights", "give the model.safetensors of a trained classifier")
            }
        case .trainSegmenter:
            try validateClasses()
            try validateHead()
            try validateLabels()
        case .evaluateSegmenter:
            try validateClasses()
            try validateHead()
        case .predict:
            try validateHead()
        case .checkData:
            break
        }
    }

    private func validateData() throws {
        guard data.format == .coco || data.annotations != nil || data.images != nil else { return }
        let (boxes, set) =
            data.format == .coco ? ("instances file", "COCO set") : ("folder of XML files", "set")
        if data.annotations == nil { throw missing("data.annotations", "name the \(boxes) of this \(set)") }
        if data.images == nil { throw missing("data.images", "name the folder of images of this \(set)") }
    }

    /// Only labelling may use a network that knows other classes than the data has.
    private func validateClasses() throws {
        guard let known = model.classes, known != data.classes else { return }
        throw InputError(
            "is \(known.text), but data.classes is \(data.classes.text)", at: "model.classes",
            remedy: "remove it: only bana label takes other classes than the data's")
    }

    private func validateHead() throws {
        let fits = model.trunk.isVGG ? Head.largeFOV : .aspp
        guard model.head != fits else { return }
        throw InputError(
            "\(model.head.text) does not fit model.trunk \(model.trunk.text)", at: "model.head",
            remedy: "set it to \(fits.text), or choose another trunk")
    }

    private func validateLabels() throws {
        if loss.kind != .retrievalLabels, data.labels.crf == nil {
            throw missing("data.labels.crf", "give the folder Y_crf that bana label wrote")
        }
        if loss.kind != .crfLabels, data.labels.ret == nil {
            throw missing("data.labels.ret", "give the folder Y_ret that bana label wrote")
        }
    }

    private func missing(_ key: String, _ remedy: String) -> InputError {
        InputError("is missing", at: key, remedy: remedy)
    }
}
