import FileAccess
import Foundation
import TestSupport
import Testing

/// What is wrong with settings, data and weights is told in one line: which file, where in it, what, and what to do.
@Suite struct BadInputTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var line = classifier
        /// What the last line must contain.
        let words: [String]
        var breaks: @Sendable (Workplace) throws -> Void = { _ in }

        init(
            _ name: String, _ line: String = classifier, _ words: String...,
            breaks: @escaping @Sendable (Workplace) throws -> Void = { _ in }
        ) {
            (testDescription, self.line, self.words, self.breaks) = (name, line, words, breaks)
        }
    }

    @Test(arguments: settingCases + reproductionCases + weightCases + dataCases + labelCases + evaluationCases)
    func oneLineTellsWhatIsWrongAndWhatToDo(_ test: Case) throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            try test.breaks(workplace)
            let outcome = try workplace.run(test.line)
            #expect(outcome.code == 65)
            #expect(outcome.complaint.hasPrefix("bana: error: "), "\(outcome.errors)")
            #expect(outcome.complaint.contains("; "), "no remedy: \(outcome.complaint)")
            for words in test.words { #expect(outcome.complaint.contains(words), "\(outcome.complaint)") }
            #expect(outcome.output.isEmpty)
            #expect(!exists(join(folder, "run")))
        }
    }
}

private let classifier = "train classifier --config classifier.yaml --run run"
private let segmenter = "train segmenter --config segmenter.yaml --run run"
private typealias Case = BadInputTests.Case

private let settingCases = [
    Case("an unknown key", classifier, "classifier.yaml:line 2: unknown key solver.itertions", "solver.iterations") {
        try $0.put("solver:\n  itertions: 5\n", at: "classifier.yaml")
    },
    Case("a word for a number", classifier, "classifier.yaml:line 1: solver.batch is ", "whole number") {
        try $0.put("solver: {batch: many}\n", at: "classifier.yaml")
    },
    Case("a number out of range", "\(classifier) --set data.flip=1.5", "--set data.flip=1.5: ", "from 0 to 1"),
    Case("an override without a value", "\(classifier) --set solver.lr", "--set solver.lr: ", "key.path=value"),
    Case("broken YAML", classifier, "classifier.yaml:line 3, column 1: ") {
        try $0.put("solver:\n  batch: [1, 2\n", at: "classifier.yaml")
    },
    Case("no config", "train classifier --config none.yaml --run run", "none.yaml: ", "No such file"),
    Case("a folder as config", "train classifier --config voc --run run", "voc: ", "folder"),
    Case("a segmenter without labels", "train segmenter --config label.yaml --run run", "data.labels.crf", "Y_crf"),
    Case("labels without a network", "label --config classifier.yaml --run run", "model.weights: "),
    Case(
        "statistics over ranks that shall be reproducible",
        "\(classifier) --reproducible --set model.trunk=vgg16_bn --set model.batch_norm.mode=global",
        "model.batch_norm.mode: ", "train or frozen"),
    Case("more than the memory holds", "\(classifier) --set solver.batch=900000", "solver.batch: ", "micro_batch"),
]

