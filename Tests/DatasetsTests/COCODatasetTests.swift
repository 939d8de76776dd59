import Annotations
import Datasets
import FileAccess
import Foundation
import ImageFiles
import TestSupport
import Testing

/// A COCO set of two images on disk.
private struct SmallCOCO {
    let root: String

    /// `objects` are the records of `annotations`; image 7 has 12 x 8 pixels, image 3 has 9 x 8.
    init(in folder: String, _ objects: [String]) throws {
        root = folder
        for (name, width) in [("a", 12), ("b", 9)] {
            try picture(width: width, height: 8).writeJPEG(to: join(root, "images/\(name).jpg"), quality: 95)
        }
        let json = """
            {"images":[{"id":7,"file_name":"a.jpg","width":12,"height":8},
            {"id":3,"file_name":"b.jpg","width":9,"height":8}],
            "categories":[{"id":18,"name":"dog"},{"id":63,"name":"couch"},{"id":90,"name":"toothbrush"}],
            "annotations":[
            \(objects.joined(separator: ",\n"))
            ]}
            """
        _ = try write(json, to: "instances.json", in: root)
    }

    /// Changes the instances file.
    func edit(_ change: (String) -> String) throws {
        let path = join(root, "instances.json")
        _ = try write(change(String(decoding: try readFile(path), as: UTF8.self)), to: "instances.json", in: root)
    }

    func open(_ classes: ClassList = .voc) throws -> COCODataset {
        try COCODataset(annotations: join(root, "instances.json"), images: join(root, "images"), classes: classes)
    }

    static func with<Result>(_ objects: String..., body: (SmallCOCO) throws -> Result) throws -> Result {
        try withTemporaryFolder { try body(SmallCOCO(in: $0, objects)) }
    }
}

private func object(_ id: Int, _ category: Int, _ box: String, image: Int = 7, _ more: String = "") -> String {
    "{\"id\":\(id),\"image_id\":\(image),\"category_id\":\(category),\"bbox\":\(box)\(more)}"
}

@Suite struct COCODatasetTests {
    @Test func boxesAreThoseOfTheImageInTheFilesOrder() throws {
        try SmallCOCO.with(
            object(9, 63, "[1.5,2,3,4]"), object(2, 18, "[0,0,9,8]", image: 3), object(5, 18, "[0,0,12.4,2]")
        ) { set in
            let dataset = try set.open()
            #expect(dataset.count == 2 && dataset.id(at: 0) == "a" && dataset.area(at: 0) == 96)
            let sample = try dataset.load(at: 0, .boxes)
            let sofa = try ClassList.voc.index(of: "sofa")
            let dog = try ClassList.voc.index(of: "dog")
            #expect(sample.boxes == [box(1.5, 2, 4.5, 6, of: sofa), box(0, 0, 12, 2, of: dog)])
            #expect(sample.backgroundMask?.pixels.count { $0 == 1 } == 96 - 12 * 2 - 3 * 4)
            #expect(try dataset.objects(at: 0).objects.map(\.object.id) == [9, 5])
            #expect(dataset.inspect(at: 0, .boxes).isEmpty)
        }
    }

    @Test func aBoxWithoutExtentIsLeftOutAndSaidOnce() throws {
        try SmallCOCO.with(object(1, 18, "[3,3,2,0]"), object(2, 18, "[3,3,2,2]")) { set in
            let sample = try set.open().load(at: 0, .boxes)
            #expect(sample.boxes.count == 1)
            #expect(sample.warnings.map(\.description).joined().contains("annotation 1: a box without extent"))
        }
    }

    @Test(arguments: [
        (object(1, 90, "[1,1,2,2]"), "line 5, annotation 1: unknown class 'toothbrush'"),
        (object(1, 18, "[1,1,-2,2]"), "annotation 1: empty box"),
        (object(1, 18, "[1,1,20,2]"), "annotation 1: box (1, 1, 21, 3) reaches outside the image of 12x8 pixels"),
    ])
    func loadingTellsWhatIsWrong(_ record: String, _ expected: String) throws {
        try SmallCOCO.with(object(8, 18, "[1,1,2,2]"), record) { set in
            let dataset = try set.open()
            let said = message { try dataset.load(at: 0, .boxes) }
            #expect(said.contains(expected.replacing("line 5", with: "line 6")), "\(said)")
            let found = dataset.inspect(at: 0, .boxes).errors
            #expect(found.count == 1 && found[0].description == said)
        }
    }

