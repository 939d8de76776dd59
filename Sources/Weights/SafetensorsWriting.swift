import FileAccess
import Foundation
package import TensorCore

/// A tensor to be written; its elements are asked for when their turn comes, so that one at a time is in memory.
package struct TensorToWrite {
    let name: String
    let shape: [Int]
    let elements: () -> [Float]

    /// A tensor of `shape` whose elements, in the order of PyTorch, `elements` will give.
    package init(_ name: String, _ shape: [Int], elements: @escaping () -> [Float]) {
        (self.name, self.shape, self.elements) = (name, shape, elements)
    }
}

/// Writes a safetensors file of 32-bit floats, complete or not at all; equal input gives equal bytes.
///
/// - Parameter metadata: free text by key; `format: pt` is added, as PyTorch's loaders ask for.
/// - Throws: `InputError` naming the file and why it cannot be written.
package func writeSafetensors(_ tensors: [TensorToWrite], metadata: [String: String] = [:], to path: String) throws {
    let header = try header(tensors, metadata.merging(["format": "pt"]) { given, _ in given })
    try writeAtomically(to: path) { file in
        try withUnsafeBytes(of: UInt64(header.count).littleEndian, file.append)
        try header.withUnsafeBytes(file.append)
        for tensor in tensors {
            let elements = tensor.elements()
            let count = tensor.shape.reduce(1, *)
            precondition(elements.count == count, "\(elements.count) elements for \(tensor.name) \(tensor.shape)")
            try elements.withUnsafeBytes(file.append)
        }
    }
}

extension ParameterArena {
    /// Writes the weights and running statistics under the reference's names and in its order of elements.
    ///
    /// - Throws: `InputError` naming the file and why it cannot be written.
    package func save(to path: String, metadata: [String: String] = [:]) throws {
        let tensors = (parameters + statistics).map { parameter in
            TensorToWrite(parameter.name, parameter.fileShape) { parameter.fileOrder(parameter.value) }
        }
        try writeSafetensors(tensors, metadata: metadata, to: path)
    }
}

/// The JSON header, padded with spaces so that the elements after it are aligned.
private func header(_ tensors: [TensorToWrite], _ metadata: [String: String]) throws -> Data {
    let texts = try metadata.sorted { $0.key < $1.key }.map { "\(try jsonText($0.key)):\(try jsonText($0.value))" }
    var entries = ["\"__metadata__\":{\(texts.joined(separator: ","))}"]
    var offset = 0
    for tensor in tensors {
        let end = offset + tensor.shape.reduce(4, *)
        let shape = tensor.shape.map(String.init).joined(separator: ",")
        entries.append(
            "\(try jsonText(tensor.name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
        offset = end
    }
    let header = Data("{\(entries.joined(separator: ","))}".utf8)
    return header + Data(repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
}
