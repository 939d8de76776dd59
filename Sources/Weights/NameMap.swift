/// Whose names the tensors of a file have.
package enum Naming: String, CaseIterable, Sendable {
    /// Those of the method's reference implementation, which are ours.
    case reference
    case torchvision
}

/// From the names that tensors have in weight files to the names they have in ours.
///
/// Ours are those of the method's reference implementation. Its names without `backbone.`, any names behind `module.`,
/// `_orig_mod.` and `model.` (which wrappers add: PyTorch's for data parallelism and compilation, and those of training
/// programs), in any order, and torchvision's names mean the same tensors:
///
/// | torchvision | ours |
/// |---|---|
/// | `features.I` (VGG, I-th layer) | `backbone.convS_K`, `backbone.convS_K_bn` |
/// | `conv1`, `bn1` (ResNet) | `backbone.layer1.conv1.{conv,bn}` |
/// | `layerL.B` | `backbone.layer(L+1).block(B+1)` |
/// | `conv1`, `bn1` of a block | `reduce.{conv,bn}` |
/// | `conv2`, `bn2` | `conv3x3.{conv,bn}` |
/// | `conv3`, `bn3` | `increase.{conv,bn}` |
/// | `downsample.0`, `downsample.1` | `shortcut.{conv,bn}` |
///
/// The reference counts the stem as layer 1 and blocks from 1. Every other name (torchvision's `classifier.0.weight` and
/// `fc.weight`, a batch norm's `num_batches_tracked`) stays what it is, and no network of ours has it.
package struct NameMap {
    private let features: [Int: String]

    /// The map for a file with tensors of these names.
    package init(fileNames: [String]) {
        let hasNorms = fileNames.contains { NameMap.core($0) == "features.1.weight" }
        features = NameMap.features(withNorms: hasNorms)
    }

    /// Our name for a file's tensor, or the name itself if it is none that we know.
    package func name(for fileName: String) -> String {
        recognize(fileName)?.name ?? String(NameMap.core(fileName))
    }

    /// Our name for a file's tensor, and whose names it was found among; `nil` if it is none that we know.
    package func recognize(_ fileName: String) -> (name: String, naming: Naming)? {
        let core = NameMap.core(fileName)
        let parts = core.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if let name = vggName(parts) ?? resNetName(parts) { return ("backbone." + name, .torchvision) }
        // Expressions take their time to be made, and most names of other files begin otherwise.
        let mayBeTrunk = ["conv", "fc", "layer"].contains(where: core.hasPrefix)
        if mayBeTrunk, core.firstMatch(of: NameMap.trunk) != nil { return ("backbone.\(core)", .reference) }
        guard core.hasPrefix("c"), core.hasSuffix(".weight") else { return nil }
        return core.firstMatch(of: NameMap.head) != nil ? (String(core), .reference) : nil
    }

    /// torchvision's name for a tensor of ours; `nil` where it has no such tensor.
    package static func torchvisionName(_ name: String, hasNorms: Bool) -> String? {
        let core = core(name)
        let parts = core.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard let last = parts.last else { return nil }
        if parts.count == 2, let index = features(withNorms: hasNorms).first(where: { $0.value == parts[0] })?.key {
            return "features.\(index).\(last)"
        }
        let unit = parts.suffix(3).dropLast().joined(separator: ".")
        switch parts.count {
        case 4 where core.hasPrefix("layer1.conv1."): return (unit == "conv1.conv" ? "conv1." : "bn1.") + last
        case 5:
            guard let layer = layers.first(where: { $0.value == parts[0] })?.key,
                let block = Int(parts[1].dropFirst(5)),
                let unit = units.first(where: { $0.value == unit })?.key
            else { return nil }
            return "\(layer).\(block - 1).\(unit).\(last)"
        default: return nil
        }
    }

    private static var trunk: Regex<(Substring, Substring, Substring?)> {
        /^(conv\d_\d(_bn)?|fc[67]|layer1\.conv1|layer[2-5]\.block\d+)\./
    }

    /// The classifier, and the four convolutions of DeepLab v2.
    private static var head: Regex<(Substring, Substring)> { /^(classifier|c[1-4])\.weight$/ }

    private static let wrappers = ["module.", "_orig_mod.", "model."]

    /// The name without the wrappers' prefixes and `backbone.`.
    private static func core(_ name: String) -> Substring {
        var core = name[...]
        while let wrapper = wrappers.first(where: core.hasPrefix) { core.removeFirst(wrapper.count) }
        if core.hasPrefix("backbone.") { core.removeFirst("backbone.".count) }
        return core
    }

    /// `features.7.weight` of torchvision's VGG.
    private func vggName(_ parts: [String]) -> String? {
        guard parts.count == 3, parts[0] == "features", let index = Int(parts[1]) else { return nil }
        return features[index].map { "\($0).\(parts[2])" }
    }

    /// `conv1.weight` or `layer1.0.conv1.weight` of torchvision's ResNet.
    private func resNetName(_ parts: [String]) -> String? {
        switch parts.count {
        case 2 where parts[0] == "conv1": return "layer1.conv1.conv.\(parts[1])"
        case 2 where parts[0] == "bn1": return "layer1.conv1.bn.\(parts[1])"
        case 4...5:
            let unit = parts[2..<parts.count - 1].joined(separator: ".")
            guard let unit = NameMap.units[unit], let block = Int(parts[1]), (0..<Int.max).contains(block) else {
                return nil
            }
            guard let layer = NameMap.layers[parts[0]] else { return nil }
            return "\(layer).block\(block + 1).\(unit).\(parts[parts.count - 1])"
        default: return nil
        }
    }

    private static let layers = ["layer1": "layer2", "layer2": "layer3", "layer3": "layer4", "layer4": "layer5"]
    private static let units = [
        "conv1": "reduce.conv", "bn1": "reduce.bn", "conv2": "conv3x3.conv", "bn2": "conv3x3.bn",
        "conv3": "increase.conv", "bn3": "increase.bn", "downsample.0": "shortcut.conv", "downsample.1": "shortcut.bn",
    ]

    /// Names by position in torchvision's list of layers, where ReLUs and poolings count too.
    private static func features(withNorms: Bool) -> [Int: String] {
        var names: [Int: String] = [:]
        var index = 0
        for (stage, convolutions) in [2, 2, 3, 3, 3].enumerated() {
            for convolution in 1...convolutions {
                let name = "conv\(stage + 1)_\(convolution)"
                names[index] = name
                if withNorms { names[index + 1] = name + "_bn" }
                index += withNorms ? 3 : 2
            }
            index += 1
        }
        return names
    }
}
