import FileAccess
import Foundation
import TestSupport
import Testing
import Weights

@Suite struct PyTorchFileTests {
    private struct Wanted: Decodable {
        let shape: [Int]
        let values: [Float]
    }

    /// The contents of a file made by `make_weights.py`.
    private func contents(_ name: String) throws -> Data { Data(try readFile(fixture(name))) }

    @Test(arguments: ["tensors.pth", "protocol4.pth"])
    func everyTypeAndEveryViewIsRead(_ name: String) throws {
        let file = try openWeights(fixture(name))
        let wanted = try JSONDecoder().decode([String: Wanted].self, from: readFile(fixture("tensors.json")))
        #expect(wanted.count == 11)
        for (name, tensor) in wanted {
            let entry = try #require(file.tensors.first { $0.name == name })
            #expect(entry.shape == tensor.shape, "\(name)")
            #expect(try file.floats(of: entry).map(\.bitPattern) == tensor.values.map(\.bitPattern), "\(name)")
        }
        let others = file.tensors.filter { wanted[$0.name] == nil }
        #expect(others.map(\.name) == ["i64", "u8", "bool", "u16", "f8"])
        #expect(others.map(\.type) == [.int64, .uint8, .bool, .uint16, .float8E4M3])
        let text = message { try file.floats(of: others[0]) }
        #expect(text == "\(fixture(name)):i64: has elements of type I64; convert it to F32, F16, BF16 or F64")
    }

    @Test func theModelIsFoundInACheckpoint() throws {
        let file = try openWeights(fixture("checkpoint.pth"))
        #expect(
            file.tensors.map(\.name) == [
                "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked",
            ])
        #expect(try file.floats(of: file.tensors[0]) == [Float](repeating: 0.5, count: 18))
        #expect(try file.floats(of: file.tensors[5]) == [1, 1])
    }

    @Test(arguments: [
        ("several.pth", "holds several sets of tensors: model, ema; save one of them"),
        (
            "module.pth",
            "holds more than tensors: torch.nn.modules.conv.Conv2d; nothing of it was run; save the weights"
        ),
        ("call.pth", "holds more than tensors: posix.system; nothing of it was run; save the weights"),
        ("text.pth", "holds no dictionary of tensors; save the weights"),
    ])
    func whatIsNoSetOfWeightsIsRefused(_ name: String, _ words: String) throws {
        let text = message { try openWeights(fixture(name)) }
        #expect(text.hasPrefix("\(fixture(name)): \(words)"), "\(text)")
    }

    @Test func olderFormatsAreNamed() throws {
        try withTemporaryFile { path in
            try writeAtomically(Data([0x80, 2, 0x8A, 0x0A]) + Data("and the rest".utf8), to: path)
            #expect(message { try openWeights(path) }.contains("before PyTorch 1.6; write it again"))
            try writeAtomically(Data([0x50, 0x4B, 3, 4]) + Data("and the rest".utf8), to: path)
            #expect(message { try openWeights(path) }.contains("is cut off: a zip archive without its directory"))
        }
    }

    @Test func aDamagedElementIsNoticed() throws {
        var data = try contents("tensors.pth")
        // The one storage that holds 2.5, and nothing else.
        let place = try #require(data.range(of: Data([0, 0, 0x20, 0x40])))
        data[place.lowerBound] ^= 1
        let text = message { try PyTorchFile(data, path: "file") }
        #expect(text.hasPrefix("file: tensors/data/") && text.hasSuffix("in it is damaged; copy it again"), "\(text)")
    }

    /// Nothing but an `InputError` comes of damage, wherever it is; without checksums it reaches the pickle.
    @Test(arguments: ["tensors.pth", "protocol4.pth", "checkpoint.pth"])
    func noTruncationAndNoFlippedByteCrashes(_ name: String) throws {
        let sound = try contents(name)
        let refused = try countRefusals(ofDamaged: sound) { data in
            let file = try PyTorchFile(data, path: "file")
            for tensor in file.tensors { _ = try? file.floats(of: tensor) }
        }
        #expect(refused.truncated == sound.count)
        #expect(refused.flipped > sound.count / 4)
    }
}

// MARK: - Pickles that lie

