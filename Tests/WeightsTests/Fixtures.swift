import FileAccess
import Foundation
import TestSupport
import Weights

/// The path of a file made by `Tests/Fixtures/weights/make_weights.py`.
func fixture(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/weights/\(name)").path
}

/// Calls `body` with the path of a file that does not exist yet and is removed afterwards.
func withTemporaryFile<Result>(_ body: (String) throws -> Result) throws -> Result {
    try withTemporaryFolder { folder in try body(join(folder, "weights.safetensors")) }
}

/// A file with the given header and as many bytes of elements.
func safetensors(_ header: String, elementBytes: Int = 0) -> Data {
    var data = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
    data.append(Data(header.utf8))
    data.append(Data(repeating: 0, count: elementBytes))
    return data
}

/// A weight file that is not on disk.
struct MemoryFile: WeightFile {
    let path = "memory"
    let file: SafetensorsFile

    var tensors: [TensorEntry] { file.tensors }
    func floats(of tensor: TensorEntry) throws -> [Float] { try file.floats(of: tensor) }

    /// Tensors of the given names and shapes; element k of tensor i is `1000 i + k`.
    init(_ tensors: [(name: String, shape: [Int])]) throws {
        file = try withTemporaryFile { path in
            let list = tensors.enumerated().map { index, tensor in
                TensorToWrite(tensor.name, tensor.shape) {
                    (0..<tensor.shape.reduce(1, *)).map { Float(1000 * index + $0) }
                }
            }
            try writeSafetensors(list, to: path)
            return try SafetensorsFile(Data(contentsOf: URL(fileURLWithPath: path)), path: "memory")
        }
    }
}
