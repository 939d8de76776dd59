import FileAccess
import Foundation

/// What `torch.save` wrote: the pickled object, and the elements that its tensors are views into.
struct SavedObject {
    /// The object.
    let value: PickleValue
    /// What its containers hold.
    let containers: [PickleContainer]
    /// The bytes of a storage; `nil` if the file has none of this key.
    let elements: (_ key: String) throws -> Data?
}

// MARK: - Since PyTorch 1.6

extension SavedObject {
    /// Reads the zip archive of today's `torch.save`.
    ///
    /// - Throws: `InputError` saying what is wrong with the archive or its pickle.
    init(archive data: Data) throws {
        let archive = try ZipArchive(data)
        let names = archive.names
        guard let name = names.first(where: { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }),
            let pickle = try archive.contents(of: name)
        else { throw notPyTorch(names) }
        let root = name.dropLast("data.pkl".count)
        if let order = try archive.contents(of: root + "byteorder"), order != Data("little".utf8) { throw bigEndian }
        var machine = PickleMachine(pickle)
        value = try machine.run()
        containers = machine.containers
        elements = { key in try archive.contents(of: "\(root)data/\(key)") }
    }
}

/// Says what a zip archive of other files looks like.
private func notPyTorch(_ names: [String]) -> InputError {
    let files = names.filter { !$0.hasSuffix("/") }
    let look: FileLook? =
        if let inner = files.first(where: { name in weightExtensions.contains { name.hasSuffix($0) } }) {
            FileLook("\(shortened(inner, limit: 80)) packed", "unpack it (unzip)")
        } else if !files.isEmpty && files.allSatisfy({ $0.hasSuffix(".npy") }) {
            FileLook("NumPy's npz", "write its arrays by name with safetensors.numpy.save_file")
        } else if files.contains("model.weights.h5") || files.contains("config.json") {
            FileLook("a model of Keras", "write its tensors by name as safetensors")
        } else {
            nil
        }
    return InputError(
        "is a zip archive, but none of torch.save" + (look.map { ": it looks like \($0.what)" } ?? ""),
        remedy: (look?.remedy.map { $0 + ": " } ?? "") + wantedWeights)
}

private let weightExtensions = [".pth", ".pt", ".ckpt", ".safetensors", ".pth.tar", ".bin"]
private let bigEndian = InputError("was written by a big-endian machine", remedy: "write it again on this one")

// MARK: - Before PyTorch 1.6

/// Where the pickle of the number that older files begin with has it: after its protocol and, in later ones, a frame.
private let oldMagic: [UInt8] = [0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

extension SavedObject {
    /// Whether a file begins as those of `torch.save` did before PyTorch 1.6.
    static func isStream(_ data: Data) -> Bool {
        data.first == 0x80 && data.prefix(32).range(of: Data(oldMagic)) != nil
    }

    /// Reads the format before archives: pickles of a number, a version, the machine, the object and the storages' keys,
    /// one after the other; then, in the order of the keys, each storage's count in 64 bits and its elements.
    ///
    /// - Throws: `InputError` saying what is wrong with a pickle, or that a storage is cut off.
    init(stream data: Data) throws {
        var machine = PickleMachine(data)
        func next() throws -> PickleValue {
            machine = PickleMachine(data, at: machine.position)
            return try machine.run()
        }
        _ = try machine.run()
        guard case .int(1001) = try next() else {
            throw InputError("is of an unknown version of torch.save's format", remedy: "write it with a newer PyTorch")
        }
        let writer = try next()
        for case ("little_endian", .bool(false)) in dictionary(writer, machine.containers) ?? [] { throw bigEndian }
        value = try next()
        containers = machine.containers
        let classes = machine.storages
        let list = try next()
        let keys = try machine.items(of: list)
        var reader = ByteReader(data, at: machine.position)
        var storages: [String: Data] = [:]
        for key in keys {
            guard case .text(let key) = key else { throw machine.damaged("a storage without a name") }
            let count = try reader.integer(Int64.self)
            let (size, overflow) = count.multipliedReportingOverflow(by: try elementSize(of: key, classes))
            guard !overflow, size >= 0, let bytes = try? reader.take(size) else {
                throw InputError(
                    "ends within storage \(shortened(key)), at byte \(data.count)", remedy: "copy it again")
            }
            storages[key] = bytes
        }
        elements = { [storages] key in storages[key] }
    }
}

private func elementSize(of key: String, _ classes: [String: String]) throws -> Int {
    guard let name = classes[key], let size = PickledStorage.elementSize(name) else {
        let what = classes[key].map { " of the unknown type \(shortened($0))" } ?? ", of which nothing is told"
        throw InputError("has a storage \(shortened(key))\(what)", remedy: "write it again with a newer PyTorch")
    }
    return size
}

/// What has a text as its key; `nil` if the value is no dictionary.
func dictionary(_ value: PickleValue, _ containers: [PickleContainer]) -> [(key: String, value: PickleValue)]? {
    guard case .container(let index) = value, containers[index].kind != .sequence else { return nil }
    let items = containers[index].items
    return stride(from: 0, to: items.count, by: 2).compactMap { place in
        if case .text(let key) = items[place] { (key, items[place + 1]) } else { nil }
    }
}
