import Annotations
import FileAccess
import Foundation
import TestSupport
import Testing

/// Instances files as other tools write them: what boxes do not need is not judged, what is wrong is told.
@Suite struct COCOLeniencyTests {
    private let image = #"{"id":1,"file_name":"a.jpg","width":9,"height":8}"#
    private let cat = #"{"id":1,"name":"cat"}"#

    private func read(
        images: [String]? = nil, categories: [String]? = nil, _ annotations: [String],
        report: (Diagnostic) throws -> Void = { throw $0.finding }
    ) throws -> COCOInstances {
        let text = """
            {"images":[\((images ?? [image]).joined(separator: ",\n"))],
            "categories":[\((categories ?? [cat]).joined(separator: ",\n"))],
            "annotations":[\(annotations.joined(separator: ",\n"))]}
            """
        return try withTemporaryFolder { folder in
            try COCOInstances(contentsOf: try write(text, to: "boxes.json", in: folder), report: report)
        }
    }

    private func box(_ id: Int = 1, category: Int = 1, image: Int = 1, _ more: String = "") -> String {
        "{\"id\":\(id),\"image_id\":\(image),\"category_id\":\(category),\"bbox\":[1,1,2,2]\(more)}"
    }

    @Test(arguments: [
        #""segmentation":[]"#, #""segmentation":null"#, #""segmentation":[[]]"#, #""area":null"#, #""area":NaN"#,
        #""area":"big""#, #""iscrowd":null"#, #""iscrowd":false"#, #""attributes":{"score":Infinity}"#,
    ])
    func fieldsThatBoxesDoNotNeedMayBeAnything(_ field: String) throws {
        let instances = try read([box(1, "," + field)])
        let object = try #require(instances.objects(of: 0).first)
        #expect(object.box == Box(left: 1, top: 1, right: 3, bottom: 3) && object.area == nil && !object.isCrowd)
        #expect(try instances.mask(of: object, in: 0) == nil)
    }

    @Test(arguments: [
        "", #","width":null,"height":null"#, #","width":0,"height":0"#, #","width":9"#,
        #","width":"9","height":"8""#, #","width":-9,"height":8"#, #","width":1e9,"height":8"#,
    ])
    func imagesMayHaveNoSize(_ size: String) throws {
        let instances = try read(images: ["{\"id\":1,\"file_name\":\"a.jpg\"\(size)}"], [box()])
        #expect(message { try instances.statedSize(of: 0) }.contains("image 1: no width and height"))
    }

