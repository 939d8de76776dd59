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
        var entries: [String: TensorEntry] = [:]
        var hasTorchvisionNames = false
        for entry in file.tensors {
            let name = map.name(for: entry.name)
            if map.recognize(entry.name)?.naming == .torchvision { hasTorchvisionNames = true }
            if let other = entries.updateValue(entry, forKey: name) {
                throw InputError(
                    "\(other.name) and \(entry.name) both mean \(name)", file: file.path, remedy: "keep one")
            }
        }
        var report = LoadingReport()
        report.isTorchvisions = hasTorchvisionNames
        var pairs: [Pair] = []
        for parameter in parameters + statistics {
            if let entry = entries.removeValue(forKey: parameter.name) {
                if purpose == .start && isOfOtherClasses(parameter, entry) {
                    report.redrawn = "\(entry.name) of \(entry.shape[0]) classes in place of \(parameter.fileShape[0])"
                    continue
                }
                pairs.append((parameter, entry))
                report.found.append(parameter.name)
            } else {
                report.missing.append(parameter.name)
            }
        }
        report.leftOver = file.tensors.map(\.name).filter { entries[map.name(for: $0)] != nil }
        return (pairs, report)
    }

    private func check(
        _ pairs: [Pair], _ report: LoadingReport, of file: any WeightFile, as purpose: WeightPurpose
    ) throws {
        let misfits = pairs.filter { $0.parameter.fileShape != $0.entry.shape }
        guard misfits.isEmpty else {
            let list = misfits.map {
                "\($0.entry.name) is \($0.entry.shape), the network wants \($0.parameter.fileShape)"
            }
            throw InputError(
                list.joined(separator: ", "), file: file.path,
                remedy: "is it of another network? compare model.trunk, model.width, model.fc and the classes")
        }
        guard purpose == .start || report.missing.isEmpty else {
            throw InputError(
                "lacks \(report.missing.joined(separator: ", "))", file: file.path,
                remedy: "is it of another network? compare model.trunk, model.fc and model.head")
        }
        guard !pairs.isEmpty else {
            let examples = report.leftOver.prefix(3).joined(separator: ", ")
            throw InputError(
                "none of its \(report.leftOver.count) tensors belongs to the network (\(examples), ...)",
                file: file.path, remedy: "compare model.trunk with what the file holds")
        }
        let broken = try pairs.filter { try !file.floats(of: $0.entry).allSatisfy(\.isFinite) }
        guard broken.isEmpty else {
            let names = broken.map(\.entry.name).joined(separator: ", ")
            throw InputError("NaN or infinity in \(names)", file: file.path, remedy: "get a sound copy")
        }
    }
}
