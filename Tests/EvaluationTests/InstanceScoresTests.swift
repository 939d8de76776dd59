import Annotations
import Evaluation
import FileAccess
import Foundation
import TensorCore
import TestSupport
import Testing

@Suite struct InstanceScoresTests {
    @Test(arguments: ["results", "results_with_boxes"])
    func figuresAreThoseOfTheReference(_ name: String) throws {
        let truth = try COCOInstances(contentsOf: fixture("coco/instances.json"))
        let results = try readResults(fixture("coco/\(name).json"), for: truth)
        let scores = try scoreInstances(results, truth: truth, ThreadPool(threadCount: 2))
        let expected = try #require(try decodeFixture([String: [String: Double]].self, "coco/scores.json")[name])
        for (figure, value) in scores.figures {
            #expect(abs(value - (expected[figure] ?? .nan)) < 1e-12, "\(figure) \(value)")
        }
    }

    @Test func theTruthItselfIsPerfectAndNothingIsNone() throws {
        let truth = try COCOInstances(contentsOf: fixture("coco/instances.json"))
        var results: [InstanceResult] = []
        for index in truth.images.indices {
            for object in truth.objects(of: index) where !object.isCrowd {
                let mask = try #require(try truth.mask(of: object, in: index))
                results.append(
                    InstanceResult(image: object.image, category: object.category, score: 1, mask: mask))
            }
        }
        let perfect = try scoreInstances(results, truth: truth, ThreadPool(threadCount: 2))
        #expect(perfect.ap == 1 && perfect.ar100 == 1 && perfect.apLarge == -1)
        #expect(try scoreInstances([], truth: truth, ThreadPool(threadCount: 1)).ap == 0)
    }

    @Test func resultsThatAreWrittenAreRead() throws {
        let truth = try COCOInstances(contentsOf: fixture("coco/instances.json"))
        let results = try readResults(fixture("coco/results.json"), for: truth)
        try withTemporaryFolder { folder in
            let text = "[" + results.map(\.json).joined(separator: ",\n") + "]"
            let again = try readResults(try write(text, to: "results.json", in: folder), for: truth)
            #expect(again.map(\.mask) == results.map(\.mask) && again.map(\.score) == results.map(\.score))
        }
    }

    @Test(arguments: [
        (#"[{"image_id":1,"category_id":1,"score":1,"segmentation":[[1,1,5,1,5,5]]}]"#, "no image 1"),
        (#"[{"image_id":7,"category_id":1,"segmentation":[[1,1,5,1,5,5]]}]"#, "without"),
        (#"[{"image_id":7,"category_id":1,"score":1,"segmentation":{"size":[2,2],"counts":"4"}}]"#, "size [2, 2]"),
        (#"[{"image_id":7,"category_id":1,"score":1}]"#, "without segmentation"),
    ])
    func tellsWhatIsWrong(_ text: String, _ expected: String) throws {
        let truth = try COCOInstances(contentsOf: fixture("coco/instances.json"))
        let said = try withTemporaryFolder { folder in
            let path = try write(text, to: "results.json", in: folder)
            return message { try readResults(path, for: truth) }
        }
        #expect(said.contains("line 1, result 0: ") && said.contains(expected), "\(said)")
    }

    /// pycocotools ends with an error there; left out, the object would not count as missed.
    @Test(arguments: ["", #","segmentation":[]"#]) func aTruthWithoutOutlinesIsRefused(_ shape: String) throws {
        let text = """
            {"images":[{"id":1,"file_name":"a.jpg","width":9,"height":9}],"categories":[{"id":1,"name":"cat"}],
            "annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[0,0,5,5],"segmentation":[[0,0,5,0,5,5]]},
            {"id":2,"image_id":1,"category_id":1,"bbox":[0,0,5,5]\(shape)}]}
            """
        let said = try withTemporaryFolder { folder in
            let truth = try COCOInstances(contentsOf: try write(text, to: "truth.json", in: folder))
            return message { _ = try scoreInstances([], truth: truth, ThreadPool(threadCount: 1)) }
        }
        #expect(said.contains("line 3, annotation 2: no outline (\"segmentation\"), by which masks are"), "\(said)")
    }

    /// The real sets: the truth with every mask shifted, against pycocotools' figures of the same results.
    @Test(.enabled(if: testData != nil, "\(testDataMissing)"), arguments: ["val2017", "train2017"])
    func realMasksScoreAsTheReferenceScoresThem(_ split: String) throws {
        let path = join(testData ?? "", "data/coco128/annotations/instances_\(split).json")
        let truth = try COCOInstances(contentsOf: path)
        let results = try shiftedTruth(truth)
        let scores = try scoreInstances(results, truth: truth, ThreadPool(threadCount: 2))
        let expected = try #require(try decodeFixture([String: [String: Double]].self, "coco/real.json")[split])
        for (figure, value) in scores.figures {
            #expect(abs(value - (expected[figure] ?? .nan)) < 1e-9, "\(figure) \(value)")
        }
    }

    /// Every mask moved by an amount that depends on its number, with one of ten scores.
    private func shiftedTruth(_ truth: COCOInstances) throws -> [InstanceResult] {
        try truth.images.indices.flatMap { index in
            try truth.objects(of: index).map { object in
                let mask = try #require(try truth.mask(of: object, in: index))
                let (dx, dy) = (object.id % 5 - 2, object.id / 5 % 7 - 3)
                let (width, height, pixels) = (mask.width, mask.height, mask.pixels)
                let moved = RunLengths(width: width, height: height, columns: 0..<width, rows: 0..<height) { pixel in
                    let (row, column) = (pixel / width - dy, pixel % width - dx)
                    return row >= 0 && row < height && column >= 0 && column < width
                        && pixels[row * width + column] == 1
                }
                return InstanceResult(
                    image: object.image, category: object.category, score: Double(object.id % 10) / 10, mask: moved)
            }
        }
    }
}