private let weightCases = [
    Case("no start weights", "\(classifier) --set model.weights=none.safetensors", "none.safetensors: "),
    Case("text as weights", "\(classifier) --set model.weights=classifier.yaml", "classifier.yaml: "),
    Case(
        "a pointer as weights", "\(classifier) --set model.weights=w.pth", "w.pth: this looks like a pointer of Git LFS"
    ) {
        try $0.put("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", at: "w.pth")
    },
    Case("a web page, inspected", "weights inspect w.pth", "w.pth: this looks like an HTML page", "torch.save wrote") {
        try $0.put("<!DOCTYPE html>\n<html></html>\n", at: "w.pth")
    },
    Case("no tensors, inspected", "weights inspect w.safetensors", "w.safetensors: holds no tensors") {
        try $0.put("\u{2}\0\0\0\0\0\0\0{}", at: "w.safetensors")
    },
    Case(
        "nobody's names", "\(classifier) --set model.weights=w.pth", "w.pth: none of its 7 tensors", "0.weight, 0.bias,"
    ) {
        try $0.copy(fixture("weights/several.pth"), to: "w.pth")
    },
    Case("half a zip as weights", "\(classifier) --set model.weights=w.pth", "w.pth: is cut off", "copy it again") {
        try $0.put("PK\u{3}\u{4} and so on", at: "w.pth")
    },
    Case(
        "a pickle that calls", "\(classifier) --set model.weights=w.pth", "w.pth: holds more than tensors: posix.system"
    ) {
        try $0.copy(fixture("weights/call.pth"), to: "w.pth")
    },
    Case("a pickle that calls, inspected", "weights inspect w.pth", "w.pth: holds more than tensors") {
        try $0.copy(fixture("weights/call.pth"), to: "w.pth")
    },
    Case(
        "weights of nobody's names", "weights convert w.pth out.safetensors", "w.pth: none of its 16 tensors",
        "and 13 more"
    ) {
        try $0.copy(fixture("weights/tensors.pth"), to: "w.pth")
    },
    Case("weights to a pickle", "weights convert w.pth out.pth", "out.pth: only safetensors files are written") {
        try $0.copy(fixture("weights/tensors.pth"), to: "w.pth")
    },
    Case("truncated weights", "\(classifier) --set model.weights=w.safetensors", "w.safetensors: ") {
        try $0.makeModel("w.safetensors")
        try $0.edit("w.safetensors") { $0.removeLast(100) }
    },
    Case(
        "another width", "\(classifier) --set model.weights=w.safetensors --set model.width=0.125", "w.safetensors: ",
        "backbone.conv1_1.weight is [4, 3, 3, 3], the network wants [8, 3, 3, 3], and ", "more do not fit"
    ) {
        try $0.makeModel("w.safetensors")
    },
    Case(
        "labels by another network", "label --config label.yaml --run run --set model.trunk=vgg16_bn",
        "model.safetensors: lacks ", "conv1_1_bn"
    ) { try $0.makeModel("model.safetensors") },
]

private let dataCases = [
    Case(
        "no data", "\(classifier) --set data.root=none", "none/ImageSets/Segmentation/train.txt: no such image list",
        "data.root"),
    Case("no list", "\(classifier) --set data.split=none", "voc/ImageSets/Segmentation/none.txt: no such image list"),
    Case("an empty list", classifier, "train.txt: ") { try $0.put("\n\n", at: list) },
    Case("an id that leaves the folder", classifier, "train.txt:line 1: ", "../tiny_01") {
        try $0.put("../tiny_01\n", at: list)
    },
    Case("no image", classifier, "voc/JPEGImages/tiny_01.jpg: cannot read") { try $0.remove(image) },
    Case("a truncated image", classifier, "voc/JPEGImages/tiny_01.jpg: ") {
        try $0.edit(image) { $0.removeLast($0.count / 2) }
    },
    Case("text as an image", classifier, "voc/JPEGImages/tiny_01.jpg: ") { try $0.put("not a picture", at: image) },
    Case("no annotation", classifier, "voc/Annotations/tiny_01.xml: cannot read") { try $0.remove(annotation) },
    Case("a torn annotation", classifier, "voc/Annotations/tiny_01.xml:line ") {
        try $0.edit(annotation) { $0.removeLast($0.count / 2) }
    },
    Case("an unknown class", classifier, "voc/Annotations/tiny_01.xml:", "unknown class 'cart'") {
        try $0.replace("<name>car</name>", with: "<name>cart</name>", in: annotation)
    },
    Case("a box outside its image", classifier, "voc/Annotations/tiny_01.xml:", "130x106") {
        try $0.replace("<xmax>125</xmax>", with: "<xmax>525</xmax>", in: annotation)
    },
    Case("an empty box", classifier, "voc/Annotations/tiny_01.xml:") {
        try $0.replace("<xmax>125</xmax>", with: "<xmax>66</xmax>", in: annotation)
    },
    Case("coordinates that are no numbers", classifier, "voc/Annotations/tiny_01.xml:") {
        try $0.replace("<xmax>", with: "<xmax>wide", in: annotation)
    },
    Case("no label map", segmenter, "voc/labels/Y_ret/tiny_01.png: cannot read") {
        try $0.remove("voc/labels/Y_ret/tiny_01.png")
    },
    Case("a label map of another size", segmenter, "voc/labels/Y_crf/tiny_01.png: ", "12x7", "130x106") {
        try $0.putMap(12, 7, label: 0, at: "voc/labels/Y_crf/tiny_01.png")
    },
    Case("a label out of range", segmenter, "voc/labels/Y_crf/tiny_01.png: label 21", "0 to 20") {
        try $0.putMap(130, 106, label: 21, at: "voc/labels/Y_crf/tiny_01.png")
    },
    Case(
        "a run folder that cannot be made", "train classifier --config classifier.yaml --run label.yaml/run",
        "label.yaml/run"),
]

