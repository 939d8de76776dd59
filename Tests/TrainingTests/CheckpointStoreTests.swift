import Configuration
import FileAccess
import Foundation
import TensorCore
import TestSupport
import Testing
import Training

@Suite struct CheckpointStoreTests {
    /// Something to save: a few tensors whose values tell the iteration.
    private final class Run {
        let arena = ParameterArena()
        let optimizer: Optimizer

        init() {
            _ = arena.declare("backbone.conv1_1.weight", [4, 3, 3, 3], role: .weight, start: .constant(0))
            _ = arena.declare("backbone.conv1_1.bias", [4], role: .bias, start: .constant(0))
            _ = arena.declare("classifier.weight", [2, 4, 1, 1], role: .weight, start: .constant(0))
            _ = arena.declareStatistics("backbone.conv1_1_bn.running_mean", channels: 4, start: 0)
            optimizer = Optimizer(arena, RunConfiguration().solver)
        }

        func set(_ iteration: Int) {
            for (index, parameter) in arena.parameters.enumerated() {
                parameter.isPretrained = index != 2
                parameter.setValue(fileOrder: Formula.values("weight\(index)/\(iteration)", count: parameter.count))
                parameter.set(
                    optimizer.velocity + parameter.offset,
                    fileOrder: Formula.values("momentum\(index)/\(iteration)", count: parameter.count))
            }
            arena.statistics[0].setValue(fileOrder: Formula.values("statistics/\(iteration)", count: 4))
        }

        /// Everything that a checkpoint restores.
        var state: [Float] {
            arena.parameters.flatMap { parameter in
                parameter.fileOrder(parameter.value) + parameter.fileOrder(optimizer.velocity + parameter.offset)
                    + [parameter.isPretrained ? 1 : 0]
            } + arena.statistics.flatMap { $0.fileOrder($0.value) }
        }

        func save(_ iterations: [Int], to store: CheckpointStore) throws {
            for iteration in iterations {
                set(iteration)
                try store.save(iteration: iteration, optimizer)
            }
        }

        func load(_ store: CheckpointStore, warn: (String) -> Void = { _ in }) throws -> Int? {
            try store.loadLatest(optimizer, warn: warn)
        }
    }

    /// The state a run has after `iteration`.
    private func state(after iteration: Int) -> [Float] {
        let run = Run()
        run.set(iteration)
        return run.state
    }

    private func withStore(keep: Int = 3, _ body: (CheckpointStore) throws -> Void) throws {
        try withTemporaryFolder { try body(CheckpointStore(join($0, "checkpoints"), keep: keep)) }
    }

