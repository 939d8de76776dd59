import FileAccess

extension COCOInstances {
    /// The classes that the categories make, in the order of their numbers.
    ///
    /// A category that no box has is left out where its name cannot be a class's (empty, the background's, that of
    /// another), and if there are more categories than classes can be.
    ///
    /// - Throws: `InputError` naming the category of a box whose name cannot be a class's.
    package func classes() throws -> ClassList {
        let used = categoriesOfBoxes
        let taken = Set(categories.filter { used.contains($0.id) }.map(\.name))
        var (kept, names): ([Category], Set<String>) = ([], [])
        for category in categories {
            let isUsed = used.contains(category.id)
            let problem = ClassList.problem(withNew: category.name) ?? repetition(category, names)
            if let problem, isUsed { throw located(problem, category) }
            guard problem == nil, isUsed || !taken.contains(category.name) else { continue }
            names.insert(category.name)
            kept.append(category)
        }
        if kept.count > ClassList.limit { kept.removeAll { !used.contains($0.id) } }
        if kept.isEmpty { throw InputError("no category with a name", file: file, remedy: "name the classes") }
        do {
            return try ClassList(kept.map(\.name))
        } catch let error as InputError {
            throw error.inFile(file)
        }
    }

    private func repetition(_ category: Category, _ names: Set<String>) -> InputError? {
        guard names.contains(category.name) else { return nil }
        return InputError(
            "another category has the name \(quoted(category.name)) too",
            remedy: "give --classes (data.classes) to make one class of them, or rename one")
    }

    private func located(_ problem: InputError, _ category: Category) -> InputError {
        var copy = problem.inFile(file)
        copy.place = "category \(category.id)"
        return copy
    }
}
