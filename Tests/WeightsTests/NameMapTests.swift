import FileAccess
import Foundation
import Testing
import Weights

@Suite struct NameMapTests {
    /// torchvision's names with the reference's, paired by forward order in PyTorch.
    static func pairs(_ network: String) throws -> [(theirs: String, ours: String)] {
        let text = String(decoding: try readFile(fixture("names-\(network).txt")), as: UTF8.self)
        return text.split(separator: "\n").map { line in
            let names = line.split(separator: " ").map(String.init)
            return (names[0], names[1])
        }
    }

    @Test(arguments: [("vgg16", 26), ("vgg16_bn", 91), ("resnet101", 624)])
    func torchvisionsNamesAreTheReferences(_ network: String, _ count: Int) throws {
        let pairs = try NameMapTests.pairs(network)
        #expect(pairs.count == count)
        let map = NameMap(fileNames: pairs.map(\.theirs))
        for (theirs, ours) in pairs {
            #expect(map.name(for: theirs) == ours)
            #expect(map.name(for: "module." + theirs) == ours)
            #expect(map.name(for: "module.backbone." + theirs) == ours)
            for wrapper in ["_orig_mod.", "model.", "module._orig_mod.", "_orig_mod.module.", "model.module.model."] {
                #expect(map.name(for: wrapper + theirs) == ours)
                #expect(map.name(for: wrapper + "backbone." + theirs) == ours)
            }
        }
    }

    @Test(arguments: ["vgg16", "vgg16_bn", "resnet101"])
    func theReferencesNamesMayLackBackbone(_ network: String) throws {
        let names = try NameMapTests.pairs(network).map(\.ours) + ["backbone.fc6.weight", "backbone.fc7.bias"]
        let map = NameMap(fileNames: names)
        for name in names {
            #expect(map.name(for: name) == name)
            #expect(map.name(for: String(name.dropFirst("backbone.".count))) == name)
            #expect(map.name(for: "module." + name) == name)
        }
    }

    @Test(arguments: [
        "classifier.weight", "c1.weight", "c4.weight", "classifier.0.weight", "classifier.6.bias", "fc.weight",
        "fc8.bias",
        "features.1.weight", "features.x.weight", "features.0", "layer0.0.conv1.weight", "layer1.-1.conv1.weight",
        "layer1.9223372036854775807.conv1.weight",
        "layer1.0.conv4.weight", "", ".", "conv1", "optimizer.state", "layer1.0.downsample.0",
    ])
    func otherNamesStay(_ name: String) {
        #expect(NameMap(fileNames: ["features.0.weight"]).name(for: name) == name)
        #expect(NameMap(fileNames: ["features.0.weight"]).name(for: "module." + name) == name)
    }
}
