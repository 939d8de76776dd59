import FileAccess
import Foundation
import ImageFiles
import TestSupport
import Testing

/// A stranger's path: flags in place of configs, own images in place of data sets.
@Suite struct OwnImagesTests {
    @Test func boxesBecomeMasksWithAFewFlags() throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            try workplace.expectSuccess("train classifier --config classifier.yaml --run classifier")
            let label = "label --weights classifier --images voc/JPEGImages --boxes voc/Annotations --run labels"
            try workplace.expectSuccess(label + " --preview 1")
            #expect(try fileNames(in: join(folder, "labels/Y_crf")).count == 8)
            #expect(exists(join(folder, "labels/previews/tiny_01.png")))
            let again = try workplace.run(label)
            #expect(again.errors.contains("labelled 0 images, 8 had their labels, 0 failed"), "\(again.errors)")
            let other = try workplace.run(label + " --classes person,cat")
            #expect(other.code == 65 && other.errors.contains("data.classes"), "\(other.errors)")
        }
    }

    /// Classes would get other numbers once the file is mended.
    @Test func aBrokenFileLeavesTheClassesOpen() throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            try workplace.makeModel("model.safetensors")
            try workplace.replace("</annotation>", with: "", in: "voc/Annotations/tiny_02.xml")
            let label = "label --config label.yaml --images voc/JPEGImages --boxes voc/Annotations --run labels"
            let outcome = try workplace.run(label)
            #expect(outcome.code == 65)
            #expect(outcome.complaint.contains("tiny_02.xml:line "))
            #expect(outcome.complaint.contains("the list of classes is not known while this file is broken"))
            #expect(!exists(join(folder, "labels")))
            for names in ["--classes", "--set"] {
                let list = ClassNames.voc.joined(separator: ",")
                let given = names == "--set" ? "--set data.classes=[\(list)]" : "--classes \(list)"
                let run = try workplace.run(label + " \(given) --restart")
                #expect(run.code == 65 && run.errors.contains("1 images could not be labelled"), "\(run.errors)")
                #expect(try fileNames(in: join(folder, "labels/Y_crf")).count == 7)
            }
        }
    }

    @Test func whereAllFilesAreBrokenTheFirstIsNamed() throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            for number in 1...8 { try workplace.put("<annotation>\na & b", at: "boxes/tiny_0\(number).xml") }
            let outcome = try workplace.run("data check --images voc/JPEGImages --boxes boxes")
            let said = "boxes/tiny_01.xml:line 2: a bare '&' (the first of 8 broken files of 8); "
            #expect(outcome.code == 65 && outcome.complaint.contains(said), "\(outcome.errors)")
        }
    }

    @Test func boxesOfAnotherKindAreToldByTheirLook() throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            try workplace.put("filename,xmin,ymin,xmax,ymax\n", at: "boxes.csv")
            try workplace.put("0 0.5 0.5 0.1 0.2\n", at: "labels/tiny_01.txt")
            for (boxes, look) in [("boxes.csv", "CSV; "), ("labels", "a folder of YOLO's labels; ")] {
                let outcome = try workplace.run("data check --images voc/JPEGImages --boxes \(boxes)")
                #expect(outcome.code == 65)
                #expect(outcome.complaint.contains("looks like " + look), "\(outcome.errors)")
            }
        }
    }

    @Test func imagesBecomeMasksInEveryForm() throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            try workplace.expectSuccess("train segmenter --config segmenter.yaml --run segmenter")
            try workplace.expectSuccess(
                "predict --model segmenter --images voc/JPEGImages --out masks --form palette --form overlay --form coco "
                    + "--set evaluate.scales=[1] --no-crf")
            let map = try LabelMap(contentsOf: join(folder, "masks/tiny_03.png"))
            #expect((map.width, map.height) == (130, 106))
            #expect(try fileNames(in: join(folder, "masks/overlays")).count == 8)
            let check = try workplace.run("data check --images voc/JPEGImages --boxes masks/predictions.json")
            #expect(check.code == 0 && check.output.hasPrefix("8 images of"), "\(check.output)\(check.errors)")
            let none = try workplace.run("predict --model segmenter --images voc/Annotations --out masks")
            #expect(none.code == 65 && none.complaint.contains("no JPEG or PNG image"), "\(none.errors)")
        }
    }

    @Test(arguments: [
        "label --run r --images i", "label --run r --boxes b", "label --run r --classes a", "label --run r --shard 9",
        "label --run r --images i --boxes b", "label --run r --restart --shard 1/2", "label --run r --weights w",
        "predict --model m --images i --out o --form gif",
    ])
    func flagsThatDoNotGoTogetherAreAUsageError(_ line: String) throws {
        try withTemporaryFolder { folder in
            let outcome = try Program(folder: folder).run(line.split(separator: " ").map(String.init))
            #expect(outcome.code == 64, "\(outcome.errors)")
        }
    }
}

private enum ClassNames {
    static let voc = [
        "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog",
        "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
    ]
}