    @Test func recordsThatAreWrongAreLeftOutWithAWarning() throws {
        let noBox = #"{"id":4,"image_id":7,"category_id":18,"bbox":null}"#
        let bad = (20..<25).map { #"{"id":\#($0),"image_id":7,"category_id":18,"bbox":[NaN,\#($0),1,1]}"# }
        try SmallCOCO.with(
            object(1, 18, "[1,1,2,2]"), noBox, bad.joined(separator: ",\n"), object(1, 18, "[3,3,2,2]"),
            object(9, 18, "[0,0,1,1]", image: 8)
        ) { set in
            let dataset = try set.open()
            #expect(
                dataset.warnings.map { "\($0.finding.place ?? ""): \($0.finding.problem)" } == [
                    #"line 7, annotation 20: "bbox" is [NaN,20,1,1], not [x, y, width, height] in numbers"#
                        + " (and 4 more like it), left out",
                    "line 12, annotation 1: a second annotation of this number",
                    "line 13, annotation 9: there is no image 8, left out",
                ])
            let sample = try dataset.load(at: 0, .boxes)
            #expect(sample.boxes.count == 2)
            #expect(sample.warnings.map(\.finding.problem) == [#"no "bbox", left out"#])
            #expect(dataset.inspect(at: 0, .boxes).errors.map(\.problem) == [#"no "bbox""#])
            var found: [Diagnostic] = []
            _ = try COCODataset(
                annotations: join(set.root, "instances.json"), images: join(set.root, "images"), classes: .voc
            ) { found.append($0) }
            #expect(found.count == 7)
        }
    }

    @Test func anImageOfNothingButFaultyBoxesIsNotLabelled() throws {
        for bad in [#"{"id":4,"image_id":3,"category_id":18}"#, #"{"id":4,"image_id":3,"category_id":18,"bbox":[1]}"#] {
            try SmallCOCO.with(object(1, 18, "[1,1,2,2]"), bad) { set in
                let dataset = try set.open()
                #expect(try dataset.load(at: 0, .boxes).boxes.count == 1)
                #expect(message { try dataset.load(at: 1, .boxes) }.contains("line 6, annotation 4: "))
            }
        }
    }

    @Test func imagesWithoutSizeHaveThatOfTheirFile() throws {
        try SmallCOCO.with(object(1, 18, "[1,1,20,2]"), object(2, 18, "[1,1,5,2]", image: 3)) { set in
            try set.edit {
                $0.replacing(#","width":12,"height":8"#, with: "").replacing(#""width":9"#, with: #""width":null"#)
            }
            let dataset = try set.open()
            #expect(dataset.area(at: 0) == 96)
            #expect(message { try dataset.load(at: 0, .boxes) }.contains("reaches outside the image of 12x8 pixels"))
            #expect(try dataset.load(at: 1, .boxes).boxes == [box(1, 1, 6, 3, of: try ClassList.voc.index(of: "dog"))])
            #expect(dataset.inspect(at: 1, .boxes).isEmpty)
        }
    }

    @Test func imagesMayLieInFoldersButNotShareAName() throws {
        try SmallCOCO.with(object(1, 18, "[1,1,5,2]")) { set in
            try picture(width: 12, height: 8).writeJPEG(to: join(set.root, "images/sub/a.jpg"), quality: 95)
            try set.edit { $0.replacing("\"a.jpg\"", with: #"".\\sub\\a.jpg""#) }
            let dataset = try set.open()
            #expect(dataset.id(at: 0) == "a")
            #expect(dataset.inspect(at: 0, .boxes).isEmpty)
            try set.edit { $0.replacing("\"b.jpg\"", with: "\"other/a.png\"") }
            let said = message { try set.open() }
            #expect(said.contains("image 3: other/a.png and sub/a.jpg would both have the labels a.png; rename one"))
        }
    }

    @Test func aSizeSwappedByEXIFIsTold() throws {
        try SmallCOCO.with(object(1, 18, "[1,1,5,2]")) { set in
            try set.edit { $0.replacing(#""width":12,"height":8"#, with: #""width":8,"height":12"#) }
            #expect(
                message { try set.open().load(at: 0, .boxes) }.hasSuffix(
                    "bring the image that belongs to these annotations"))
            try turn(join(set.root, "images/a.jpg"))
            let said = message { try set.open().load(at: 0, .boxes) }
            #expect(
                said.contains("a.jpg: 12x8 pixels, but") && said.contains("8x12: its EXIF data turns it"), "\(said)")
        }
    }

    @Test func inspectionReadsShapesAndImages() throws {
        let shape = { (text: String) in ",\"segmentation\":\(text)" }
        try SmallCOCO.with(
            object(1, 18, "[1,1,2,2]", shape("[[1,1,2,2]]")), object(2, 18, "[1,1,2,2]", shape("{\"size\":[8,12]}")),
            object(3, 18, "[1,1,2,2]", shape("{\"size\":[8,12],\"counts\":[96]}"))
        ) { set in
            try picture(width: 5, height: 5).writeJPEG(to: join(set.root, "images/a.jpg"), quality: 95)
            let problems = try set.open().inspect(at: 0, .boxes).errors.map(\.description)
            #expect(problems.count == 3, "\(problems)")
            for words in ["annotation 1: a polygon of 4", "annotation 2: the mask's counts", "5x5 pixels, but"] {
                #expect(problems.contains { $0.contains(words) }, "\(problems)")
            }
        }
    }

    @Test(.enabled(if: testData != nil, "\(testDataMissing)"), arguments: ["val2017", "train2017"])
    func realImagesLoad(_ split: String) throws {
        let root = join(testData ?? "", "data/coco128")
        let dataset = try COCODataset(
            annotations: join(root, "annotations/instances_\(split).json"), images: join(root, split), classes: .coco)
        for index in 0..<dataset.count {
            #expect(dataset.inspect(at: index, .boxes).isEmpty)
        }
    }
}
