import FileAccess
package import Foundation

/// A file of `torch.save`: a pickle, which names the tensors, and their elements; in a zip archive or, before PyTorch 1.6,
/// one after the other.
///
/// Where what was saved has several dictionaries of tensors, the model's is chosen (`ChosenTensors`). Nothing in the file
/// is executed.
package struct PyTorchFile: WeightFile {
    package let path: String
    package let tensors: [TensorEntry]
    package let origin: String?
    private let contents: [String: StridedElements]

    /// Whether a file begins as one of `torch.save`.
    static func isOne(_ data: Data) -> Bool {
        data.starts(with: [0x50, 0x4B, 3, 4]) || SavedObject.isStream(data)
    }

    /// Checks the contents of a file as far as they belong to its tensors; `path` is for messages.
    ///
    /// - Throws: `InputError` saying what is wrong with the file or what it holds in place of tensors.
    package init(_ data: Data, path: String) throws {
        self.path = path
        do {
            let saved =
                try SavedObject.isStream(data) ? SavedObject(stream: data) : SavedObject(archive: data)
            let chosen = try ChosenTensors(in: saved)
            try checkThatAllAreRead(chosen.set, saved.containers)
            let contents = try elements(of: chosen.set, in: saved)
            tensors = chosen.set.tensors.map { name, tensor in
                TensorEntry(
                    name: name, shape: tensor.shape, type: tensor.type, bytes: 0..<(contents[name]?.bytes.count ?? 0))
            }
            (self.contents, origin) = (contents, chosen.origin)
        } catch let error as InputError {
            throw error.inFile(path)
        }
    }

    package func floats(of tensor: TensorEntry) throws -> [Float] {
        guard let stored = contents[tensor.name], let floats = stored.bytes.withUnsafeBytes(tensor.type.floats) else {
            throw tensor.notFloats(in: path)
        }
        return stored.inRowMajorOrder(floats)
    }
}

/// - Throws: `InputError` for a tensor that a network would want, but that is of a kind that is not read.
private func checkThatAllAreRead(_ set: TensorSet, _ containers: [PickleContainer]) throws {
    let map = NameMap(fileNames: set.tensors.map(\.name))
    for (key, value) in set.items {
        guard case .container(let index) = value, case .object(let name) = containers[index].kind,
            map.recognize(key) != nil
        else { continue }
        throw InputError(
            "is no plain tensor, but of \(shortened(name, limit: 80))", at: shortened(key, limit: 80),
            remedy: "save it as a dense tensor of floats")
    }
}

/// The elements of each tensor; a storage that several share is read once.
private func elements(of set: TensorSet, in saved: SavedObject) throws -> [String: StridedElements] {
    var (contents, storages) = ([String: StridedElements](), [String: Data]())
    for (name, tensor) in set.tensors {
        let (key, place) = (tensor.storage.key, shortened(name, limit: 80))
        guard let storage = try storages[key] ?? saved.elements(key) else {
            throw InputError(
                "its elements, storage \(shortened(key)), are missing", at: place, remedy: "copy it again")
        }
        storages[key] = storage
        let elements = try StridedElements(of: tensor, in: storage, named: place)
        guard contents.updateValue(elements, forKey: name) == nil else { throw InputError("is there twice", at: place) }
    }
    return contents
}
