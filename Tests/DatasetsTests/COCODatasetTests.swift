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
        (#"{"id":1,"image_id":7,"category_id":18}"#, "annotation 1: an object without bbox"),
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
