import Annotations
import Datasets
import FileAccess
import Foundation
import ImageFiles
import TestSupport
import Testing

/// A data set of two images on disk, with labels.
private struct SmallVOC {
    let root: String
    let classes: ClassList

    init(in folder: String) throws {
        root = folder
        classes = try ClassList(["ring", "star"])
        for (id, width) in [("a", 12), ("b", 9)] {
            try picture(width: width, height: 8).writeJPEG(to: path("JPEGImages/\(id).jpg"), quality: 95)
            try annotate(id, "<object><name>star</name>\(bndbox(2, 1, 7, 6))</object>")
            for folder in ["SegmentationClass", "crf", "ret"] {
                try labels(width, 8).write(to: path("\(folder)/\(id).png"))
            }
        }
        _ = try write("a\nb\n", to: "ImageSets/Segmentation/train.txt", in: root)
    }

    func path(_ name: String) -> String { join(root, name) }

    func labels(_ width: Int, _ height: Int) -> LabelMap {
        var map = labelMap(width: width, height: height, labels: 3)
        map.pixels[5] = 255
        return map
    }

    func annotate(_ id: String, _ objects: String) throws {
        _ = try write("<annotation>\n\(objects)\n</annotation>", to: "Annotations/\(id).xml", in: root)
    }

    func bndbox(_ left: Int, _ top: Int, _ right: Int, _ bottom: Int) -> String {
        "<bndbox><xmin>\(left)</xmin><ymin>\(top)</ymin><xmax>\(right)</xmax><ymax>\(bottom)</ymax></bndbox>"
    }

    func open(split: String = "train") throws -> VOCDataset {
        try VOCDataset(
            root: root, split: split, classes: classes, crfLabels: path("crf"), retrievalLabels: path("ret"))
    }

    /// A message without the folder's name.
    func problem(_ body: (VOCDataset) throws -> some Any) -> String {
        message { try body(try open()) }.replacing(root + "/", with: "")
    }

    static func with<Result>(_ body: (SmallVOC) throws -> Result) throws -> Result {
        try withTemporaryFolder { try body(SmallVOC(in: $0)) }
    }
}

@Suite struct VOCDatasetTests {
    private let all: SampleContents = [.boxes, .labels]

    /// Shards of images and boxes give what the same files give one by one.
    @Test(.enabled(if: exists("/bin/tar") || exists("/usr/bin/tar"), "no tar here"))
    func shardsAreReadAsTheFilesInThem() throws {
        try SmallVOC.with { voc in
            try makeFolder(voc.path("shards"))
            for (shard, id) in ["a", "b"].enumerated() {
                let process = Process()
                process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
                process.arguments = [
                    "tar", "-cf", voc.path("shards/00000\(shard).tar"), "-C", voc.path("JPEGImages"), "\(id).jpg", "-C",
                    voc.path("Annotations"), "\(id).xml",
                ]
                try process.run()
                process.waitUntilExit()
            }
            let shards = voc.path("shards")
            let whole = try VOCDataset(
                images: voc.path("JPEGImages"), annotations: voc.path("Annotations"), classes: voc.classes)
            let sharded = try VOCDataset(images: shards, annotations: shards, classes: voc.classes)
            #expect(sharded.count == 2)
            for index in 0..<2 {
                let (one, other) = (try whole.load(at: index, .boxes), try sharded.load(at: index, .boxes))
                #expect(one.id == other.id && one.image.pixels == other.image.pixels && one.boxes == other.boxes)
                #expect(sharded.area(at: index) == one.image.width * one.image.height)
            }
        }
    }

    @Test func samplesHaveWhatIsAskedFor() throws {
        try SmallVOC.with { voc in
            let dataset = try voc.open()
            #expect(dataset.count == 2)
            #expect(dataset.id(at: 1) == "b")
            let boxes = try dataset.load(at: 0, .boxes)
            #expect(boxes.image.width == 12 && boxes.image.height == 8)
            #expect(boxes.boxes == [box(2, 1, 7, 6, of: 2)])
            #expect(boxes.backgroundMask?.pixels == backgroundMask(boxes.boxes, width: 12, height: 8))
            #expect(boxes.crfLabels == nil)
            let labels = try dataset.load(at: 1, .labels)
            #expect(labels.boxes.isEmpty && labels.backgroundMask == nil)
            #expect(labels.crfLabels == voc.labels(9, 8))
            #expect(labels.retrievalLabels == voc.labels(9, 8))
            #expect(try dataset.truth(at: 1) == voc.labels(9, 8))
            #expect((0..<2).allSatisfy { dataset.inspect(at: $0, all).isEmpty })
        }
    }

