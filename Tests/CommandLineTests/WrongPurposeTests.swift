import FileAccess
import Foundation
import ImageFiles
import TestSupport
import Testing

/// What is sound, but made for something else, or for nothing.
@Suite(.serialized) struct WrongPurposeTests {
    /// The models of both stages have the same tensors.
    @Test func aModelIsKnownByWhatTrainedIt() throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            try place.expectSuccess("train classifier --config classifier.yaml --run c")
            try place.expectSuccess("train segmenter --config segmenter.yaml --run s")
            try place.copy(join(folder, "s/model.safetensors"), to: "alone.safetensors")
            let images = "--images voc/JPEGImages"
            let label = "label \(images) --boxes voc/Annotations --run l --weights "
            for weights in ["s", "alone.safetensors --config label.yaml"] {
                let outcome = try place.run(label + weights)
                #expect(outcome.code == 65, "\(outcome.errors)")
                #expect(outcome.complaint.contains("this is the model of a segmenter (bana train segmenter)"))
                #expect(outcome.complaint.contains("; give one that bana train classifier has trained"))
            }
            let predicted = try place.run("predict --model c \(images) --out o")
            #expect(predicted.code == 65)
            #expect(predicted.complaint.contains("this is the model of a classifier (bana train classifier)"))
            // Of an earlier version: the run that it lies in tells.
            try place.expectSuccess("weights convert c/model.safetensors bare.safetensors")
            try place.edit("c/model.safetensors") { contents in
                guard let key = contents.range(of: Data("trained_by".utf8)) else { return }
                contents.replaceSubrange(key, with: Data("trained_at".utf8))
            }
            let again = try place.run("predict --model c \(images) --out o")
            #expect(again.code == 65 && again.complaint.contains("the model of a classifier"), "\(again.errors)")
            let bare = try place.run("predict --model bare.safetensors --config segmenter.yaml \(images) --out o")
            #expect(bare.code == 65 && bare.complaint.contains("the model of a classifier"), "\(bare.errors)")
            // Trunks of classifiers are what segmenters begin with.
            try place.expectSuccess(
                "train segmenter --config segmenter.yaml --run t --set model.weights=c/model.safetensors")
        }
    }

    @Test(arguments: [UInt8(255), 0]) func labelsThatTeachNothingAreRefused(_ first: UInt8) throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            for kind in ["Y_crf", "Y_ret"] {
                for number in 1...8 {
                    try place.putMap(
                        130, 106, label: number == 1 ? first : 255, at: "voc/labels/\(kind)/tiny_0\(number).png")
                }
            }
            let outcome = try place.run("train segmenter --config segmenter.yaml --run s")
            #expect(outcome.code == 65 && !exists(join(folder, "s")))
            #expect(
                outcome.complaint.contains(
                    "voc/labels/Y_crf: no pixel of the 6 label maps is of an object: they hold nothing but 0 and 255"),
                "\(outcome.errors)")
            let check = try place.run("data check --config segmenter.yaml")
            #expect(check.code == 0)
            #expect(check.output.contains("warning: ") && check.output.contains("nothing but 255 in its labels"))
        }
    }

    @Test func normalisedBoxesAreRefused() throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            try place.makeModel("model.safetensors")
            try place.put(
                """
                {"images":[{"id":1,"file_name":"tiny_01.jpg","width":130,"height":106}],"annotations":[{"id":1,
                "image_id":1,"category_id":1,"bbox":[0.05,0.1,0.5,0.5]}],"categories":[{"id":1,"name":"car"}]}
                """, at: "b.json")
            let own = " --images voc/JPEGImages --boxes b.json"
            let check = try place.run("data check" + own)
            #expect(
                check.code == 65 && check.output.contains("look normalised, from 0 to 1; multiply"), "\(check.output)")
            #expect(check.output.hasSuffix(": 1 problem in 1 image\n"), "\(check.output)")
            let label = try place.run("label --config label.yaml --run l" + own)
            #expect(label.code == 65 && label.errors.contains("look normalised"), "\(label.errors)")
        }
    }

    @Test func anObjectCalledBackgroundIsFound() throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            try place.replace("<name>car</name>", with: "<name>background</name>", in: "voc/Annotations/tiny_01.xml")
            let outcome = try place.run("data check --images voc/JPEGImages --boxes voc/Annotations")
            #expect(outcome.code == 65)
            #expect(outcome.output.contains("tiny_01.xml:line 31: unknown class 'background'"), "\(outcome.output)")
        }
    }

    @Test func listsAreReadAsTheyAreMeant() throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            try place.shellSuccess("cp -r voc/SegmentationClass maps; mv maps/tiny_01.png maps/tiny_01.PNG")
            try place.putMap(130, 106, label: 0, at: "maps/tiny_02.png")
            let line = "evaluate labels --predictions maps --truth voc/SegmentationClass --list "
            try place.put("tiny_01\ntiny_02\n", at: "once.txt")
            try place.put("tiny_01\ntiny_02\ntiny_01\ntiny_01\n", at: "often.txt")
            let (once, often) = (try place.run(line + "once.txt"), try place.run(line + "often.txt"))
            #expect(once.code == 0 && once.output == often.output, "\(once.errors)")
            #expect(often.errors.contains("'tiny_01' is in line 1 already; of 2 repeated ids each counts once"))
            try place.put("tiny_01.png\n", at: "files.txt")
            let files = try place.run(line + "files.txt")
            #expect(files.code == 65)
            #expect(
                files.complaint.contains("; ids stand in the list without the files' ending: tiny_01, not tiny_01.png"))
        }
    }
}
