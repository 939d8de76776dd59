import FileAccess
import Foundation
import ImageFiles
import TestSupport
import Testing

@Suite struct EvaluateTests {
    private func scores(_ path: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: readFile(path)) as? [String: Any])
    }

    /// Open pixels are read both ways, and each reading is found where it is asked for.
    @Test(arguments: ["ignored", "wrong"]) func openPixelsAreReadBothWays(_ undecided: String) throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            try workplace.put("tiny_01\n", at: "list.txt")
            var map = try LabelMap(contentsOf: join(folder, "voc/SegmentationClass/tiny_01.png"))
            for index in map.pixels.indices where index % 4 == 0 { map.pixels[index] = 255 }
            try map.write(to: join(folder, "maps/tiny_01.png"))
            let outcome = try workplace.run(
                "evaluate labels --predictions maps --truth voc/SegmentationClass --list list.txt --json s.json"
                    + " --undecided \(undecided)")
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("open left out") && outcome.output.contains("open wrong"))
            let json = try scores(join(folder, "s.json"))
            let (ignored, wrong) = (
                json["undecided_ignored"] as? [String: Any], json["undecided_wrong"] as? [String: Any]
            )
            #expect(ignored?["mIoU"] as? Double == 1)
            let miou = try #require(wrong?["mIoU"] as? Double)
            #expect(miou > 0.7 && miou < 0.8)
            #expect(json["mIoU"] as? Double == (undecided == "wrong" ? miou : 1))
        }
    }

    /// Everything would score 100 by such a truth.
    @Test func binaryMasksAreNoTruth() throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            try workplace.put("one\ntwo\n", at: "list.txt")
            try workplace.putMap(4, 2, label: 0, at: "truth/two.png")
            try LabelMap(width: 4, height: 2, pixels: [0, 255, 255, 0, 0, 255, 0, 0]).write(
                to: join(folder, "truth/one.png"))
            for name in ["one", "two"] { try workplace.putMap(4, 2, label: 0, at: "maps/\(name).png") }
            let line = "evaluate labels --predictions maps --truth truth --list list.txt"
            let outcome = try workplace.run(line)
            #expect(outcome.code == 65 && outcome.output.isEmpty)
            #expect(
                outcome.complaint.contains(
                    "truth: only 0 and 255: this looks like a binary mask, but 255 stands for ignored"))
            try workplace.putMap(4, 2, label: 3, at: "truth/two.png")
            try workplace.expectSuccess(line)
        }
    }

    @Test func wholeMapsHaveOneReading() throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            let outcome = try workplace.run(
                "evaluate labels --predictions voc/SegmentationClass --truth voc/SegmentationClass --json s.json"
                    + " --list voc/ImageSets/Segmentation/val.txt")
            #expect(outcome.code == 0 && outcome.output.contains("IoU %"))
            // The truth's own 255 is no truth to miss.
            #expect(!outcome.output.contains("open"))
            #expect(try scores(join(folder, "s.json"))["undecided_wrong"] == nil)
        }
    }

    /// What a stopped evaluation has done is not done again, and not mixed with what is done otherwise.
    @Test func anEvaluationGoesOnWhereItStopped() throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            let line = "evaluate segmenter --config segmenter.yaml --run run"
            try workplace.expectSuccess("train segmenter --config segmenter.yaml --run run")
            try workplace.expectSuccess(line)
            let (kept, missing) = (join(folder, "run/predictions/tiny_07.png"), "run/predictions_crf/tiny_08.png")
            let (first, scoresAtFirst) = (
                try readFile(join(folder, missing)), try readFile(join(folder, "run/evaluation.json"))
            )
            let own = try readFile(kept)
            try FileManager.default.removeItem(atPath: kept)
            try FileManager.default.copyItem(atPath: join(folder, "voc/SegmentationClass/tiny_07.png"), toPath: kept)
            try workplace.remove(missing)

            try workplace.expectSuccess(line)
            #expect(try readFile(kept) == readFile(join(folder, "voc/SegmentationClass/tiny_07.png")))
            #expect(try readFile(join(folder, missing)) == first)
            #expect(try readFile(join(folder, "run/evaluation.json")) != scoresAtFirst)

            for change in ["model.temperature=19", "data.normalize=caffe", "data.root=elsewhere"] {
                let outcome = try workplace.run(line + " --set " + change)
                #expect(outcome.code == 65, "\(change): \(outcome.errors)")
            }
            let outcome = try workplace.run(line + " --set evaluate.flip=false")
            #expect(outcome.complaint.contains("the predictions here were made otherwise: evaluate.flip"))
            #expect(try readFile(kept) != own)
            try workplace.expectSuccess(line + " --restart")
            #expect(try readFile(kept) == own)
        }
    }

    /// A split without truth gives what VOC's server takes, and no scores.
    @Test func aSplitWithoutTruthIsSegmentedOnly() throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            try workplace.expectSuccess("train segmenter --config segmenter.yaml --run run")
            try workplace.remove("voc/SegmentationClass")
            let line = "evaluate segmenter --config segmenter.yaml --run run"
            let outcome = try workplace.run(line + " --set data.validation=val")
            #expect(outcome.code == 0 && outcome.output.isEmpty, "\(outcome.errors)")
            #expect(outcome.complaint.contains("val has no truth to score by"))
            for id in ["tiny_07", "tiny_08"] {
                for place in ["predictions", "results/VOC2012/Segmentation/comp6_test_cls"] {
                    let map = try LabelMap(contentsOf: join(folder, "run/\(place)/\(id).png"))
                    #expect((map.width, map.height) == (130, 106))
                }
            }
            #expect(!exists(join(folder, "run/evaluation.json")) && !exists(join(folder, "run/predictions_crf")))
        }
    }

    @Test func aTruthThatSomeImagesLackIsMissed() throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            try workplace.expectSuccess("train segmenter --config segmenter.yaml --run run")
            try workplace.remove("voc/SegmentationClass/tiny_08.png")
            let outcome = try workplace.run("evaluate segmenter --config segmenter.yaml --run run")
            #expect(outcome.code == 65 && outcome.complaint.contains("SegmentationClass/tiny_08.png: cannot read"))
        }
    }
}
