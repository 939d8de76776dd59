import FileAccess
import Foundation

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
    /// Where its bytes lie after the header.
    let bytes: Range<Int>

    /// Number of elements.
    package var count: Int { shape.reduce(1, *) }
}

/// Opens a weight file, telling formats apart by their first bytes.
///
/// - Throws: `InputError` naming the file and what is wrong with it.
package func openWeights(_ path: String) throws -> any WeightFile {
    let data = try readFile(path)
    guard !pickleBeginnings.contains(where: data.starts) else {
        throw InputError(
            "this is a PyTorch pickle, not a safetensors file", file: path,
            remedy: "write it with safetensors.torch.save_file(state_dict, path)")
    }
    return try SafetensorsFile(data, path: path)
}

/// How PyTorch's files begin: a zip archive, or before version 1.6 a pickle of a large number.
private let pickleBeginnings: [[UInt8]] = [[0x50, 0x4B, 0x03, 0x04], [0x80, 0x02, 0x8A, 0x0A]]
