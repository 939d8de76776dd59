import Annotations
import FileAccess
import Foundation
import TestSupport
import Testing

@Suite struct COCOWritingTests {
    private let images = [
        COCOInstances.Image(id: 7, fileName: "a/b \"c\".jpg", width: 3, height: 2),
        COCOInstances.Image(id: 2, fileName: "b.jpg", width: 4, height: 4),
    ]
    private let categories = [
        COCOInstances.Category(id: 1, name: "dog"), COCOInstances.Category(id: 5, name: "gar\u{e7}on\n"),
    ]

    private func mask(_ image: COCOInstances.Image, _ columns: Range<Int>, _ rows: Range<Int>) -> RunLengths {
        RunLengths(width: image.width, height: image.height, columns: columns, rows: rows) { _ in true }
    }

    @Test func whatIsWrittenReadsBackEqual() throws {
        let plain = images.map { COCOInstances.Image(id: $0.id, fileName: "\($0.id) \"c\".jpg", width: 4, height: 4) }
        let masks = [mask(plain[1], 1..<3, 0..<4), mask(plain[0], 0..<1, 1..<2)]
        try withTemporaryFolder { folder in
            let path = join(folder, "instances.json")
            try writeCOCOInstances(to: path, images: plain, categories: categories) { array in
                try array.append(InstanceRecord(id: 4, image: 2, category: 5, mask: masks[0]))
                try array.append(InstanceRecord(id: 9, image: 7, category: 1, mask: masks[1]))
            }
            let instances = try COCOInstances(contentsOf: path)
            #expect(instances.images == plain && instances.categories == categories)
            let objects = [try #require(instances.objects(of: 1).first), try #require(instances.objects(of: 0).first)]
            #expect(objects.map(\.id) == [4, 9] && objects.map(\.category) == [5, 1])
            #expect(objects.map(\.area) == [8, 1] && objects.allSatisfy { !$0.isCrowd })
            #expect(objects[0].box == Box(left: 1, top: 0, right: 3, bottom: 4))
            #expect(try instances.mask(of: objects[0], in: 1) == masks[0])
            #expect(try instances.mask(of: objects[1], in: 0) == masks[1])
        }
    }

    @Test func eachRecordIsALine() throws {
        try withTemporaryFolder { folder in
            let path = join(folder, "instances.json")
            try writeCOCOInstances(to: path, images: images, categories: categories.prefix(1)) { array in
                try array.append(InstanceRecord(id: 1, image: 7, category: 1, mask: mask(images[0], 1..<3, 0..<1)))
            }
            let expected = #"""
                {"images":[{"id":7,"file_name":"a/b \"c\".jpg","width":3,"height":2},
                {"id":2,"file_name":"b.jpg","width":4,"height":4}],
                "categories":[{"id":1,"name":"dog"}],
                "annotations":[{"id":1,"image_id":7,"category_id":1,"iscrowd":0,"area":2,"bbox":[1,0,2,1],"segmentation":\#
                {"size":[2,3],"counts":"21100"}}]}

                """#
            #expect(try String(decoding: readFile(path), as: UTF8.self) == expected)
        }
    }

    @Test func aFailureLeavesNoFile() throws {
        try withTemporaryFolder { folder in
            let path = join(folder, "instances.json")
            #expect(throws: InputError.self) {
                try writeCOCOInstances(to: path, images: images, categories: categories) { _ in
                    throw InputError("no mask")
                }
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(files.isEmpty)
        }
    }

    @Test func resultsAreLinesOfJSON() {
        let mask = mask(images[1], 0..<1, 0..<4)
        let whole = InstanceResult(image: 2, category: 5, score: 1, mask: mask).json
        #expect(whole.hasPrefix(#"{"image_id":2,"category_id":5,"segmentation":{"size":[4,4],"counts":""#))
        #expect(whole.hasSuffix(#"},"score":1}"#))
        #expect(InstanceResult(image: 2, category: 5, score: 0.25, mask: mask).json.hasSuffix(#""score":0.25}"#))
        #expect(InstanceResult(image: 2, category: 5, score: 1e30, mask: mask).json.hasSuffix(#""score":1e+30}"#))
    }
}