/// An archive as torch.save would write it, uncompressed and without checksums.
private func archive(_ files: [(name: String, contents: [UInt8])]) -> Data {
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

@Suite struct LyingPickleTests {
    private func text(_ text: String) -> [UInt8] { [0x58, UInt8(text.utf8.count), 0, 0, 0] + Array(text.utf8) }
    private func name(_ name: String) -> [UInt8] { [0x63] + Array(name.utf8) + [0x0A] }
    private func int(_ value: Int32) -> [UInt8] { [0x4A] + withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    private func long(_ value: Int64) -> [UInt8] { [0x8A, 8] + withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    private func tuple(_ items: [[UInt8]]) -> [UInt8] { [0x28] + items.flatMap { $0 } + [0x74] }

    /// What comes of a dictionary `{"w": tensor}` over a storage of four floats.
    private func read(
        offset: [UInt8] = [0x4B, 0], shape: [[UInt8]], strides: [[UInt8]], count: Int32 = 4, key: String = "0"
    ) -> String {
        let storage =
            tuple([text("storage"), name("torch\nFloatStorage"), text(key), text("cpu"), int(count)]) + [0x51]
        let arguments = tuple([storage, offset, tuple(shape), tuple(strides), [0x89], tuple([])])
        let tensor = name("torch._utils\n_rebuild_tensor_v2") + arguments + [0x52]
        return read([0x80, 2, 0x7D] + text("w") + tensor + [0x73, 0x2E])
    }

    private func read(_ pickle: [UInt8]) -> String {
        message {
            let data = archive([("a/data.pkl", pickle), ("a/data/0", [UInt8](repeating: 0, count: 16))])
            let file = try PyTorchFile(data, path: "file")
            return try file.tensors.map { try file.floats(of: $0) }
        }
    }

    @Test func tensorsLieWithinTheirStorage() {
        let fits = [
            read(shape: [int(4)], strides: [int(1)]), read(shape: [int(2), int(2)], strides: [int(1), int(2)]),
            read(offset: int(3), shape: [], strides: []),
            read(shape: [int(0), long(.max)], strides: [int(1), int(1)]),
            read(offset: int(1), shape: [int(2)], strides: [int(2)]),
        ]
        #expect(fits.allSatisfy { $0 == "no error" }, "\(fits)")
        let lies = [
            read(shape: [int(5)], strides: [int(1)]), read(offset: int(1), shape: [int(4)], strides: [int(1)]),
            read(offset: int(4), shape: [], strides: []), read(shape: [int(3)], strides: [int(2)]),
            // Elements that are given out again and again would fill the memory.
            read(shape: [long(1 << 40)], strides: [int(0)]), read(shape: [int(2), int(4)], strides: [int(0), int(1)]),
            read(offset: long(.max), shape: [int(2)], strides: [int(1)]),
        ]
        #expect(lies.allSatisfy { $0.contains("do not fit into data/0, of 16 bytes") }, "\(lies)")
        let impossible = [
            read(shape: [int(-1)], strides: [int(1)]), read(offset: int(-1), shape: [int(1)], strides: [int(1)]),
            read(shape: [int(2)], strides: [int(-1)]), read(shape: [int(2), int(2)], strides: [int(1)]),
            read(shape: [long(.max), long(.max)], strides: [int(1), int(1)]),
            read(shape: [int(2)], strides: [long(.max)]), read(shape: [long(.max)], strides: [long(.max)]),
        ]
        #expect(impossible.allSatisfy { $0.contains("file:w: has an impossible shape") }, "\(impossible)")
        #expect(read(shape: [], strides: [], key: "1").contains("data/1, are missing"))
        #expect(read(shape: [], strides: [], key: "../0").contains("are missing"))
        let many = [[UInt8]](repeating: int(1), count: 65)
        #expect(read(shape: many, strides: many).contains("a tensor of 65 dimensions"))
    }

    /// However deep a pickle goes, it ends in an answer.
    @Test func depthIsNoMatter() {
        let depth = 200_000
        let nested = [0x80, 2, 0x29] + [UInt8](repeating: 0x85, count: depth) + [0x2E]
        #expect(read(nested).contains("holds no dictionary of tensors"))
        let marks = [0x80, 2] + [UInt8](repeating: 0x28, count: depth) + [0x2E]
        #expect(read(marks).contains("nothing where a value belongs"))
        // A list that holds itself.
        #expect(read([0x80, 2, 0x5D, 0x71, 0, 0x68, 0, 0x61, 0x2E]).contains("holds no dictionary of tensors"))
        #expect(read([0x80, 2, 0x7D, 0x71, 0] + text("a") + [0x68, 0, 0x73, 0x2E]) == "no error")
    }

    @Test(
        arguments: [
            ([0x2E], "nothing where a value belongs"), ([0x80, 2], "ends too early"),
            ([0x74, 0x2E], "a list without beginning"),
            ([0x52, 0x2E], "nothing where"), ([0x29, 0x52, 0x2E], "nothing where"),
            ([0x29, 0x29, 0x52, 0x2E], "a call"),
            ([0x68, 3, 0x2E], "a reference to nothing"), ([0x7D, 0x29, 0x61, 0x2E], "an entry of no dictionary"),
            ([0x7D, 0x28, 0x29, 0x75, 0x2E], "a key without a value"), ([0x28, 0x29, 0x51, 0x2E], "not described"),
            ([0x85, 0x2E], "too few values"), ([0xFF], "the unknown instruction 0xff"),
            ([0x58, 255, 255, 255, 255], "ends too early"),
            ([0x8D, 255, 255, 255, 255, 255, 255, 255, 255], "ends too early"),
            ([0x58, 1, 0, 0, 0, 0xFF], "not UTF-8"),
            ([0x63, 0x61], "a line without end"), ([0x63, 0x61, 0x0A, 0x62, 0x0A], "holds more than tensors: a.b"),
        ] as [([UInt8], String)])
    func whatIsNoPickleOfWeightsIsRefused(_ pickle: [UInt8], _ words: String) {
        let text = read(pickle)
        #expect(text.hasPrefix("file: ") && text.contains(words), "\(text)")
    }

    @Test func archivesThatArePackedOrOfAnotherKindAreRefused() {
        func read(_ data: Data) -> String { message { try PyTorchFile(data, path: "file") } }
        #expect(read(archive([])).contains("is a zip archive, but none of torch.save"))
        #expect(read(archive([("a.npy", [1])])).contains("none of torch.save"))
        #expect(read(archive([("a/x", [1]), ("a/x", [2])])).contains("holds a/x twice"))
        let order = archive([("a/data.pkl", [0x7D, 0x2E]), ("a/byteorder", Array("big".utf8))])
        #expect(read(order).contains("big-endian"))
        let sound = archive([("a/data.pkl", [0x7D, 0x2E])])
        #expect(read(sound) == "no error")
        let entry = sound.count - 22 - 46 - 10
        for (offset, words) in [(8, "encrypted"), (10, "compressed")] {
            var data = sound
            data[entry + offset] = 1
            #expect(read(data).contains("is a zip archive that is \(words)"))
        }
    }
}
