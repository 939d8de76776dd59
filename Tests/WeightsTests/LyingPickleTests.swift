import FileAccess
import Foundation
import TestSupport
import Testing
import Weights

@Suite struct LyingPickleTests {
    private let int = Pickle.int
    private let long = Pickle.long

    /// What comes of a dictionary `{"w": tensor}` over a storage of four floats.
    private func read(
        offset: [UInt8] = [0x4B, 0], shape: [[UInt8]], strides: [[UInt8]], count: Int32 = 4, key: String = "0"
    ) -> String {
        let storage = Pickle.storage(key: key, count: count)
        let tensor = Pickle.tensor(storage, offset: offset, shape: shape, strides: strides)
        return read(Pickle.whole(Pickle.dictionary([("w", tensor)])))
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
            read(offset: long(.max), shape: [int(2)], strides: [int(1)]),
        ]
        #expect(lies.allSatisfy { $0.contains("do not fit into storage 0, of 16 bytes") }, "\(lies)")
        // Elements that are given out again and again, but not so often that they would fill the memory.
        #expect(read(shape: [int(2), int(4)], strides: [int(0), int(1)]) == "no error")
        #expect(read(shape: [int(3), int(1)], strides: [int(0), long(.max)]) == "no error")
        let much = read(shape: [long(1 << 40)], strides: [int(0)])
        #expect(much.contains("file:w: repeats 1 elements to 1099511627776, as [1099511627776]"), "\(much)")
        let impossible = [
            read(shape: [int(-1)], strides: [int(1)]), read(offset: int(-1), shape: [int(1)], strides: [int(1)]),
            read(shape: [int(2)], strides: [int(-1)]), read(shape: [int(2), int(2)], strides: [int(1)]),
            read(shape: [long(.max), long(.max)], strides: [int(1), int(1)]),
            read(shape: [int(2)], strides: [long(.max)]), read(shape: [long(.max)], strides: [long(.max)]),
        ]
        #expect(impossible.allSatisfy { $0.contains("file:w: has an impossible shape") }, "\(impossible)")
        #expect(read(shape: [], strides: [], key: "1").contains("storage 1, are missing"))
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
        let itself = read([0x80, 2, 0x7D, 0x71, 0] + Pickle.text("a") + [0x68, 0, 0x73, 0x2E])
        #expect(itself.contains("holds no dictionary of tensors"))
    }

    @Test(
        arguments: [
            ([0x2E], "nothing where a value belongs"), ([0x80, 2], "ends too early"),
            ([0x74, 0x2E], "a list without beginning"),
            ([0x52, 0x2E], "too few values"), ([0x29, 0x52, 0x2E], "too few values"),
            ([0x29, 0x29, 0x52, 0x2E], "a call"),
            ([0x68, 3, 0x2E], "a reference to nothing"), ([0x7D, 0x29, 0x61, 0x2E], "an entry of no dictionary"),
            ([0x7D, 0x28, 0x29, 0x75, 0x2E], "a key without a value"), ([0x28, 0x29, 0x51, 0x2E], "not described"),
            ([0x85, 0x2E], "too few values"), ([0xFF], "the unknown instruction 0xff"),
            ([0x58, 255, 255, 255, 255], "ends too early"),
            ([0x8D, 255, 255, 255, 255, 255, 255, 255, 255], "ends too early"),
            ([0x58, 1, 0, 0, 0, 0xFF], "not UTF-8"),
            ([0x63, 0x61], "a line without end"),
            ([0x63, 0x61, 0x0A, 0x62, 0x0A, 0x2E], "holds more than tensors: a.b"),
            ([0x7D, 0x2E], "holds no dictionary of tensors"), ([0x8B, 255, 255, 255, 255], "ends too early"),
            ([0x54, 255, 255, 255, 255], "ends too early"),
            ([0x96] + [UInt8](repeating: 255, count: 8), "ends too early"),
            ([0x29, 0x81, 0x2E], "too few values"), ([0x30], "nothing where"), ([0x31], "without beginning"),
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
        let pickle = Pickle.whole(Pickle.dictionary([("w", Pickle.elements(4))]))
        let order = archive([("a/data.pkl", pickle), ("a/byteorder", Array("big".utf8))])
        #expect(read(order).contains("big-endian"))
        let sound = archive([("a/data/0", [UInt8](repeating: 0, count: 16)), ("a/data.pkl", pickle)])
        #expect(read(sound) == "no error")
        let entry = sound.count - 22 - 46 - 10
        for (offset, words) in [(8, "encrypted"), (10, "compressed")] {
            var data = sound
            data[entry + offset] = 1
            #expect(read(data).contains("is a zip archive that is \(words)"))
        }
    }
}
