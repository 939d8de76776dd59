import FileAccess
package import TensorCore

/// What became of a file's tensors and of a network's.
package struct LoadingReport: Equatable, Sendable {
    /// Tensors of the network that the file set.
    package var found: [String] = []
    /// Tensors of the network that the file lacks.
    package var missing: [String] = []
    /// Tensors of the file, under its names, that the network does not have.
    package var leftOver: [String] = []
    /// The classifier, where the file's is of another number of classes: it keeps what was drawn for it.
    package var redrawn: String?
    /// Whether tensors were found under torchvision's names.
    package var isTorchvisions = false
    /// Which of the file's tensors were taken, if it has several sets of them.
    package var origin: String?
}

/// What a weight file is loaded as.
package enum WeightPurpose: Sendable {
    /// To train from: tensors may be missing.
    case start
    /// A model that was trained by this program: every tensor must be there.
    case model
}

extension ParameterArena {
    /// Sets the tensors of a network, and its running statistics, from a file.
    ///
    /// Trunk tensors that the file sets are no longer new. The classifier and the head of DeepLab v2 always are, even
    /// where the file sets them. Nothing is set unless everything fits.
    ///
    /// - Throws: `InputError` listing by name the tensors of another shape, those that are not finite and, for a
    ///   model, those that are missing; or if the file has nothing that the network wants.
    package func load(_ file: any WeightFile, as purpose: WeightPurpose) throws -> LoadingReport {
        let (pairs, report) = try match(file, as: purpose)
        try check(pairs, report, of: file, as: purpose)
        for (parameter, entry) in pairs {
            let elements = try file.floats(of: entry)
            elements.withUnsafeBufferPointer { source in
                if let base = source.baseAddress { parameter.setValue(fileOrder: base) }
            }
            parameter.isPretrained = parameter.name.hasPrefix("backbone.")
        }
        return report
    }

    private typealias Pair = (parameter: Parameter, entry: TensorEntry)

    /// Whether a file's classifier has the network's features, but not its classes.
    private func isOfOtherClasses(_ parameter: Parameter, _ entry: TensorEntry) -> Bool {
        parameter.name == "classifier.weight" && entry.shape.count == parameter.fileShape.count
            && entry.shape[0] != parameter.fileShape[0] && entry.shape.dropFirst() == parameter.fileShape.dropFirst()
    }

    private func match(_ file: any WeightFile, as purpose: WeightPurpose) throws -> ([Pair], LoadingReport) {
        let map = NameMap(fileNames: file.tensors.map(\.name))
        let wanted = Set((parameters + statistics).map(\.name))
        var entries: [String: TensorEntry] = [:]
        var report = LoadingReport()
        report.origin = file.origin
        for entry in file.tensors {
            let name = map.name(for: entry.name)
            if map.recognize(entry.name)?.naming == .torchvision { report.isTorchvisions = true }
            guard wanted.contains(name) else {
                report.leftOver.append(entry.name)
                continue
            }
            if let other = entries.updateValue(entry, forKey: name) {
                throw InputError(
                    "\(listed([other.name])) and \(listed([entry.name])) both mean \(name)", file: file.path,
                    remedy: "keep one")
            }
        }
        var pairs: [Pair] = []
        for parameter in parameters + statistics {
            if let entry = entries[parameter.name] {
                if purpose == .start && isOfOtherClasses(parameter, entry) {
                    report.redrawn =
                        "\(listed([entry.name])) of \(entry.shape[0]) classes in place of \(parameter.fileShape[0])"
                    continue
                }
                pairs.append((parameter, entry))
                report.found.append(parameter.name)
            } else {
                report.missing.append(parameter.name)
            }
        }
        return (pairs, report)
    }

    private func check(
        _ pairs: [Pair], _ report: LoadingReport, of file: any WeightFile, as purpose: WeightPurpose
    ) throws {
        guard !pairs.isEmpty else { throw nothingFits(file) }
        let misfits = pairs.filter { $0.parameter.fileShape != $0.entry.shape }
        if let (parameter, entry) = misfits.first {
            let others = misfits.count > 1 ? ", and \(misfits.count - 1) more do not fit" : ""
            throw InputError(
                "\(listed([entry.name])) is \(describe(entry.shape)), the network wants \(parameter.fileShape)\(others)",
                file: file.path,
                remedy: "is it of another network? compare model.trunk, model.width, model.fc and the classes")
        }
        guard purpose == .start || report.missing.isEmpty else {
            throw InputError(
                "lacks \(listed(report.missing))", file: file.path,
                remedy: "is it of another network? compare model.trunk, model.fc and model.head")
        }
        let broken = try pairs.filter { try !file.floats(of: $0.entry).allSatisfy(\.isFinite) }
        guard broken.isEmpty else {
            throw InputError(
                "NaN or infinity in \(listed(broken.map(\.entry.name)))", file: file.path, remedy: "get a sound copy")
        }
    }

    private func nothingFits(_ file: any WeightFile) -> InputError {
        let names = listed(file.tensors.map(\.name))
        let origin = file.origin.map { "; these are \($0)" } ?? ""
        return InputError(
            "none of its \(file.tensors.count) tensors belongs to the network (\(names)\(origin))", file: file.path,
            remedy: "compare model.trunk with what the file holds: bana weights inspect")
    }
}