    @Test(
        arguments: [
            ("a.jpg", "a.jpg"), ("./a.jpg", "a.jpg"), ("images/a.jpg", "images/a.jpg"),
            ("images//b/./a.jpg", "images/b/a.jpg"),
            (#"images\\a.jpg"#, "images/a.jpg"), ("a..b.jpg", "a..b.jpg"), ("a b.jpg", "a b.jpg"), (#"\/a.jpg"#, nil),
            ("../a.jpg", nil), ("b/../../a.jpg", nil), (#"..\\a.jpg"#, nil), (#"C:\\a.jpg"#, nil), ("", nil),
            (".", nil),
            (#"a\u0000.jpg"#, nil),
        ] as [(String, String?)])
    func namesMayHaveFoldersBelowTheRoot(_ name: String, _ expected: String?) throws {
        let text = "{\"id\":1,\"file_name\":\"\(name)\"}"
        guard let expected else {
            #expect(message { try read(images: [text], []) }.contains("image 1: \"file_name\" is"))
            return
        }
        #expect(try read(images: [text], []).images.map(\.fileName) == [expected])
    }

    @Test func aMarkBeforeTheTextIsSkipped() throws {
        let text = "\u{FEFF}{\"images\":[\(image)],\"categories\":[\(cat)],\"annotations\":[\(box())]}"
        try withTemporaryFolder { folder in
            let instances = try COCOInstances(contentsOf: write(text, to: "a.json", in: folder))
            #expect(instances.images.count == 1)
        }
    }

    @Test func categoriesWithoutBoxesAreNotJudged() throws {
        let odd = [
            #"{"id":0,"name":"background"}"#, #"{"id":2,"name":""}"#, #"{"id":3}"#, #"{"id":4,"name":null}"#,
            #"{"id":5,"name":"cat"}"#, #"{"id":6,"name":"dog"}"#, #"{"id":7,"name":"dog"}"#, #"{"id":8,"name":5}"#,
        ]
        #expect(try read(categories: odd + [cat], [box()]).classes().names == ["background", "cat", "dog"])
        #expect(
            try read(categories: odd + [cat], [box(1, category: 5)]).classes().names == ["background", "cat", "dog"])
        let many = (1...300).map { "{\"id\":\($0),\"name\":\"c\($0)\"}" }
        #expect(
            try read(categories: many, [box(1, category: 9), box(2, category: 280)]).classes().names
                == ["background", "c9", "c280"])
    }

    @Test func categoriesOfBoxesAreJudged() throws {
        let twice = [cat, #"{"id":2,"name":"cat"}"#]
        #expect(
            message { try read(categories: twice, [box(), box(2, category: 2)]).classes() }
                .contains("boxes.json:category 2: another category has the name 'cat' too; give --classes"))
        #expect(
            message { try read(categories: [#"{"id":1,"name":" "}"#], [box()]).classes() }
                .contains("boxes.json:category 1: a class without a name"))
        #expect(
            message { try read(categories: [#"{"id":1,"name":"background"}"#], [box()]).classes() }
                .contains("category 1: 'background' among the classes"))
    }

    @Test func repeatedCategoryNumbersAreTold() throws {
        let other = #"{"id":1,"name":"dog"}"#
        #expect(
            message { try read(categories: [cat, other], [box()]) }
                .contains("category 1 is there twice, as 'cat' and 'dog'; keep one"))
        #expect(message { try read(categories: [cat, cat], [box()]) }.contains("category 1 is there twice; keep one"))
        var found: [Diagnostic] = []
        #expect(try read(categories: [cat, cat], [box()], report: { found.append($0) }).categories.count == 1)
        #expect(found.count == 1)
    }

    @Test func faultyRecordsAreReportedAndTheRestIsUsed() throws {
        var found: [Diagnostic] = []
        let instances = try read(
            images: [image, #"{"id":"two","file_name":"b.jpg"}"#],
            [box(1), #"{"id":2,"image_id":1,"category_id":1,"bbox":[NaN,NaN,1,1]}"#, box(3, image: 2), "[]", box(4)]
        ) { found.append($0) }
        #expect(instances.images.map(\.id) == [1] && instances.objects(of: 0).map(\.id) == [1, 4])
        #expect(
            found.errors.map { "\($0.place ?? ""): \($0.problem)" } == [
                #"line 2, images[1]: "id" is "two", not a whole number"#,
                #"line 5, annotation 2: "bbox" is [NaN,NaN,1,1], not [x, y, width, height] in numbers"#,
                "line 7, annotations[3]: '{' is expected here", "line 6, annotation 3: there is no image 2",
            ])
    }

    @Test func resultsAreToldByRecordAndField() throws {
        try withTemporaryFolder { folder in
            let truth = try read(images: [image, #"{"id":2,"file_name":"b.jpg"}"#], [box()])
            for (text, expected) in [
                (
                    #"{"images":[]}"#,
                    "results.json: this looks like a JSON object, as instances files are; results are one"
                ),
                (#"[{"image_id":"1"}]"#, #"line 1, result 0: "image_id" is "1", not a whole number; correct"#),
                (#"[{"image_id":1,"category_id":1,"score":NaN}]"#, #"result 0: "score" is NaN, not a number"#),
                (#"[{"image_id":1,"category_id":1,"score":1,"segmentation":[]}]"#, "a result without segmentation"),
                (#"[{"image_id":2,"category_id":1,"score":1,"bbox":[1,1,2,2]}]"#, "boxes.json:image 2: no width and"),
            ] {
                let path = try write(text, to: "results.json", in: folder)
                let said = message { try readResults(path, for: truth) }
                #expect(said.contains(expected), "\(said)")
            }
        }
    }

    @Test func namesOfAnotherEncodingAreTold() throws {
        try withTemporaryFolder { folder in
            for (list, field) in [("images", "file_name"), ("categories", "name")] {
                let path = join(folder, "boxes.json")
                let start = "{\"\(list)\":[{\"id\":4,\"\(field)\":\"caf"
                try writeAtomically(Data(start.utf8) + Data([0xE9]) + Data("\"}]}".utf8), to: path)
                let said = message { try COCOInstances(contentsOf: path) }
                #expect(
                    said.contains(
                        "\(list == "images" ? "image" : "category") 4: \"\(field)\" is \"caf\u{FFFD}\", not a text in UTF-8"
                    ), "\(said)")
            }
        }
    }

    @Test func aListOfNothingButFaultsIsRefused() {
        let said = message {
            try read(
                images: [#"{"id":"a","file_name":"a.jpg"}"#, #"{"id":"b","file_name":"b.jpg"}"#], [], report: { _ in })
        }
        #expect(said.contains(#""id" is "a", not a whole number; none of the 2 records of "images" can be used"#))
        let lost = message { try read([box(1, image: 8), box(2, image: 9)], report: { _ in }) }
        #expect(lost.contains("annotation 1: there is no image 8; none of the 2 records"), "\(lost)")
    }

    @Test func longValuesAreShortened() {
        let long = String(repeating: "x", count: 100_000)
        let said = message { try read(images: ["{\"id\":\"\(long)\"}"], []) }
        #expect(said.count < 300 && said.contains("xxx..."), "\(said.prefix(400))")
    }

    @Test func manyFaultsAreToldInTime() throws {
        let bad = (1...20_000).map { "{\"id\":\($0),\"image_id\":1,\"category_id\":1,\"bbox\":[1]}" }
        var count = 0
        let start = processorSeconds()
        _ = try read(bad + [box(20_001)], report: { _ in count += 1 })
        #expect(count == 20_000 && processorSeconds() - start < 3)
    }
}

/// What this thread has had of a processor, whatever else the machine does.
private func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
