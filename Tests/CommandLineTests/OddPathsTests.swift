import FileAccess
import Foundation
import TestSupport
import Testing

/// Paths that are short, odd, or lead to what is no file.
@Suite(.serialized) struct OddPathsTests {
    private func link(_ place: Workplace, _ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: join(place.folder, name), withDestinationPath: target)
    }

    @Test func pathsMayBeOneCharacterLong() throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            try place.expectSuccess("data shapes x --train 1 --validation 1 --size 64")
            try place.expectSuccess("train classifier --config classifier.yaml --run q")
            try place.copy(join(folder, "q/model.safetensors"), to: "w")
            try place.expectSuccess("label --config label.yaml --set model.weights=w --run é/")
            try place.expectSuccess(
                "label --weights w --config label.yaml --images voc/JPEGImages --boxes voc/Annotations --run l")
            try place.expectSuccess("train segmenter --config segmenter.yaml --run s/")
            try place.expectSuccess("predict --model s --images voc/JPEGImages/tiny_01.jpg --out o/ --no-crf")
            try link(place, "n", to: "j")
            try place.expectSuccess(
                "evaluate labels --predictions é/Y_crf --truth voc/SegmentationClass --json n "
                    + "--list voc/ImageSets/Segmentation/train.txt")
            try place.expectSuccess("report q --out h")
            for name in ["x", "o/tiny_01.png", "é/Y_crf/tiny_01.png", "j", "h"] { #expect(exists(join(folder, name))) }
        }
    }

    @Test func standardOutputIsNamed() throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            let line =
                "evaluate labels --predictions voc/SegmentationClass --truth voc/SegmentationClass "
                + "--list voc/ImageSets/Segmentation/val.txt --json "
            let refused = try place.run(line + "-")
            #expect(refused.code == 65 && refused.complaint.contains("-: cannot write: - names no file here; give"))
            let both = try place.run(line + "/dev/stdout")
            #expect(
                both.code == 0 && both.output.contains("IoU %") && both.output.contains("\"mIoU\""), "\(both.output)")
        }
    }

    @Test func linksToNothingAndOddNamesAreCounted() throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            try place.expectSuccess("train segmenter --config segmenter.yaml --run s")
            try place.copy(join(folder, "voc/JPEGImages/tiny_01.jpg"), to: "photos/a.jpg")
            try link(place, "photos/b.jpg", to: "gone.jpg")
            try place.shellSuccess("cp photos/a.jpg $'photos/caf\\xe9.jpg'; mkfifo pipe; ln -s ../pipe photos/d.jpg")
            let outcome = try place.run("predict --model s --images photos --out o --no-crf")
            #expect(outcome.code == 65 && exists(join(folder, "o/a.png")))
            #expect(outcome.complaint.contains("photos: 2 images could not be segmented"), "\(outcome.errors)")
            #expect(outcome.errors.contains("photos/b.jpg: cannot read: a link to 'gone.jpg', which is not there"))
            #expect(outcome.errors.contains("cannot read: its name is not UTF-8"), "\(outcome.errors)")
            let pipe = try place.shell("timeout -k 1 20 $BANA predict --model s --images pipe --out o --no-crf")
            #expect(pipe.code == 65 && pipe.errors.contains("pipe: cannot read: it is a pipe"), "\(pipe)")
            let twice = try place.shell("$BANA data check --images photos --boxes <(echo {})")
            #expect(twice.code == 65 && twice.complaint.contains("it is read more than once"), "\(twice.errors)")
            let run = try place.run("train classifier --config classifier.yaml --run photos/b.jpg")
            #expect(
                run.code == 65 && run.complaint.contains("a link to 'gone.jpg', which is not there"), "\(run.errors)")
        }
    }
}
