import FileAccess

/// What became of a file's tensors when they were given other names.
package struct ConversionReport: Equatable, Sendable {
    /// Tensors written.
    package var written = 0
    /// Names in the file that mean nothing in the naming asked for, or are not of floating-point numbers.
    package var leftOut: [String] = []

    package init(written: Int = 0, leftOut: [String] = []) { (self.written, self.leftOut) = (written, leftOut) }
}

/// Writes the tensors of a weight file to a safetensors file of 32-bit floats, under other names.
///
/// - Throws: `InputError` if no tensor has such a name, if two have the same, or if a file cannot be read or written.
package func convertWeights(_ file: any WeightFile, to naming: Naming, path: String) throws -> ConversionReport {
    let map = NameMap(fileNames: file.tensors.map(\.name))
    let hasNorms = file.tensors.contains { map.name(for: $0.name) == "backbone.conv1_1_bn.weight" }
    var report = ConversionReport()
    var (tensors, sources): ([(name: String, entry: TensorEntry)], [String: String]) = ([], [:])
    for entry in file.tensors {
        guard let known = map.recognize(entry.name)?.name, entry.type.isFloat,
            let name = naming == .reference ? known : NameMap.torchvisionName(known, hasNorms: hasNorms)
        else {
            report.leftOut.append(entry.name)
            continue
        }
        if let other = sources.updateValue(entry.name, forKey: name) {
            throw InputError(
                "\(listed([other])) and \(listed([entry.name])) both mean \(name)", file: file.path, remedy: "keep one")
        }
        tensors.append((name, entry))
    }
    guard !tensors.isEmpty else {
        throw InputError(
            "none of its \(file.tensors.count) tensors has a name in the \(naming.rawValue) naming "
                + "(\(listed(file.tensors.map(\.name))))",
            file: file.path, remedy: "see them with bana weights inspect")
    }
    report.written = tensors.count
    // Read before the file is begun: what is wrong with one is told first.
    let elements = try tensors.map { try file.floats(of: $0.entry) }
    try writeSafetensors(
        zip(tensors, elements).map { tensor, elements in TensorToWrite(tensor.name, tensor.entry.shape) { elements } },
        metadata: file.metadata, to: path)
    return report
}
