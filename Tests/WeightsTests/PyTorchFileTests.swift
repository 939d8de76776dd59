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

    /// Compares a file with the values that were written; returns the tensors that have none.
    private func compare(_ file: any WeightFile, with values: String, count: Int) throws -> [TensorEntry] {
        let wanted = try JSONDecoder().decode([String: Wanted].self, from: readFile(fixture(values)))
        #expect(wanted.count == count)
        for (name, tensor) in wanted {
            let entry = try #require(file.tensors.first { $0.name == name })
            #expect(entry.shape == tensor.shape, "\(name)")
            #expect(try file.floats(of: entry).map(\.bitPattern) == tensor.values.map(\.bitPattern), "\(name)")
        }
        return file.tensors.filter { wanted[$0.name] == nil }
    }

    @Test(arguments: ["tensors.pth", "protocol4.pth", "tensors-old.pth"])
    func everyTypeIsRead(_ name: String) throws {
        let file = try openWeights(fixture(name))
        let others = try compare(file, with: "tensors.json", count: 11)
        #expect(others.map(\.name) == ["i64", "u8", "bool", "u16", "f8"])
        #expect(others.map(\.type) == [.int64, .uint8, .bool, .uint16, .float8E4M3])
        let text = message { try file.floats(of: others[0]) }
        #expect(text == "\(fixture(name)):i64: has elements of type I64; convert it to F32, F16, BF16 or F64")
    }

    /// Elements given out again and again, in another order, shared; complex and quantized ones are passed over.
    @Test(arguments: ["views.pth", "views-old.pth"])
    func everyViewIsRead(_ name: String) throws {
        let others = try compare(try openWeights(fixture(name)), with: "views.json", count: 13)
        #expect(others.isEmpty)
    }

    @Test func theModelIsFoundInACheckpoint() throws {
        let file = try openWeights(fixture("checkpoint.pth"))
        #expect(file.origin == "tensors of 'model'")
        #expect(
            file.tensors.map(\.name) == [
                "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked",
            ])
        #expect(try file.floats(of: file.tensors[0]) == [Float](repeating: 0.5, count: 18))
        #expect(try file.floats(of: file.tensors[5]) == [1, 1])
    }

    @Test(arguments: ["training.pth", "training-old.pth"])
    func theModelIsFoundTwoDictionariesDeep(_ name: String) throws {
        let file = try openWeights(fixture(name))
        #expect(file.origin == "tensors of 'model/state_dict', not of 'averages'")
        let names = [
            "conv1_1.weight", "conv1_1.bias", "conv1_1_bn.weight", "conv1_1_bn.bias", "conv1_1_bn.running_mean",
            "conv1_1_bn.running_var", "conv1_1_bn.num_batches_tracked",
        ]
        #expect(file.tensors.map(\.name) == names.map { "module._orig_mod.backbone." + $0 })
        let map = NameMap(fileNames: file.tensors.map(\.name))
        #expect(file.tensors.map { map.name(for: $0.name) } == names.map { "backbone." + $0 })
        #expect(try file.floats(of: file.tensors[1]) == [0.5, 0.5])
    }

    @Test func ofTwoModelsOneIsTakenAndSaid() throws {
        #expect(try openWeights(fixture("several.pth")).origin == "tensors of 'model', not of 'ema'")
    }

    @Test(arguments: [
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

    /// Only where a network would want it.
    @Test func aSparseWeightIsRefused() {
        let text = message { try openWeights(fixture("sparse.pth")) }
        let words = "conv1_1.weight: is no plain tensor, but of torch._utils._rebuild_sparse_tensor; save it as a dense"
        #expect(text.contains(words), "\(text)")
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
    @Test(arguments: ["tensors.pth", "protocol4.pth", "checkpoint.pth", "views.pth", "views-old.pth"])
    func noTruncationAndNoFlippedByteCrashes(_ name: String) throws {
        let sound = try contents(name)
        let refused = try countRefusals(ofDamaged: sound) { data in
            let file = try PyTorchFile(data, path: "file")
            readSmall(file)
        }
        #expect(refused.truncated == sound.count)
        #expect(refused.flipped > sound.count / 4)
    }

    @Test(arguments: ["views.pth", "tensors.pth", "views-old.pth", "tensors-old.pth", "training-old.pth"])
    func noMutantCrashes(_ name: String) throws {
        var refused = 0
        for mutant in mutants(of: try contents(name), count: 5000, seed: 16) {
            do {
                let file = try PyTorchFile(mutant, path: "file")
                readSmall(file)
            } catch let error as InputError {
                #expect(error.description.count < 600, "\(error)")
                refused += 1
            }
        }
        #expect(refused > 2500)
    }
}

/// Reads the tensors of a damaged file but those that damage made large: they only take time.
private func readSmall(_ file: PyTorchFile) {
    for tensor in file.tensors where tensor.count < 1 << 16 { _ = try? file.floats(of: tensor) }
}
