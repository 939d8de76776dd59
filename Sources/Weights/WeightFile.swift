import FileAccess

/// A file of named tensors, whatever its format.
package protocol WeightFile {
    /// Where it lies, for messages.
    var path: String { get }
    /// What it holds, in the order of the file.
    var tensors: [TensorEntry] { get }
    /// The elements of one of its tensors, in the order of PyTorch (`[out, in, height, width]`).
    ///
    /// - Throws: `InputError` naming file and tensor if its elements are not floating-point numbers.
    func floats(of tensor: TensorEntry) throws -> [Float]
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
            "has elements of type \(type.rawValue)", file: path, at: name,
            remedy: "convert it to F32, F16, BF16 or F64")
    }
}

/// Opens a weight file, telling formats apart by their first bytes.
///
/// - Throws: `InputError` naming the file and what is wrong with it.
package func openWeights(_ path: String) throws -> any WeightFile {
    let data = try readFile(path)
    if data.starts(with: zipBeginning) { return try PyTorchFile(data, path: path) }
    guard !data.starts(with: oldPickleBeginning) else {
        throw InputError(
            "was written by torch.save as it was before PyTorch 1.6", file: path,
            remedy: "write it again with a newer one: torch.save(torch.load(path, weights_only=True), path)")
    }
    return try SafetensorsFile(data, path: path)
}

/// How the zip archives of `torch.save` begin.
private let zipBeginning: [UInt8] = [0x50, 0x4B, 3, 4]
/// How they began before they were archives: the pickle of a large number.
private let oldPickleBeginning: [UInt8] = [0x80, 2, 0x8A, 0x0A]
