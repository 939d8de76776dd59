import FileAccess
import Foundation

/// An array of NumPy: a file of version 1.0, C order, little endian.
package struct NumpyArray<Element: BitwiseCopyable> {
    /// Extents, the slowest first.
    package let shape: [Int]
    package let elements: [Element]

    /// Reads a fixture whose elements are of type `Element`.
    ///
    /// - Throws: `InputError` where the file is not such an array.
    package init(fixture name: String) throws {
        let data = try readFile(fixture(name))
        guard data.prefix(8) == Data([0x93] + Array("NUMPY".utf8) + [1, 0]), data.count >= 10 else {
            throw InputError("not a NumPy array of version 1.0", file: name)
        }
        let headerEnd = 10 + Int(data[8]) + Int(data[9]) << 8
        let header = String(decoding: data[10..<headerEnd], as: UTF8.self)
        let type = try NumpyArray.field("descr': '([^']*)'", of: header, in: name)
        guard type == NumpyArray.typeName, header.contains("'fortran_order': False") else {
            throw InputError("an array of \(type), not of \(NumpyArray.typeName) in C order", file: name)
        }
        shape = try NumpyArray.field("shape': \\(([^)]*)\\)", of: header, in: name).split(separator: ",").compactMap {
            Int($0.trimmingCharacters(in: .whitespaces))
        }
        let count = shape.reduce(1, *)
        let body = data[headerEnd...]
        guard body.count == count * MemoryLayout<Element>.stride else {
            throw InputError("\(body.count) bytes for \(shape)", file: name)
        }
        elements = [Element](unsafeUninitializedCapacity: count) { target, initialized in
            body.copyBytes(to: UnsafeMutableRawBufferPointer(target))
            initialized = count
        }
    }

    private static var typeName: String {
        switch Element.self {
        case is Float.Type: "<f4"
        case is Double.Type: "<f8"
        case is UInt8.Type: "|u1"
        default: "\(Element.self)"
        }
    }

    private static func field(_ pattern: String, of header: String, in name: String) throws -> String {
        guard let match = try header.firstMatch(of: Regex<(Substring, Substring)>(pattern)) else {
            throw InputError("no \(pattern) in its header", file: name)
        }
        return String(match.1)
    }
}