private let reproductionCases = [
    Case("a reproduction without classifier", "reproduce --config tables.yaml --run run", "names no classifier") {
        try $0.put("labels: {config: label.yaml}\n", at: "tables.yaml")
    },
    Case(
        "an unknown stage", "reproduce --config tables.yaml --run run", "tables.yaml:line 1: unknown key clasifier",
        "did you mean classifier?"
    ) { try $0.put("clasifier: {config: classifier.yaml}\n", at: "tables.yaml") },
    Case("a stage's config that is not there", "\(reproduction) --set labels.config=none.yaml", "none.yaml: ") {
        try $0.putReproduction()
    },
    Case(
        "a reproduction without data", "\(reproduction) --set set=[data.root=none]",
        "none/ImageSets/Segmentation/train.txt: no such image list"
    ) { try $0.putReproduction() },
]

private let labelCases = [
    Case("no classifier", "label --config label.yaml --run run", "model.safetensors: cannot read"),
    Case(
        "labels of other settings", "label --config label.yaml --run labels --set label.bg_threshold=0.5",
        "labels.json: ",
        "label.bg_threshold is 0.5, was 0.99", "--restart"
    ) {
        try $0.makeModel("model.safetensors")
        try $0.expectSuccess("label --config label.yaml --run labels")
    },
    Case("labels of other weights", "label --config label.yaml --run labels", "labels.json: ", "the weights are others")
    {
        try $0.makeModel("model.safetensors")
        try $0.expectSuccess("label --config label.yaml --run labels")
        try $0.makeModel("model.safetensors", seed: 14)
    },
    Case(
        "other settings on resume", "\(classifier)s --set solver.lr=0.5", "runs/config.yaml: ",
        "solver.lr is 0.5, was 0.0", "--restart"
    ) { try $0.expectSuccess("\(classifier)s") },
    Case(
        "another command's run", "train segmenter --config segmenter.yaml --run runs", "runs/config.yaml: ",
        "another command"
    ) { try $0.expectSuccess("\(classifier)s") },
]

private let evaluationCases = [
    Case(
        "no model", "evaluate segmenter --config segmenter.yaml --run run", "run/model.safetensors: ",
        "bana train segmenter"),
    Case("no prediction", evaluation, "voc/none/tiny_01.png: cannot read") {
        try $0.put("", at: "voc/none/nothing")
    },
    Case("a prediction of another size", evaluation, "voc/none/tiny_01.png: 12x7 pixels, its truth 130x106") {
        try $0.putMap(12, 7, label: 0, at: "voc/none/tiny_01.png")
    },
    Case("a report on no run", "report voc", "voc: no run is here", "--run"),
    Case("a prediction of other classes", evaluation, "voc/none/tiny_01.png: ", "99") {
        try $0.putMap(130, 106, label: 99, at: "voc/none/tiny_01.png")
    },
]

private let reproduction = "reproduce --config tables.yaml --run run"
private let list = "voc/ImageSets/Segmentation/train.txt"
private let image = "voc/JPEGImages/tiny_01.jpg"
private let annotation = "voc/Annotations/tiny_01.xml"
private let evaluation =
    "evaluate labels --predictions voc/none --truth voc/SegmentationClass --list voc/ImageSets/Segmentation/train.txt"
