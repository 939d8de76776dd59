import FileAccess
package import Foundation

/// A file of `torch.save`: a zip archive of a pickle, which names the tensors, and of their elements.
///
/// The tensors are those of the saved dictionary or, where it has none of its own, of the one dictionary in it that has:
/// checkpoints put their weights beside the epoch and the optimizer's state. Nothing in the file is executed.
package struct PyTorchFile: WeightFile {
    package let path: String
    package let tensors: [TensorEntry]
    private let contents: [String: Stored]

    /// A tensor's elements where they lie.
    private struct Stored {
        /// From the first element to the last.
        let bytes: Data
        let strides: [Int]
    }

    /// Checks all of a file's contents; `path` is for messages.
    ///
    /// - Throws: `InputError` saying what is wrong with the archive or what it holds beside tensors.
    package init(_ data: Data, path: String) throws {
        self.path = path
        do {
            let archive = try ZipArchive(data)
            guard let root = archive.files.keys.sorted().first(where: { $0.hasSuffix("/data.pkl") })?.dropLast(8),
                let pickle = archive.files[root + "data.pkl"]
            else {
                throw InputError("is a zip archive, but none of torch.save", remedy: "give a file of weights")
            }
            if let order = archive.files[root + "byteorder"], order != Data("little".utf8) {
                throw InputError("was written by a big-endian machine", remedy: "write it again on this one")
            }
            var machine = PickleMachine(pickle)
            let saved = try namedTensors(in: try machine.run(), machine.containers)
            var (entries, contents): ([TensorEntry], [String: Stored]) = ([], [:])
            for (name, tensor) in saved {
                let storage = archive.files["\(root)data/\(tensor.storage.key)"]
                let bytes = try tensor.bytes(in: storage, named: name)
                let entry = TensorEntry(name: name, shape: tensor.shape, type: tensor.type, bytes: 0..<bytes.count)
                guard contents.updateValue(Stored(bytes: bytes, strides: tensor.strides), forKey: name) == nil else {
                    throw InputError("is there twice", at: name)
                }
                entries.append(entry)
            }
            (self.tensors, self.contents) = (entries, contents)
        } catch let error as InputError {
            throw error.inFile(path)
        }
    }

    package func floats(of tensor: TensorEntry) throws -> [Float] {
        guard let stored = contents[tensor.name], let floats = stored.bytes.withUnsafeBytes(tensor.type.floats) else {
            throw tensor.notFloats(in: path)
        }
        if floats.isEmpty || stored.strides == rowMajorStrides(of: tensor.shape) { return floats }
        return gather(floats, tensor.shape, stored.strides)
    }
}

// MARK: - The saved object

/// A key of a dictionary with its value.
private typealias Item = (key: String, value: PickleValue)
private typealias NamedTensor = (name: String, tensor: PickledTensor)

/// The tensors of a dictionary, or of the only one with tensors that it holds, in the order of the file.
private func namedTensors(in value: PickleValue, _ containers: [PickleContainer]) throws -> [NamedTensor] {
    guard let saved = dictionary(value, containers) else {
        throw InputError(
            "holds no dictionary of tensors", remedy: "save the weights: torch.save(model.state_dict(), path)")
    }
    let own = tensors(of: saved)
    guard own.isEmpty else { return own }
    let inner = saved.map { (key: $0.key, tensors: tensors(of: dictionary($0.value, containers) ?? [])) }
        .filter { !$0.tensors.isEmpty }
    guard inner.count < 2 else {
        let keys = inner.map(\.key).joined(separator: ", ")
        throw InputError("holds several sets of tensors: \(keys)", remedy: "save one of them to a file of its own")
    }
    return inner.first?.tensors ?? []
}

private func tensors(of items: [Item]) -> [NamedTensor] {
    items.compactMap { item in if case .tensor(let tensor) = item.value { (item.key, tensor) } else { nil } }
}

/// What has a text as its key; `nil` if the value is no dictionary.
private func dictionary(_ value: PickleValue, _ containers: [PickleContainer]) -> [Item]? {
    guard case .container(let index) = value, containers[index].isDictionary else { return nil }
    let items = containers[index].items
    return stride(from: 0, to: items.count, by: 2).compactMap { place in
        if case .text(let key) = items[place] { (key, items[place + 1]) } else { nil }
    }
}

// MARK: - Elements

extension PickledTensor {
    /// The bytes from its first element to its last.
    ///
    /// - Throws: `InputError` if they do not lie within the storage.
    fileprivate func bytes(in storage: Data?, named name: String) throws -> Data {
        guard let storage else {
            throw InputError("its elements, data/\(self.storage.key), are missing", at: name, remedy: "copy it again")
        }
        guard let count = product(shape), strides.count == shape.count, offset >= 0, let reach = reach(count) else {
            throw InputError("has an impossible shape \(shape.prefix(8))", at: name, remedy: "get a sound copy")
        }
        let available = storage.count / type.size
        let (end, overflow) = offset.addingReportingOverflow(reach)
        guard !overflow, end <= available, count <= available else {
            throw InputError(
                "\(shape) elements of \(type.rawValue) do not fit into data/\(self.storage.key), of \(storage.count) bytes",
                at: name, remedy: "get a sound copy")
        }
        return storage.dropFirst(offset * type.size).prefix(reach * type.size)
    }

    /// Elements from the first to the last; `nil` for strides that no memory has.
    private func reach(_ count: Int) -> Int? {
        guard count > 0 else { return 0 }
        var last = 0
        for (extent, step) in zip(shape, strides) {
            let (distance, overflow) = (extent - 1).multipliedReportingOverflow(by: step)
            let (sum, overflowed) = last.addingReportingOverflow(distance)
            guard step >= 0, !overflow, !overflowed, sum < Int.max / 16 else { return nil }
            last = sum
        }
        return last + 1
    }
}

/// The number of elements of a shape; `nil` if no `Int` can hold it.
private func product(_ shape: [Int]) -> Int? {
    shape.reduce(1) { product, extent in
        guard let product, extent >= 0 else { return nil }
        let (result, overflow) = product.multipliedReportingOverflow(by: extent)
        return overflow ? nil : result
    }
}

private func rowMajorStrides(of shape: [Int]) -> [Int] {
    var (strides, step) = ([Int](), 1)
    for extent in shape.reversed() {
        strides.insert(step, at: 0)
        step *= max(1, extent)
    }
    return strides
}

/// The elements in row-major order.
private func gather(_ floats: [Float], _ shape: [Int], _ strides: [Int]) -> [Float] {
    var positions = [0]
    for (extent, step) in zip(shape, strides) {
        positions = positions.flatMap { start in (0..<extent).map { start + $0 * step } }
    }
    return positions.map { floats[$0] }
}
