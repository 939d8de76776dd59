import FileAccess

extension COCOInstances {
    /// Groups the objects by image, in one pass of counting.
    mutating func arrange(
        _ found: [Object], _ report: (Diagnostic) throws -> Void, _ refuse: (InputError) throws -> Void
    ) throws {
        let positions = try imagePositions(refuse)
        let known = Set(categories.map(\.id))
        var (kept, problems): ([(object: Int, image: Int)], Diagnostics) = ([], Diagnostics())
        var seen: Set<Int> = []
        for (index, object) in found.enumerated() {
            if let problem = problem(object, positions, known) {
                let problem = located(problem, object)
                faults[object.image] = faults[object.image] ?? problem
                try problems.add(problem, report)
            } else if let image = positions[object.image] {
                kept.append((index, image))
                if !seen.insert(object.id).inserted {
                    let finding = InputError("a second annotation of this number", remedy: "number them anew")
                    try report(Diagnostic(.warning, located(finding, object)))
                }
            }
        }
        if kept.isEmpty, let first = problems.first { throw first.none(of: "annotations", found.count) }
        firstObject = [Int](repeating: 0, count: images.count + 1)
        for (_, image) in kept { firstObject[image + 1] += 1 }
        for image in images.indices { firstObject[image + 1] += firstObject[image] }
        var (next, order) = (firstObject, [Int](repeating: 0, count: kept.count))
        for (object, image) in kept {
            order[next[image]] = object
            next[image] += 1
        }
        objects = order.map { found[$0] }
    }

    private func problem(_ object: Object, _ images: [Int: Int], _ categories: Set<Int>) -> InputError? {
        if images[object.image] == nil { return InputError("there is no image \(object.image)") }
        return categories.contains(object.category) ? nil : InputError("there is no category \(object.category)")
    }

    /// The position of every image by its number.
    private mutating func imagePositions(_ refuse: (InputError) throws -> Void) throws -> [Int: Int] {
        var (kept, positions, names): ([Image], [Int: Int], Set<String>) = ([], [:], [])
        for image in images {
            if positions[image.id] != nil || !names.insert(image.fileName).inserted {
                try refuse(
                    InputError(
                        "image \(image.id), \(shortened(image.fileName)), is there twice", file: file,
                        at: "image \(image.id)", remedy: "keep one"))
            } else {
                positions[image.id] = kept.count
                kept.append(image)
            }
        }
        images = kept
        return positions
    }

    /// Keeps the first category of each number.
    mutating func arrange(
        _ found: [Category], usedBy objects: [Object], _ report: (Diagnostic) throws -> Void,
        _ refuse: (InputError) throws -> Void
    ) throws {
        var first: [Int: Category] = [:]
        for category in found {
            guard let other = first[category.id] else {
                first[category.id] = category
                continue
            }
            let names = other.name == category.name ? "" : ", as \(quoted(other.name)) and \(quoted(category.name))"
            let finding = InputError(
                "category \(category.id) is there twice" + names, file: file, at: "category \(category.id)",
                remedy: "keep one")
            let isClear = names.isEmpty || !objects.contains { $0.category == category.id }
            if isClear { try report(Diagnostic(.warning, finding)) } else { try refuse(finding) }
        }
        categories = first.values.sorted { $0.id < $1.id }
    }
}

/// Reports errors, and keeps the first.
struct Diagnostics {
    private(set) var first: InputError?

    mutating func add(_ error: InputError, _ report: (Diagnostic) throws -> Void) throws {
        first = first ?? error
        try report(Diagnostic(.error, error))
    }
}

extension InputError {
    /// The same error, said to be the first of those that leave nothing of a list.
    func none(of list: String, _ count: Int) -> InputError {
        var copy = self
        if count > 1 { copy.problem += "; none of the \(count) records of \"\(list)\" can be used" }
        return copy
    }
}
