import Configuration
import FileAccess
import Foundation
import Testing

/// The files that users start from.
@Suite struct ConfigFileTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("configs").path

    /// The settings of stages below `configs/`, as `voc/label.yaml`.
    static let files = (FileManager.default.enumerator(atPath: folder)?.allObjects ?? [])
        .compactMap { $0 as? String }.filter { $0.hasSuffix(".yaml") && isOfStage($0) }.sorted()

    private static func isOfStage(_ file: String) -> Bool {
        let name = (file as NSString).lastPathComponent
        return ["classifier", "label", "segmenter"].contains { name.hasPrefix($0) }
    }

    /// The configs that name those of the stages, as `voc/reproduce.yaml`.
    static let reproductions = (FileManager.default.enumerator(atPath: folder)?.allObjects ?? [])
        .compactMap { $0 as? String }.filter { $0.hasSuffix("/reproduce.yaml") }.sorted()

    @Test func thereAreFiles() {
        for file in ["voc/classifier.yaml", "voc/label.yaml", "voc/segmenter.yaml", "shapes/classifier.yaml"] {
            #expect(ConfigFileTests.files.contains(file))
        }
    }

    @Test(arguments: files)
    func everyFileFitsItsCommands(_ file: String) throws {
        let name = (file as NSString).lastPathComponent
        let commands: [Command] =
            if name.hasPrefix("classifier") {
                [.trainClassifier]
            } else if name.hasPrefix("label") {
                [.label]
            } else {
                [.trainSegmenter, .evaluateSegmenter]
            }
        for command in commands {
            let config = try RunConfiguration(contentsOf: join(ConfigFileTests.folder, file), for: command)
            let resolved = try RunConfiguration(yaml: config.resolvedYAML(for: command))
            #expect(resolved.differences(from: config, for: command).isEmpty)
        }
    }

    @Test(arguments: files)
    func everyFileSaysWhatItIsForAndHowToRunIt(_ file: String) throws {
        let text = String(decoding: try readFile(join(ConfigFileTests.folder, file)), as: UTF8.self)
        #expect(text.hasPrefix("# Stage "))
        #expect(text.contains("--config configs/\(file) --run runs/"))
    }

    @Test(arguments: reproductions)
    func reproductionsNameConfigsThatAreThere(_ file: String) throws {
        let path = join(ConfigFileTests.folder, file)
        let config = try ReproductionConfiguration(contentsOf: path)
        let stages = [
            config.classifier.config, config.labels.config, config.segmenter.config, config.segmenterV2.config,
            config.coco.config,
        ].compactMap { $0 }
        #expect(stages.count >= 3)
        for stage in stages { #expect(ConfigFileTests.files.contains(String(stage.dropFirst("configs/".count)))) }
        let text = String(decoding: try readFile(path), as: UTF8.self)
        #expect(text.hasPrefix("# "))
        #expect(text.contains("--config configs/\(file) --run runs/"))
    }

    /// Labelling must build the network that was trained, and see images as it did.
    @Test(arguments: files.filter { $0.hasSuffix("/label.yaml") })
    func labelsAreMadeByTheNetworkThatWasTrained(_ file: String) throws {
        let label = try RunConfiguration(contentsOf: join(ConfigFileTests.folder, file), for: .label)
        let weights = try #require(label.model.weights).split(separator: "/").map(String.init)
        #expect(weights.count == 4 && weights[0] == "runs" && weights[3] == "model.safetensors")
        let classifier = try RunConfiguration(
            contentsOf: join(ConfigFileTests.folder, "\(weights[1])/\(weights[2]).yaml"), for: .trainClassifier)
        #expect(label.model.trunk == classifier.model.trunk)
        #expect(label.model.width == classifier.model.width)
        #expect(label.model.fc == classifier.model.fc)
        #expect(label.data.normalize == classifier.data.normalize)
        #expect((label.model.classes ?? label.data.classes) == classifier.data.classes)
        if file.hasPrefix(weights[1] + "/") { #expect(label.data.root == classifier.data.root) }
    }

    @Test(arguments: files.filter { $0.contains("/segmenter") })
    func segmentersLearnFromTheLabelsOfTheirSet(_ file: String) throws {
        let set = (file as NSString).deletingLastPathComponent
        let config = try RunConfiguration(contentsOf: join(ConfigFileTests.folder, file), for: .trainSegmenter)
        #expect(config.data.labels.crf == "runs/\(set)/labels/Y_crf")
        #expect(config.data.labels.ret == "runs/\(set)/labels/Y_ret")
    }
}
