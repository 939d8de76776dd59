import FileAccess

/// A dictionary with tensors in what was saved.
struct TensorSet {
    typealias Item = (key: String, value: PickleValue)

    /// The keys that lead to it; none for the outermost.
    let path: [String]
    let items: [Item]
    /// Those of its values that are tensors.
    let tensors: [(name: String, tensor: PickledTensor)]
    /// How many of them have names that networks here know.
    let recognized: Int

    /// Names under which programs keep their weights, the likeliest first.
    static let wellKnownKeys = [
        "state_dict", "model_state_dict", "model_state", "model", "net", "network", "weights", "module", "params",
    ]

    init?(path: [String], items: [Item]) {
        let tensors = items.compactMap { item in
            if case .tensor(let tensor) = item.value { (name: item.key, tensor: tensor) } else { nil }
        }
        guard !tensors.isEmpty else { return nil }
        let map = NameMap(fileNames: tensors.map(\.name))
        recognized = tensors.count { $0.tensor.type.isFloat && map.recognize($0.name) != nil }
        (self.path, self.items, self.tensors) = (path, items, tensors)
    }

    /// How messages name it.
    var title: String { path.isEmpty ? "the outermost dictionary" : quoted(path.joined(separator: "/"), limit: 80) }

    /// Places in the list of well-known keys, from the outermost key.
    private var rank: [Int] {
        let unknown = TensorSet.wellKnownKeys.count
        return path.isEmpty ? [unknown] : path.map { TensorSet.wellKnownKeys.firstIndex(of: $0) ?? unknown }
    }

    /// Whether this is rather the model than another set is: by the names that are known, the key, and the size.
    fileprivate func isBetter(than other: TensorSet) -> Bool {
        if recognized != other.recognized { return recognized > other.recognized }
        if rank != other.rank { return rank.lexicographicallyPrecedes(other.rank) }
        return tensors.count > other.tensors.count
    }
}

/// The set of tensors that is the model, and how it was chosen.
struct ChosenTensors {
    let set: TensorSet
    /// Where it was found; `nil` where that is what one expects.
    let origin: String?

    /// Chooses among the dictionaries of a saved object: checkpoints put the weights beside the epoch, the optimizer's
    /// state, and averages of the weights.
    ///
    /// Taken is the dictionary with the most names that networks here know; of equals the one under the first of the
    /// well-known keys; of equals the one with the most tensors; of equals the first.
    ///
    /// - Throws: `InputError` saying what it holds, if no dictionary has tensors.
    init(in saved: SavedObject) throws {
        let sets = tensorSets(in: saved)
        guard var best = sets.first else { throw noTensors(saved) }
        for set in sets.dropFirst() where set.isBetter(than: best) { best = set }
        let rivals = sets.filter { $0.path != best.path && 2 * $0.tensors.count >= best.tensors.count }
        let others = rivals.isEmpty ? "" : ", not of \(listed(rivals.map(\.title)) { $0 })"
        origin = best.path.isEmpty && rivals.isEmpty ? nil : "tensors of \(best.title)\(others)"
        set = best
    }
}

/// Nobody nests deeper, but a hostile pickle.
private let maxDepth = 8

/// All dictionaries with tensors, the outermost first.
private func tensorSets(in saved: SavedObject) -> [TensorSet] {
    var sets: [TensorSet] = []
    walk(saved) { path, index in
        if let items = dictionary(.container(index), saved.containers), let set = TensorSet(path: path, items: items) {
            sets.append(set)
        }
    }
    return sets
}

/// Visits the object's dictionaries and lists and those in them, each once, the outermost first.
private func walk(_ saved: SavedObject, _ visit: (_ path: [String], _ container: Int) -> Void) {
    var (level, seen) = ([(path: [String](), value: saved.value)], Set<Int>())
    while !level.isEmpty {
        var next: [(path: [String], value: PickleValue)] = []
        for (path, value) in level {
            guard case .container(let index) = value, seen.insert(index).inserted else { continue }
            visit(path, index)
            guard path.count < maxDepth else { continue }
            next += children(saved.containers[index]).map { (path + [$0.key], $0.value) }
        }
        level = next
    }
}

/// The containers in a container, by key or by number.
private func children(_ container: PickleContainer) -> [(key: String, value: PickleValue)] {
    let items = container.items
    let pairs: [(key: String, value: PickleValue)] =
        container.kind == .sequence
        ? items.enumerated().map { (String($0.offset), $0.element) }
        : stride(from: 0, to: items.count, by: 2).map { (key(items[$0]), items[$0 + 1]) }
    return pairs.filter { if case .container = $0.value { true } else { false } }
}

private func key(_ value: PickleValue) -> String {
    switch value {
    case .text(let text): text
    case .int(let number): String(number)
    default: "?"
    }
}

/// What is thrown for a file without a dictionary of tensors.
private func noTensors(_ saved: SavedObject) -> InputError {
    var objects: [(path: [String], name: String)] = []
    walk(saved) { path, index in
        if case .object(let name) = saved.containers[index].kind { objects.append((path, name)) }
    }
    let remedy = "save the weights: torch.save(model.state_dict(), path)"
    switch saved.value {
    case .name(let name): return moreThanTensors(name)
    case .tensor: return InputError("holds one tensor without a name, no dictionary of tensors", remedy: remedy)
    default: break
    }
    guard let object = objects.first else { return InputError("holds no dictionary of tensors", remedy: remedy) }
    if object.path.isEmpty { return moreThanTensors(object.name) }
    let (key, name) = (quoted(object.path.joined(separator: "/")), shortened(object.name, limit: 80))
    return InputError(
        "holds no dictionary of tensors, but \(key), an object of \(name); nothing of it was run", remedy: remedy)
}
