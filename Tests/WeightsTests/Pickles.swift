import Foundation

/// An archive as torch.save would write it, uncompressed and without checksums.
func archive(_ files: [(name: String, contents: [UInt8])]) -> Data {
    func number(_ value: Int, bytes: Int) -> [UInt8] {
        (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var (data, directory) = ([UInt8](), [UInt8]())
    for file in files {
        let name = Array(file.name.utf8)
        let sizes = number(file.contents.count, bytes: 4) + number(file.contents.count, bytes: 4)
        let lengths = number(name.count, bytes: 2) + number(0, bytes: 2)
        let zeros = number(0, bytes: 4)
        directory +=
            [0x50, 0x4B, 1, 2] + zeros + zeros + zeros + zeros + sizes + lengths + zeros + zeros + number(0, bytes: 2)
        directory += number(data.count, bytes: 4) + name
        data += [0x50, 0x4B, 3, 4] + number(0, bytes: 14) + sizes + lengths + name + file.contents
    }
    let end =
        [0x50, 0x4B, 5, 6] + number(0, bytes: 8) + number(directory.count, bytes: 4) + number(data.count, bytes: 4)
    return Data(data + directory + end + [0, 0])
}

/// A file as torch.save wrote it before PyTorch 1.6: pickles, and the elements of storages.
func stream(_ pickle: [UInt8], keys: [String], _ storages: [(count: Int64, bytes: [UInt8])], version: Int32 = 1001)
    -> Data
{
    let magic: [UInt8] = [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
    let machine = Pickle.dictionary([("little_endian", [0x88])])
    let list = [0x5D, 0x28] + keys.flatMap(Pickle.text) + [0x65]
    var data = magic + [0x80, 2] + Pickle.int(version) + [0x2E] + Pickle.whole(machine) + pickle + Pickle.whole(list)
    for storage in storages {
        data += withUnsafeBytes(of: storage.count.littleEndian) { Array($0) } + storage.bytes
    }
    return Data(data)
}

/// The bytes of pickles, by hand.
enum Pickle {
    static func text(_ text: String) -> [UInt8] { [0x58, UInt8(text.utf8.count), 0, 0, 0] + Array(text.utf8) }
    static func name(_ name: String) -> [UInt8] { [0x63] + Array(name.utf8) + [0x0A] }
    static func int(_ value: Int32) -> [UInt8] { [0x4A] + withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    static func long(_ value: Int64) -> [UInt8] { [0x8A, 8] + withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    static func tuple(_ items: [[UInt8]]) -> [UInt8] { [0x28] + items.flatMap { $0 } + [0x74] }
    static func list(_ items: [[UInt8]]) -> [UInt8] { [0x5D, 0x28] + items.flatMap { $0 } + [0x65] }
    static func dictionary(_ items: [(String, [UInt8])]) -> [UInt8] {
        [0x7D, 0x28] + items.flatMap { text($0.0) + $0.1 } + [0x75]
    }
    static func call(_ callable: String, _ arguments: [[UInt8]]) -> [UInt8] {
        name(callable) + tuple(arguments) + [0x52]
    }
    static func whole(_ value: [UInt8]) -> [UInt8] { [0x80, 2] + value + [0x2E] }

    static func storage(
        _ kind: String = "torch\nFloatStorage", key: String = "0", count: Int32 = 4, part: [UInt8]? = nil
    )
        -> [UInt8]
    {
        tuple([text("storage"), name(kind), text(key), text("cpu"), int(count)] + (part.map { [$0] } ?? [])) + [0x51]
    }

    static func tensor(_ storage: [UInt8], offset: [UInt8] = int(0), shape: [[UInt8]], strides: [[UInt8]]) -> [UInt8] {
        call("torch._utils\n_rebuild_tensor_v2", [storage, offset, tuple(shape), tuple(strides), [0x89], tuple([])])
    }

    /// Some of the first elements of a storage.
    static func elements(_ count: Int32) -> [UInt8] { tensor(storage(), shape: [int(count)], strides: [int(1)]) }
}
