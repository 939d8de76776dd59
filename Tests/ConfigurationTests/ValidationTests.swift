import Configuration
import FileAccess
import Foundation
import TestSupport
import Testing

@Suite struct ValidationTests {
    @Test(arguments: [
        (Command.label, "", "model.weights: is missing; give the model.safetensors of a trained classifier"),
        (.trainSegmenter, "", "data.labels.crf: is missing; give the folder Y_crf that bana label wrote"),
        (
            .trainSegmenter, "data: {labels: {crf: a}}",
            "data.labels.ret: is missing; give the folder Y_ret that bana label wrote"
        ),
        (
            .trainSegmenter, "data: {labels: {crf: a}}\nloss: {kind: ce_ret}",
            "data.labels.ret: is missing; give the folder Y_ret that bana label wrote"
        ),
        (
            .trainSegmenter, "model: {head: aspp}",
            "model.head: aspp does not fit model.trunk vgg16; set it to largefov, or choose another trunk"
        ),
        (
            .evaluateSegmenter, "model: {trunk: resnet101}",
            "model.head: largefov does not fit model.trunk resnet101; set it to aspp, or choose another trunk"
        ),
        (
            .trainClassifier, "model: {classes: coco}",
            "model.classes: is coco, but data.classes is voc; "
                + "remove it: only bana label takes other classes than the data's"
        ),
        (
            .checkData, "data: {format: coco}",
            "data.annotations: is missing; name the instances file of this COCO set"
        ),
        (
            .checkData, "data: {format: coco, annotations: a.json}",
            "data.images: is missing; name the folder of images of this COCO set"
        ),
    ])
    func commandsSayWhatTheyMiss(_ command: Command, _ yaml: String, _ message: String) throws {
        let config = try RunConfiguration(yaml: yaml)
        #expect(TestSupport.message { try config.validate(for: command) } == message)
    }

    @Test(arguments: [
        (Command.trainClassifier, ""), (.checkData, ""), (.evaluateSegmenter, ""), (.label, "model: {weights: w}"),
        (.label, "model: {weights: w, classes: voc}\ndata: {format: coco, classes: coco, annotations: a, images: b}"),
        (.trainSegmenter, "data: {labels: {crf: a, ret: b}}"),
        (.trainSegmenter, "data: {labels: {crf: a}}\nloss: {kind: ce_crf}"),
        (.trainSegmenter, "data: {labels: {ret: a}}\nloss: {kind: ce_ret}"),
        (.evaluateSegmenter, "model: {trunk: resnet50, head: aspp}"),
    ])
    func whatIsEnoughPasses(_ command: Command, _ yaml: String) throws {
        try RunConfiguration(yaml: yaml).validate(for: command)
    }

    @Test(arguments: [
        ("seed: x", "config.yaml:line 1: seed is x; it wants a whole number from 0 to 4294967295"),
        ("", "config.yaml:model.weights: is missing; give the model.safetensors of a trained classifier"),
        ("seed: 1\nseed: 2", "config.yaml:line 1: seed given twice; keep one"),
    ])
    func errorsNameTheFile(_ yaml: String, _ message: String) throws {
        try withTemporaryFolder { folder in
            let path = try write(yaml, to: "config.yaml", in: folder)
            let actual = TestSupport.message { try RunConfiguration(contentsOf: path, for: .label) }
            #expect(actual == join(folder, message))
        }
    }

    @Test func unreadableFilesAreNamed() throws {
        try withTemporaryFolder { folder in
            let path = join(folder, "config.yaml")
            #expect(throws: InputError.self) { try RunConfiguration(contentsOf: path, for: .checkData) }
            try writeAtomically(Data([0xFF, 0xFE, 0xFA]), to: path)
            let actual = message { try RunConfiguration(contentsOf: path, for: .checkData) }
            #expect(actual == "\(path): not UTF-8 text; save it as UTF-8")
        }
    }
}
