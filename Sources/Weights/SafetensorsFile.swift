import FileAccess
package import Foundation

/// A safetensors file: eight bytes with the length of a JSON header, the header, the elements of all tensors.
///
/// The file is mapped, not read: opening a large one is quick, and tensors come into memory one at a time. Everything
/// in the header is checked when the file is opened; see https://github.com/huggingface/safetensors for the format.
package struct SafetensorsFile: WeightFile {
    package let path: String
    package let tensors: [TensorEntry]
    /// Free text by key, as the writer left it.
    package let metadata: [String: String]
    private let contents: Data

    /// Headers longer than this are refused, as by the format's own library.
    static let maxHeaderBytes = 100_000_000

    /// Checks the header of a file's contents; `path` is for messages.
    ///
    /// - Throws: `InputError` saying what is wrong with the header and where.
    package init(_ data: Data, path: String) throws {
        self.path = path
        do {
            let headerBytes = try SafetensorsFile.header(of: data)
            contents = data.dropFirst(8 + headerBytes.count)
            let header = try SafetensorsHeader(headerBytes)
            try header.checkThatTensorsFill(byteCount: contents.count)
            (tensors, metadata) = (header.tensors, header.metadata)
        } catch let error as InputError {
            throw error.inFile(path)
        }
    }

    package func floats(of tensor: TensorEntry) throws -> [Float] {
        let start = contents.startIndex
        let bytes = contents[start + tensor.bytes.lowerBound..<start + tensor.bytes.upperBound]
        guard let floats = bytes.withUnsafeBytes(tensor.type.floats) else {
            throw tensor.notFloats(in: path)
        }
        return floats
    }

    private static func header(of data: Data) throws -> Data {
        guard data.count >= 8 else {
            throw InputError("only \(data.count) bytes long: not a safetensors file", remedy: "copy it again")
        }
        let length = data.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard length <= maxHeaderBytes else {
            throw InputError(
                "its header of \(length) bytes is longer than the \(maxHeaderBytes) that the format allows",
                remedy: "copy it again, or give a file of weights")
        }
        guard Int(length) <= data.count - 8 else {
            throw InputError(
                "ends after \(data.count) bytes, within its header of \(length)", remedy: "copy it again")
        }
        return data.dropFirst(8).prefix(Int(length))
    }
}
