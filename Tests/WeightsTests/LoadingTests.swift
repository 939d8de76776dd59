import FileAccess
import TensorCore
import TestSupport
import Testing
import Weights

@Suite struct LoadingTests {
    /// The first layers of a VGG with batch norm, and a classifier.
    static func network() -> ParameterArena {
        let arena = ParameterArena()
        _ = arena.declare("backbone.conv1_1.weight", [2, 3, 3, 2], role: .weight, start: .heNormal)
        _ = arena.declare("backbone.conv1_1.bias", [2], role: .bias, start: .constant(0))
        _ = arena.declare("backbone.conv1_1_bn.weight", [2], role: .normWeight, start: .constant(1))
        _ = arena.declareStatistics("backbone.conv1_1_bn.running_mean", channels: 2, start: 0)
        _ = arena.declare("classifier.weight", [4, 2, 1, 1], role: .weight, start: .normal(0.01))
        return arena
    }

    static let whole: [(name: String, shape: [Int])] = [
        ("backbone.conv1_1.weight", [2, 3, 3, 2]), ("backbone.conv1_1.bias", [2]), ("backbone.conv1_1_bn.weight", [2]),
        ("backbone.conv1_1_bn.running_mean", [2]), ("classifier.weight", [4, 2, 1, 1]),
    ]

    static func parameter(_ name: String, of arena: ParameterArena) throws -> Parameter {
        try #require((arena.parameters + arena.statistics).first { $0.name == name })
    }

    @Test(arguments: [WeightPurpose.start, .model])
    func aWholeModelSetsEverything(as purpose: WeightPurpose) throws {
        let arena = LoadingTests.network()
        let report = try arena.load(try MemoryFile(LoadingTests.whole), as: purpose)
        #expect(Set(report.found) == Set(LoadingTests.whole.map(\.name)))
        #expect(report.missing.isEmpty && report.leftOver.isEmpty)
        let weight = try LoadingTests.parameter("backbone.conv1_1.weight", of: arena)
        for (out, input, row, column) in [(0, 0, 0, 0), (0, 0, 0, 1), (0, 1, 0, 0), (1, 2, 2, 1), (1, 0, 1, 1)] {
            let memory = ((out * 3 + row) * 2 + column) * 3 + input
            #expect(weight.value[memory] == Float(((out * 3 + input) * 3 + row) * 2 + column))
        }
        #expect(try LoadingTests.parameter("backbone.conv1_1_bn.running_mean", of: arena).value[1] == 3001)
        #expect(try LoadingTests.parameter("classifier.weight", of: arena).value[7] == 4007)
    }

    @Test func onlyTheTrunkStopsBeingNew() throws {
        let arena = LoadingTests.network()
        let names = LoadingTests.whole.filter { $0.name != "backbone.conv1_1.bias" }
        _ = try arena.load(try MemoryFile(names), as: .start)
        let new = arena.parameters.filter { !$0.isPretrained }.map(\.name)
        #expect(new == ["backbone.conv1_1.bias", "classifier.weight"])
    }

