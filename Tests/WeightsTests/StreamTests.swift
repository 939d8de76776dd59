import FileAccess
import Foundation
import TestSupport
import Testing
import Weights

/// Files of `torch.save` before PyTorch 1.6, by hand.
@Suite struct StreamTests {
    private func floats(_ values: Float...) -> [UInt8] {
        values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
    }

    private func one(_ tensor: [UInt8]) -> [UInt8] { Pickle.whole(Pickle.dictionary([("w", tensor)])) }

    private func elements(_ data: Data) throws -> [Float] {
        let file = try PyTorchFile(data, path: "file")
        return try file.floats(of: try #require(file.tensors.first))
    }

    @Test func storagesFollowInTheOrderOfTheirKeys() throws {
        let others = Pickle.tensor(
            Pickle.storage("torch\nDoubleStorage", key: "7", count: 1), shape: [], strides: [])
        let quantized = Pickle.storage("torch\nQInt32Storage", key: "8", count: 1)
        let complex = Pickle.storage("torch\nComplexDoubleStorage", key: "9", count: 1)
        let pickle = Pickle.dictionary([("x", others), ("w", Pickle.elements(2)), ("q", quantized), ("c", complex)])
        let data = stream(
            Pickle.whole(pickle), keys: ["8", "9", "7", "0"],
            [
                (1, [1, 2, 3, 4]), (1, [UInt8](repeating: 5, count: 16)), (1, [0, 0, 0, 0, 0, 0, 0xF8, 0x3F]),
                (2, floats(1, 2)),
            ])
        let file = try PyTorchFile(data, path: "file")
        #expect(file.tensors.map(\.name) == ["x", "w"])
        #expect(try file.tensors.map { try file.floats(of: $0) } == [[1.5], [1, 2]])
    }

    @Test func aStorageMayBeAPartOfAnother() throws {
        func read(_ part: [[UInt8]], count: Int32 = 2) -> String {
            message {
                let storage = Pickle.storage(part: Pickle.tuple([Pickle.text("1")] + part))
                let tensor = Pickle.tensor(storage, shape: [Pickle.int(count)], strides: [Pickle.int(1)])
                let values = try elements(stream(one(tensor), keys: ["0"], [(4, floats(1, 2, 3, 4))]))
                #expect(values == [2, 3])
            }
        }
        #expect(read([Pickle.int(1), Pickle.int(2)]) == "no error")
        #expect(read([Pickle.int(1), Pickle.int(2)], count: 3).contains("do not fit into storage 0, of 16 bytes"))
        for part in [(3, 2), (-1, 2), (1, -1), (Int64.max, Int64.max)] as [(Int64, Int64)] {
            #expect(read([Pickle.long(part.0), Pickle.long(part.1)]).contains("do not fit"), "\(part)")
        }
        #expect(read([Pickle.int(1)]).contains("a storage that is not described"))
    }

    @Test func cudaStoragesAreOrdinaryOnes() throws {
        let tensor = Pickle.tensor(
            Pickle.storage("torch.cuda\nHalfStorage", count: 1), shape: [Pickle.int(1)], strides: [Pickle.int(1)])
        #expect(try elements(stream(one(tensor), keys: ["0"], [(1, [0, 0x3C])])) == [1])
    }

    @Test func streamsThatLieAreRefused() {
        let sound = one(Pickle.elements(2))
        func read(
            _ pickle: [UInt8], keys: [String] = ["0"],
            _ storages: [(Int64, [UInt8])] = [(2, [0, 0, 0, 0, 0, 0, 0, 0])],
            version: Int32 = 1001
        ) -> String {
            message { try elements(stream(pickle, keys: keys, storages.map { ($0.0, $0.1) }, version: version)) }
        }
        #expect(read(sound) == "no error")
        let lies: [(String, String)] = [
            (read(sound, [(2, [0, 0, 0])]), "ends within storage 0, at byte"), (read(sound, []), "ends too early"),
            (read(sound, [(-1, [])]), "ends within storage 0"), (read(sound, [(.max, [])]), "ends within storage 0"),
            (read(sound, keys: []), "w: its elements, storage 0, are missing"),
            (read(sound, keys: ["5", "0"]), "has a storage 5, of which nothing is told"),
            (read(sound, version: 1002), "is of an unknown version of torch.save's format"),
            (
                read(one(Pickle.tensor(Pickle.storage("my\nStorage"), shape: [], strides: []))),
                "has a storage 0 of the unknown type my.Storage"
            ),
            (read(Pickle.whole(Pickle.call("posix\nsystem", []))), "holds more than tensors: posix.system"),
            (
                read(
                    Pickle.whole(Pickle.tuple([Pickle.text("module"), Pickle.name("my\nNet")]) + [0x51]), keys: [], []),
                "holds more than tensors: my.Net"
            ),
        ]
        for (text, words) in lies { #expect(text.hasPrefix("file:") && text.contains(words), "\(text)") }
        var big = stream(sound, keys: ["0"], [(2, [0, 0, 0, 0, 0, 0, 0, 0])])
        if let place = big.range(of: Data(Pickle.text("little_endian")))?.upperBound { big[place] = 0x89 }
        #expect(message { try elements(big) }.contains("was written by a big-endian machine"))
    }
}
