import FileAccess
import Foundation

/// What the JSON header of a safetensors file says.
struct SafetensorsHeader {
    private(set) var tensors: [TensorEntry] = []
    private(set) var metadata: [String: String] = [:]

    /// Parses `{"__metadata__": {...}, "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...}`.
    ///
    /// - Throws: `InputError` naming the byte or the tensor.
    init(_ json: Data) throws {
        try json.withUnsafeBytes { bytes in
            var reader = JSONReader(bytes, part: "header")
            try read(&reader)
        }
    }

    private mutating func read(_ reader: inout JSONReader) throws {
        // One of two tensors of the same name would hide the other.
        var names: Set<String> = []
        try reader.object { reader, name in
            guard names.insert(name).inserted else {
                throw InputError("is there twice", at: shortened(name, limit: 80))
            }
            if name == "__metadata__" {
                try reader.object { reader, key in metadata[key] = try reader.string() }
            } else {
                tensors.append(try SafetensorsHeader.tensor(name, &reader))
            }
        }
        try reader.end()
    }

    /// Checks that the tensors lie one after the other, without gap or overlap, from the first byte to the last.
    func checkThatTensorsFill(byteCount: Int) throws {
        var end = 0
        let inOrder = tensors.sorted { a, b in
            (a.bytes.lowerBound, a.bytes.upperBound) < (b.bytes.lowerBound, b.bytes.upperBound)
        }
        for tensor in inOrder {
            guard tensor.bytes.lowerBound == end else {
                throw InputError(
                    "its elements begin at byte \(tensor.bytes.lowerBound), the tensor before it ends at \(end)",
                    at: shortened(tensor.name, limit: 80))
            }
            end = tensor.bytes.upperBound
        }
        guard end == byteCount else {
            throw InputError("holds \(byteCount) bytes of elements, its header \(end)", remedy: "copy it again")
        }
    }

    private static func tensor(_ name: String, _ reader: inout JSONReader) throws -> TensorEntry {
        var dtype: String?
        var shape: [Int]?
        var offsets: [Int]?
        try reader.object { reader, key in
            switch key {
            case "dtype" where dtype == nil: dtype = try reader.string()
            case "shape" where shape == nil: shape = try sizes(&reader)
            case "data_offsets" where offsets == nil: offsets = try sizes(&reader)
            default:
                throw InputError("its header entry has an unexpected \(shortened(key))", at: shortened(name, limit: 80))
            }
        }
        guard let dtype, let shape, let offsets, offsets.count == 2 else {
            throw InputError("its header entry lacks dtype, shape or two data_offsets", at: shortened(name, limit: 80))
        }
        guard let type = ElementType(rawValue: dtype) else {
            throw InputError("has elements of the unknown type \(shortened(dtype))", at: shortened(name, limit: 80))
        }
        guard offsets[0] <= offsets[1], byteCount(shape, type) == offsets[1] - offsets[0] else {
            throw InputError(
                "bytes \(offsets[0]) to \(offsets[1]) do not hold \(describe(shape)) elements of \(shortened(dtype))",
                at: shortened(name, limit: 80))
        }
        return TensorEntry(name: name, shape: shape, type: type, bytes: offsets[0]..<offsets[1])
    }

    /// A list of whole numbers, none negative.
    private static func sizes(_ reader: inout JSONReader) throws -> [Int] {
        var sizes: [Int] = []
        try reader.array { reader in
            let size = try reader.integer()
            guard size >= 0 else { throw reader.problem("\(size) is negative") }
            sizes.append(size)
        }
        return sizes
    }

    /// `nil` if it is more than an `Int` can hold.
    private static func byteCount(_ shape: [Int], _ type: ElementType) -> Int? {
        shape.reduce(type.size) { product, extent in
            guard let product else { return nil }
            let (result, overflow) = product.multipliedReportingOverflow(by: extent)
            return overflow ? nil : result
        }
    }
}