    @Test func listsMayLieElsewhere() throws {
        try SmallVOC.with { voc in
            _ = try write("b\r\n", to: "ImageSets/SegmentationAug/train_aug.txt", in: voc.root)
            #expect(try voc.open(split: "train_aug").id(at: 0) == "b")
            _ = try write("b\n", to: "ImageSets/Main/trainval.txt", in: voc.root)
            #expect(try voc.open(split: "trainval").id(at: 0) == "b")
            _ = try write("a -1\nb 1\n", to: "ImageSets/Main/star_train.txt", in: voc.root)
            #expect(message { try voc.open(split: "star_train") }.contains("a class's list"))
            let text = message { try voc.open(split: "val") }.replacing(voc.root + "/", with: "")
            #expect(
                text == "ImageSets/Segmentation/val.txt: no such image list, nor ImageSets/SegmentationAug/val.txt, "
                    + "nor ImageSets/Main/val.txt; "
                    + "data.root must name a folder in VOC's layout, data.split one of its lists")
        }
    }

    @Test func anAugmentedTruthAndAStoredMaskGoFirst() throws {
        try SmallVOC.with { voc in
            let truth = LabelMap(width: 9, height: 8, pixels: [UInt8](repeating: 2, count: 72))
            try truth.write(to: voc.path("SegmentationClassAug/b.png"))
            #expect(try voc.open().truth(at: 1) == truth)
            #expect(try voc.open().truth(at: 0) == voc.labels(12, 8))
            var mask = LabelMap(width: 9, height: 8, pixels: [UInt8](repeating: 0, count: 72))
            mask.pixels[3] = 1
            mask.pixels[4] = 255
            try mask.write(to: voc.path("BgMaskfromBoxes/b.png"))
            mask.pixels[4] = 1
            #expect(try voc.open().load(at: 1, .boxes).backgroundMask == mask)
        }
    }

    @Test func imagesOfOtherKindsAreFound() throws {
        try SmallVOC.with { voc in
            try FileManager.default.removeItem(atPath: voc.path("JPEGImages/a.jpg"))
            try picture(width: 12, height: 8).writePNG(to: voc.path("JPEGImages/a.png"))
            #expect(try voc.open().load(at: 0, []).image == picture(width: 12, height: 8))
        }
    }

    @Test func missingFilesAreNamed() throws {
        for (name, contents) in [
            ("JPEGImages/a.jpg", []), ("Annotations/a.xml", .boxes), ("crf/a.png", .labels), ("ret/a.png", .labels),
        ] as [(String, SampleContents)] {
            try SmallVOC.with { voc in
                try FileManager.default.removeItem(atPath: voc.path(name))
                let expected = "\(name): cannot read: No such file or directory"
                #expect(voc.problem { try $0.load(at: 0, contents) }.hasPrefix(expected + "; "))
                #expect(try voc.open().inspect(at: 0, all).errors.count == 1)
                #expect(voc.problem { try $0.load(at: 1, contents) } == "no error")
            }
        }
    }

    @Test func mapsMustFitTheirImageAndTheClasses() throws {
        try SmallVOC.with { voc in
            try voc.labels(8, 12).write(to: voc.path("crf/a.png"))
            #expect(
                voc.problem { try $0.load(at: 0, .labels) }
                    == "crf/a.png: 8x12 pixels, but its image has 12x8; bring the map that belongs to this image")
            var map = voc.labels(12, 8)
            map.pixels[14] = 3
            try map.write(to: voc.path("SegmentationClass/a.png"))
            let label = "label 3 at row 1, column 2; labels must be 0 to 2, or 255 for ignored pixels"
            #expect(voc.problem { try $0.truth(at: 0) } == "SegmentationClass/a.png: " + label)
            try map.write(to: voc.path("BgMaskfromBoxes/a.png"))
            #expect(voc.problem { try $0.load(at: 0, .boxes) }.hasPrefix("BgMaskfromBoxes/a.png: label 2 at row"))
        }
    }

    @Test func objectsThatAreWrongAreLeftOutWithAWarning() throws {
        try SmallVOC.with { voc in
            let bad = voc.bndbox(1, 1, 4, 4).replacing("<xmin>1<", with: "<xmin>one<")
            try voc.annotate(
                "a",
                "<object><name>star</name>\(bad)</object>\n<object><name>ring</name>\(voc.bndbox(3, 3, 5, 4))</object>")
            let sample = try voc.open().load(at: 0, .boxes)
            #expect(sample.boxes == [box(3, 3, 5, 4, of: 1)])
            let problem = "<bndbox/xmin> is 'one', not a number"
            #expect(sample.warnings.map(\.finding.problem) == [problem + ", left out"])
            #expect(try voc.open().inspect(at: 0, .boxes).errors.map(\.problem) == [problem])
            try voc.annotate("a", "<object><name>star</name>\(bad)</object>")
            #expect(voc.problem { try $0.load(at: 0, .boxes) }.contains(problem + "; correct the annotation"))
        }
    }

    @Test func aSizeSwappedByEXIFIsTold() throws {
        try SmallVOC.with { voc in
            try voc.annotate("a", "<size><width>8</width><height>12</height></size>")
            let wrong = "Annotations/a.xml: made for an image of 8x12 pixels, but the image has 12x8"
            #expect(voc.problem { try $0.load(at: 0, .boxes) }.hasPrefix(wrong + "; "))
            try turn(voc.path("JPEGImages/a.jpg"))
            #expect(voc.problem { try $0.load(at: 0, .boxes) }.hasPrefix(wrong + ": its EXIF data turns it"))
            #expect(try voc.open().inspect(at: 0, .boxes).errors.count == 1)
        }
    }

    @Test func aTruthOfTwoColoursIsNoted() throws {
        try SmallVOC.with { voc in
            let mask = LabelMap(width: 12, height: 8, pixels: (0..<96).map { $0 % 2 == 0 ? 0 : 255 })
            try mask.write(to: voc.path("SegmentationClass/a.png"))
            let found = try voc.open().inspect(at: 0, .boxes)
            #expect(found.map(\.severity) == [.warning])
            #expect(found.map(\.finding.problem).joined().hasPrefix("only 0 and 255: this looks like a binary mask"))
        }
    }

    @Test func inspectionListsEveryProblem() throws {
        try SmallVOC.with { voc in
            try voc.annotate(
                "a",
                "<object><name>moon</name>\(voc.bndbox(1, 1, 30, 4))</object>\n"
                    + "<object><name>ring</name>\(voc.bndbox(3, 3, 3, 4))</object>")
            try voc.labels(11, 8).write(to: voc.path("ret/a.png"))
            try voc.labels(12, 9).write(to: voc.path("SegmentationClass/a.png"))
            let problems = try voc.open().inspect(at: 0, all).errors.map {
                "\($0)".replacing(voc.root + "/", with: "")
            }
            #expect(
                problems.map { $0.split(separator: ";")[0] } == [
                    "Annotations/a.xml:line 2: unknown class 'moon'",
                    "Annotations/a.xml:line 2: box (1, 1, 30, 4) reaches outside the image of 12x8 pixels",
                    "Annotations/a.xml:line 3: empty box (3, 3, 3, 4)",
                    "ret/a.png: 11x8 pixels, but its image has 12x8",
                    "SegmentationClass/a.png: 12x9 pixels, but its image has 12x8",
                ])
        }
    }

    /// A data set is checked before there are pseudo labels, and a test split has no boxes.
    @Test func whatIsNotNeededMayBeMissing() throws {
        try SmallVOC.with { voc in
            for name in ["Annotations", "crf", "ret", "SegmentationClass"] {
                try FileManager.default.removeItem(atPath: voc.path(name))
            }
            #expect(try voc.open().inspect(at: 0, []).errors == [])
            #expect(try voc.open().inspect(at: 0, all).errors.count == 3)
        }
    }

    @Test func idsListedTwiceGiveAWarning() throws {
        try SmallVOC.with { voc in
            _ = try write("a\nb\na\n", to: "ImageSets/Segmentation/train.txt", in: voc.root)
            #expect(try voc.open().count == 3)
            #expect(try voc.open().warnings.map(\.finding.problem) == ["'a' is in line 1 already"])
        }
    }

    @Test(.enabled(if: testData != nil, Comment(rawValue: testDataMissing)))
    func realImagesAndMasksAreSound() throws {
        let root = join(testData ?? "", "data/voc2012-2007")
        let dataset = try VOCDataset(root: root, split: "trainval", classes: .voc)
        #expect(dataset.count == 632)
        for index in stride(from: 0, to: dataset.count, by: 13) {
            #expect(dataset.inspect(at: index, .boxes) == [])
        }
    }
}
