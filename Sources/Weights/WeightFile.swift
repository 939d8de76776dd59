import FileAccess

/// A file of named tensors, whatever its format.
package protocol WeightFile {
    /// Where it lies, for messages.
    var path: String { get }
    /// What it holds, in the order of the file.
    var tensors: [TensorEntry] { get }
    /// Which part of the file they are, and which they are not, as `tensors of 'model', not of 'ema'`; `nil` where there
    /// was no choice.
    var origin: String? { get }
    /// Free text by key, as the writer left it; empty where the format has none.
    var metadata: [String: String] { get }
    /// The elements of one of its tensors, in the order of PyTorch (`[out, in, height, width]`).
    ///
    /// - Throws: `InputError` naming file and tensor if its elements are not floating-point numbers.
    func floats(of tensor: TensorEntry) throws -> [Float]
}

extension WeightFile {
    package var origin: String? { nil }
    package var metadata: [String: String] { [:] }
}

/// A tensor of a weight file, without its elements.
package struct TensorEntry: Equatable, Sendable {
    package let name: String
    /// Extents from the outermost; empty for a single number.
    package let shape: [Int]
    package let type: ElementType
    /// Where its bytes lie among those of all tensors; of no meaning where the file's format keeps them apart.
    let bytes: Range<Int>

    /// Number of elements.
    package var count: Int { shape.reduce(1, *) }

    /// What is thrown for a tensor that floats are asked of and that has none.
    func notFloats(in path: String) -> InputError {
        InputError(
            "has elements of type \(type.rawValue)", file: path, at: shortened(name, limit: 80),
            remedy: "convert it to F32, F16, BF16 or F64")
    }
}

/// Opens a weight file, telling formats apart by their first bytes.
///
/// - Throws: `InputError` naming the file and what is wrong with it: what it looks like, if that is no file of weights,
///   or that it holds no tensors.
package func openWeights(_ path: String) throws -> any WeightFile {
    let data = try readFile(path)
    let file: any WeightFile
    if PyTorchFile.isOne(data) {
        file = try PyTorchFile(data, path: path)
    } else if let look = weightsLook(data) {
        throw look.error(wanted: wantedWeights).inFile(path)
    } else {
        file = try SafetensorsFile(data, path: path)
    }
    guard !file.tensors.isEmpty else { throw InputError("holds no tensors", file: path, remedy: wantedWeights) }
    return file
}
