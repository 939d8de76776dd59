import FileAccess
import TestSupport
import Testing
import Weights

@Suite struct ConvertingTests {
    /// Every tensor has its torchvision name back.
    @Test(arguments: ["vgg16", "vgg16_bn", "resnet101"])
    func namesGoThereAndBack(_ network: String) throws {
        for (theirs, ours) in try NameMapTests.pairs(network) {
            #expect(NameMap.torchvisionName(ours, hasNorms: network == "vgg16_bn") == theirs)
        }
    }

    @Test(arguments: [
        "classifier.weight", "c1.weight", "backbone.fc6.weight", "backbone.fc7.bias", "fc.weight", "", "a.b.c.d.e",
    ])
    func otherNamesHaveNone(_ name: String) {
        #expect(NameMap.torchvisionName(name, hasNorms: false) == nil)
    }

    @Test func whoseNamesTheyAreIsTold() {
        let map = NameMap(fileNames: [])
        #expect(map.recognize("module.layer1.0.conv1.weight")?.naming == .torchvision)
        #expect(map.recognize("module.backbone.layer2.block1.reduce.conv.weight")?.naming == .reference)
        #expect(map.recognize("c3.weight")?.naming == .reference)
        #expect(map.recognize("fc.weight") == nil && map.recognize("c5.weight") == nil)
    }

    @Test(arguments: [("vgg16", 26), ("vgg16_bn", 78), ("resnet101", 520)])
    func filesGoThereAndBack(_ network: String, _ floats: Int) throws {
        let names = try NameMapTests.pairs(network).filter { !$0.theirs.hasSuffix("num_batches_tracked") }
        let file = try MemoryFile(names.map { ("module." + $0.theirs, [2]) } + [("fc.weight", [3, 1])])
        try withTemporaryFolder { folder in
            let paths = ["ours", "theirs"].map { join(folder, $0 + ".safetensors") }
            let report = try convertWeights(file, to: .reference, path: paths[0])
            #expect(report == ConversionReport(written: floats, leftOut: ["fc.weight"]))
            let ours = try openWeights(paths[0])
            #expect(ours.tensors.map(\.name) == names.map(\.ours))
            #expect(try convertWeights(ours, to: .torchvision, path: paths[1]).leftOut.isEmpty)
            let theirs = try openWeights(paths[1])
            #expect(theirs.tensors.map(\.name) == names.map(\.theirs))
            for (index, tensor) in theirs.tensors.enumerated() {
                #expect(try theirs.floats(of: tensor) == file.floats(of: file.tensors[index]))
            }
        }
    }

    @Test func whatHasNoNameIsLeftOutAndSaid() throws {
        let file = try MemoryFile([
            ("conv1_1.weight", [1, 1, 3, 3]), ("fc6.bias", [2]), ("classifier.weight", [2, 2, 1, 1]),
        ])
        try withTemporaryFile { path in
            let report = try convertWeights(file, to: .torchvision, path: path)
            #expect(report == ConversionReport(written: 1, leftOut: ["fc6.bias", "classifier.weight"]))
            #expect(try openWeights(path).tensors.map(\.name) == ["features.0.weight"])
            #expect(try convertWeights(file, to: .reference, path: path).leftOut.isEmpty)
        }
    }

    @Test func nothingIsWrittenInVain() throws {
        try withTemporaryFolder { folder in
            let path = join(folder, "out.safetensors")
            let unknown = try MemoryFile([("fc.weight", [1])])
            #expect(
                message { try convertWeights(unknown, to: .reference, path: path) }.contains(
                    "none of its 1 tensors has a name in the reference naming (fc.weight);"))
            let twice = try MemoryFile([("conv1_1.bias", [2]), ("module.conv1_1.bias", [2])])
            #expect(
                message { try convertWeights(twice, to: .reference, path: path) }.contains(
                    "both mean backbone.conv1_1.bias"))
            #expect(!exists(path))
        }
    }
}