    private func names(_ store: CheckpointStore) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: store.folder).sorted()
    }

    @Test func whatWasSavedComesBack() throws {
        try withStore { store in
            #expect(try Run().load(store) == nil)
            try Run().save([7, 12], to: store)
            let run = Run()
            #expect(try run.load(store) == 12)
            #expect(areBitwiseEqual(run.state, state(after: 12)))
            #expect(run.arena.parameters.map(\.isPretrained) == [true, true, false])
        }
    }

    /// 999999 is followed by 1000000, which is the newer one though it sorts before.
    @Test func theNewestIsTheOneOfTheGreatestNumber() throws {
        try withStore { store in
            try Run().save([999_999, 1_000_000], to: store)
            #expect(try Run().load(store) == 1_000_000)
        }
    }

    @Test func theOldestAreRemoved() throws {
        try withStore(keep: 2) { store in
            try Run().save([5, 10, 15, 20], to: store)
            #expect(try names(store) == ["000015", "000020"])
        }
    }

    @Test(arguments: ["model.safetensors", "momentum.safetensors", "state.json", "checksums.json"], Damage.allCases)
    func aDamagedStateIsPassedOver(_ file: String, _ damage: Damage) throws {
        try withStore { store in
            try Run().save([5, 10], to: store)
            try damage.apply(to: join(store.folder, "000010/" + file))
            let run = Run()
            var warnings: [String] = []
            #expect(try run.load(store) { warnings.append($0) } == 5)
            #expect(areBitwiseEqual(run.state, state(after: 5)))
            #expect(warnings.count == 1)
            #expect(warnings.first?.contains("000010") == true)
        }
    }

    /// Any byte of any file: nothing that is read escapes the checksums.
    @Test func everyDamagedByteIsNoticed() throws {
        try withStore { store in
            try Run().save([5, 10], to: store)
            for name in try FileManager.default.contentsOfDirectory(atPath: join(store.folder, "000010")) {
                let path = join(store.folder, "000010/" + name)
                let sound = try Data(contentsOf: URL(fileURLWithPath: path))
                for position in stride(from: 0, to: sound.count, by: max(1, sound.count / 40)) {
                    var damaged = sound
                    damaged[position] ^= 1
                    try damaged.write(to: URL(fileURLWithPath: path))
                    #expect(try Run().load(store) == 5, "byte \(position) of \(name)")
                }
                try sound.write(to: URL(fileURLWithPath: path))
            }
            #expect(try Run().load(store) == 10)
        }
    }

    /// A training would go on from there, though checksums fit.
    @Test(arguments: [-1, 0, 9, Int.max]) func aStateOfAnotherIterationThanItsNameIsPassedOver(_ iteration: Int) throws
    {
        try withStore { store in
            try Run().save([5, 10], to: store)
            let folder = join(store.folder, "000010")
            _ = try write("{\"format\":1,\"iteration\":\(iteration),\"pretrained\":[]}", to: "state.json", in: folder)
            try writeChecksums(of: folder)
            var warnings: [String] = []
            #expect(try Run().load(store) { warnings.append($0) } == 5)
            #expect(warnings.first?.contains("it is of iteration \(iteration)") == true, "\(warnings)")
        }
    }

    private func writeChecksums(of folder: String) throws {
        let names = try fileNames(in: folder).filter { $0 != "checksums.json" }
        let sums = try names.map { ($0, checksum(try readFile(join(folder, $0)))) }
        try writeJSON(Dictionary(uniqueKeysWithValues: sums), to: join(folder, "checksums.json"))
    }

    /// To begin anew is the user's decision: days of work may be in a state that can be brought back from a backup.
    @Test func whenAllAreDamagedTheRunDoesNotBeginAnew() throws {
        try withStore { store in
            try Run().save([5, 10], to: store)
            for name in ["000005", "000010"] {
                try Damage.truncated.apply(to: join(store.folder, name + "/model.safetensors"))
            }
            let message = message { try Run().load(store) }
            #expect(message.hasPrefix(store.folder + ": "))
            #expect(message.hasSuffix("--restart"))
        }
    }

    /// A damaged state must not take the place of a sound one that is older but was saved later.
    @Test func aDamagedStateDoesNotOutliveItsSuccessors() throws {
        try withStore(keep: 1) { store in
            try Run().save([10], to: store)
            try Damage.truncated.apply(to: join(store.folder, "000010/model.safetensors"))
            try Run().save([6], to: store)
            #expect(try names(store) == ["000006"])
        }
    }

    @Test func aDeadProcessLeavesNothingBehind() throws {
        try withStore { store in
            _ = try write("half", to: ".000007.tmp/model.safetensors.4711.tmp", in: store.folder)
            #expect(try Run().load(store) == nil)
            try Run().save([10], to: store)
            #expect(try names(store) == ["000010"])
        }
    }

    @Test func aStateThatCannotBeWrittenSaysSo() throws {
        try withStore { store in
            _ = try write("not a folder", to: "checkpoints", in: (store.folder as NSString).deletingLastPathComponent)
            #expect(message { try Run().save([5], to: store) }.hasPrefix(store.folder))
        }
    }
}

/// What can happen to a file.
enum Damage: CaseIterable {
    case removed, truncated, emptied, changed

    func apply(to path: String) throws {
        let url = URL(fileURLWithPath: path)
        var contents = try Data(contentsOf: url)
        switch self {
        case .removed: return try FileManager.default.removeItem(at: url)
        case .truncated: contents = contents.prefix(contents.count / 2)
        case .emptied: contents = Data()
        case .changed: contents[contents.count * 2 / 3] ^= 0x10
        }
        try contents.write(to: url)
    }
}