    @Test func startWeightsMayLackTensorsAndHaveOthers() throws {
        let arena = LoadingTests.network()
        let file = try MemoryFile([
            ("features.0.weight", [2, 3, 3, 2]), ("features.1.weight", [2]), ("features.1.num_batches_tracked", []),
            ("features.1.running_mean", [2]), ("classifier.0.weight", [5, 5]), ("fc7.bias", [1024]),
        ])
        let report = try arena.load(file, as: .start)
        #expect(
            report.found == [
                "backbone.conv1_1.weight", "backbone.conv1_1_bn.weight", "backbone.conv1_1_bn.running_mean",
            ])
        #expect(report.missing == ["backbone.conv1_1.bias", "classifier.weight"])
        #expect(report.leftOver == ["features.1.num_batches_tracked", "classifier.0.weight", "fc7.bias"])
        #expect(try LoadingTests.parameter("backbone.conv1_1_bn.weight", of: arena).value[0] == 1000)
    }

    @Test func aModelMustBeWhole() throws {
        let arena = LoadingTests.network()
        let file = try MemoryFile(Array(LoadingTests.whole.dropFirst(2).dropLast()))
        let error = #expect(throws: InputError.self) { try arena.load(file, as: .model) }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("memory: lacks backbone.conv1_1.weight, backbone.conv1_1.bias, classifier.weight;"))
    }

    @Test(arguments: [WeightPurpose.start, .model])
    func theFirstWrongShapeIsToldAndNothingIsSet(as purpose: WeightPurpose) throws {
        let arena = LoadingTests.network()
        var tensors = LoadingTests.whole
        tensors[0].shape = [3, 2, 3, 2]
        tensors[4].shape = [4, 2]
        let file = try MemoryFile(tensors)
        let error = #expect(throws: InputError.self) { try arena.load(file, as: purpose) }
        let text = error?.description ?? ""
        let words = "backbone.conv1_1.weight is [3, 2, 3, 2], the network wants [2, 3, 3, 2], and 1 more do not fit;"
        #expect(text.hasPrefix("memory: \(words)"), "\(text)")
        #expect(arena.parameters.filter(\.isPretrained).isEmpty)
        #expect(try LoadingTests.parameter("backbone.conv1_1.bias", of: arena).value[1] == 0)
    }

    /// To train from, but not to use: then the classes must be the model's.
    @Test func aClassifierOfOtherClassesIsDrawnAnew() throws {
        var tensors = LoadingTests.whole
        tensors[4].shape = [7, 2, 1, 1]
        let (arena, file) = (LoadingTests.network(), try MemoryFile(tensors))
        let classifier = try LoadingTests.parameter("classifier.weight", of: arena)
        classifier.valueForWriting()[3] = 5
        let report = try arena.load(file, as: .start)
        #expect(report.redrawn == "classifier.weight of 7 classes in place of 4")
        #expect(report.found.count == 4 && report.missing.isEmpty && report.leftOver.isEmpty)
        #expect(classifier.value[3] == 5 && !classifier.isPretrained)
        #expect(message { try arena.load(file, as: .model) }.contains("classifier.weight is [7, 2, 1, 1]"))
    }

    @Test func aFileOfAnotherNetworkIsRefused() throws {
        let arena = LoadingTests.network()
        let file = try MemoryFile([("layer1.0.conv1.weight", [1]), ("layer2.0.conv1.weight", [1])])
        let error = #expect(throws: InputError.self) { try arena.load(file, as: .start) }
        let words = "none of its 2 tensors belongs to the network (layer1.0.conv1.weight, layer2.0.conv1.weight);"
        #expect(error?.description.contains(words) == true)
        let others = try MemoryFile((0..<9).map { ("fc.\($0)\n" + String(repeating: "x", count: 90), [1]) })
        for purpose in [WeightPurpose.start, .model] {
            let text = message { try arena.load(others, as: purpose) }
            #expect(
                text.contains("none of its 9 tensors belongs to the network (fc.0\\u{a}xx")
                    && text.contains(" and 6 more)"))
        }
    }

    @Test func whatAModelLacksIsCounted() throws {
        let file = try MemoryFile([("conv1_1.bias", [2])])
        let text = message { try LoadingTests.network().load(file, as: .model) }
        let first = "backbone.conv1_1.weight, backbone.conv1_1_bn.weight, classifier.weight"
        #expect(text.hasPrefix("memory: lacks \(first) and 1 more;"), "\(text)")
    }

    /// A teacher's and a student's last layer, say.
    @Test func twoTensorsThatNobodyWantsAreNoFault() throws {
        let file = try MemoryFile([("conv1_1.bias", [2]), ("fc.weight", [1]), ("module.fc.weight", [1])])
        let report = try LoadingTests.network().load(file, as: .start)
        #expect(report.leftOver == ["fc.weight", "module.fc.weight"])
    }

    @Test func whichTensorsWereTakenIsReported() throws {
        let arena = ParameterArena()
        _ = arena.declare("backbone.conv1_1.bias", [2], role: .bias, start: .constant(0))
        let report = try arena.load(try openWeights(fixture("training-old.pth")), as: .start)
        #expect(report.origin == "tensors of 'model/state_dict', not of 'averages'")
        #expect(arena.parameters[0].value[1] == 0.5)
    }

    @Test func twoTensorsOfOneMeaningAreRefused() throws {
        let arena = LoadingTests.network()
        let file = try MemoryFile([("conv1_1.bias", [2]), ("module.backbone.conv1_1.bias", [2])])
        let error = #expect(throws: InputError.self) { try arena.load(file, as: .start) }
        #expect(
            error?.description
                == "memory: conv1_1.bias and module.backbone.conv1_1.bias both mean backbone.conv1_1.bias; keep one")
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func numbersThatAreNoneAreRefused(_ value: Float) throws {
        try withTemporaryFile { path in
            try writeSafetensors([TensorToWrite("backbone.conv1_1.bias", [2]) { [1, value] }], to: path)
            let error = #expect(throws: InputError.self) {
                try LoadingTests.network().load(try openWeights(path), as: .start)
            }
            #expect(error?.description.contains("NaN or infinity in backbone.conv1_1.bias") == true)
        }
    }

    @Test func integersInPlaceOfWeightsAreRefused() throws {
        let arena = ParameterArena()
        _ = arena.declare("i32", [1, 1], role: .weight, start: .constant(0))
        let error = #expect(throws: InputError.self) {
            try arena.load(try openWeights(fixture("types.safetensors")), as: .start)
        }
        #expect(error?.description.contains("has elements of type I32") == true)
    }

    @Test func aSavedModelLoadsIntoItsTwin() throws {
        try withTemporaryFile { path in
            let arena = LoadingTests.network()
            for (index, parameter) in (arena.parameters + arena.statistics).enumerated() {
                let value = parameter.valueForWriting()
                for k in 0..<parameter.count { value[k] = Float(index) + 0.37 * Float(k) }
            }
            try arena.save(to: path, metadata: ["iteration": "8000"])
            let twin = LoadingTests.network()
            let report = try twin.load(try openWeights(path), as: .model)
            #expect(report.leftOver.isEmpty)
            for (saved, loaded) in zip(arena.parameters + arena.statistics, twin.parameters + twin.statistics) {
                #expect((0..<saved.count).allSatisfy { saved.value[$0] == loaded.value[$0] }, "\(saved.name)")
            }
            let weight = arena.parameters[0]
            let file = try openWeights(path)
            #expect(try file.floats(of: file.tensors[0]) == weight.fileOrder(weight.value))
        }
    }

    @Test(.enabled(if: testData != nil, Comment(rawValue: testDataMissing)))
    func realStartWeightsFitTheTrunk() throws {
        let file = try openWeights(join(testData ?? "", "weights/vgg16_imagenet_caffe.safetensors"))
        let arena = ParameterArena()
        for (theirs, ours) in try NameMapTests.pairs("vgg16") {
            let entry = try #require(file.tensors.first { $0.name == theirs })
            _ = arena.declare(ours, entry.shape, role: .weight, start: .heNormal)
        }
        let report = try arena.load(file, as: .start)
        #expect(report.found.count == 26)
        #expect(report.missing.isEmpty && report.leftOver.isEmpty)
    }
}
