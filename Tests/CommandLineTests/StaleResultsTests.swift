import FileAccess
import Foundation
import ImageFiles
import TestSupport
import Testing

/// State is derived from what is really there.
@Suite(.serialized) struct StaleResultsTests {
    private static let label = "label --config label.yaml --run labels --threads 1"

    private func withLabels(_ body: (Workplace) throws -> Void) throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            try place.makeModel("model.safetensors")
            try place.expectSuccess(StaleResultsTests.label)
            try body(place)
        }
    }

    @Test func labelsWithoutTheirRecordAreNotTakenForOnesOwn() throws {
        try withLabels { place in
            try place.remove("labels/labels.json")
            let outcome = try place.run(StaleResultsTests.label)
            #expect(outcome.code == 65)
            #expect(outcome.complaint.contains("but not the record of what made them"), "\(outcome.errors)")
            try place.expectSuccess(StaleResultsTests.label + " --restart")
        }
    }

    @Test(arguments: [0, 8, 60])
    func aTornMapIsMadeAgain(_ length: Int) throws {
        try withLabels { place in
            let name = "labels/Y_crf/tiny_01.png"
            let whole = try readFile(join(place.folder, name))
            try place.edit(name) { $0 = $0.prefix(length) }
            let outcome = try place.run(StaleResultsTests.label)
            #expect(outcome.errors.contains("labelled 1 images, "), "\(outcome.errors)")
            #expect(try readFile(join(place.folder, name)) == whole)
        }
    }

    @Test func tailsOfZerosAreTorn() throws {
        try withLabels { place in
            try place.edit("labels/Y_ret/tiny_02.png") {
                $0.replaceSubrange($0.count - 5..<$0.count, with: Data(count: 5))
            }
            let outcome = try place.run(StaleResultsTests.label)
            #expect(outcome.errors.contains("labelled 1 images, "), "\(outcome.errors)")
        }
    }

    @Test func labelsOfOtherBoxesOrImagesAreMadeAnew() throws {
        try withLabels { place in
            let unchanged = try place.run(StaleResultsTests.label)
            #expect(unchanged.errors.contains("labelled 0 images, "), "\(unchanged.errors)")
            try place.replace("<xmax>125</xmax>", with: "<xmax>120</xmax>", in: "voc/Annotations/tiny_01.xml")
            try place.copy(join(place.folder, "voc/JPEGImages/tiny_03.jpg"), to: "voc/JPEGImages/tiny_02.jpg")
            try place.putMap(10, 10, label: 1, at: "labels/Y_ret/tiny_04.png")
            let outcome = try place.run(StaleResultsTests.label)
            #expect(outcome.code == 0 && outcome.errors.contains("labelled 3 images, "), "\(outcome.errors)")
            #expect(
                outcome.errors.contains(
                    "3 images changed, or the boxes did, since the labels were made: they are made anew"))
            let map = try LabelMap(contentsOf: join(place.folder, "labels/Y_ret/tiny_04.png"))
            #expect((map.width, map.height) == (130, 106))
        }
    }

    @Test func aTrainingGoesOnWithItsOwnListOnly() throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            let line = "train classifier --config classifier.yaml --run run"
            try place.expectSuccess(line)
            try place.remove("run/model.safetensors")
            let list = "voc/ImageSets/Segmentation/train.txt"
            let text = String(decoding: try readFile(join(folder, list)), as: UTF8.self)
            try place.put(text.split(separator: "\n").reversed().joined(separator: "\n"), at: list)
            let outcome = try place.run(line)
            #expect(outcome.code == 65, "\(outcome.errors)")
            #expect(outcome.complaint.contains("the run began with another list of images; bring the list back"))
            try place.put(text.replacing("\n", with: "\r\n"), at: list)
            try place.expectSuccess(line)
        }
    }

    @Test(arguments: [0, 100])
    func aDamagedModelIsMadeAgain(_ length: Int) throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            let line = "train classifier --config classifier.yaml --run run"
            try place.expectSuccess(line)
            let whole = try readFile(join(folder, "run/model.safetensors"))
            try place.edit("run/model.safetensors") { $0 = $0.prefix(length) }
            let outcome = try place.run(line)
            #expect(
                outcome.code == 0 && outcome.errors.contains("going on from the last checkpoint"), "\(outcome.errors)")
            #expect(try readFile(join(folder, "run/model.safetensors")) == whole)
        }
    }

    /// A run that was killed after it had mended an image has not written the masks of all.
    @Test func masksOfFewerImagesDoNotPassForAll() throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            try place.makeModel("model.safetensors")
            try place.expectSuccess("data shapes coco --format coco --train 3 --validation 1 --size 64")
            let line =
                "label --config label.yaml --weights model.safetensors --images coco/train "
                + "--boxes coco/annotations/instances_train.json --run masks"
            let first = try place.run(line)
            #expect(first.code == 0, "\(first.errors)")
            let whole = try readFile(join(folder, "masks/instances.json"))
            // As if another image had been missing before, and the run that mended it had not come to its end.
            try place.put("[]\n", at: "masks/instances.json")
            let maps = try fileNames(in: join(folder, "masks/Y_crf"))
            try place.remove("masks/Y_crf/\(maps[0])")
            let again = try place.run(line)
            #expect(again.code == 0, "\(again.errors)")
            #expect(try readFile(join(folder, "masks/instances.json")) == whole)
        }
    }
}
