import Annotations
import FileAccess
import Foundation
import TestSupport
import Testing

@Suite struct COCOInstancesTests {
    @Test func readsImagesClassesAndObjects() throws {
        let instances = try COCOInstances(contentsOf: fixture("coco/instances.json"))
        #expect(instances.images.map(\.id) == [7, 2, 9, 4, 5])
        #expect(instances.categories.map(\.name) == ["person", "car", "dog"])
        let empty = try #require(instances.images.firstIndex { $0.id == 4 })
        #expect(instances.objects(of: empty).isEmpty)
        let counts = instances.images.indices.map { instances.objects(of: $0).count }
        #expect(counts.reduce(0, +) > 10)
        for index in instances.images.indices {
            for object in instances.objects(of: index) {
                #expect(object.image == instances.images[index].id)
                let (mask, box) = (try instances.mask(of: object, in: index), object.box)
                let bounds = try #require(mask?.bounds)
                #expect(box?.left == Double(bounds.x) && box?.bottom == Double(bounds.y + bounds.height))
            }
        }
    }

    @Test func acceptsAnyOrderSpacesAndEscapes() throws {
        let instances = try read(
            """
            { "annotations" : [ {"bbox":[1, 2.5,3e0,4],"id":9,"image_id":1.0,"category_id":5,"iscrowd":1,
              "more":{"a":[1,"]"]}} ] ,
              "categories":[{"name":"tree \\u0041\\"","id":5}],
              "images":[{"id":1,"file_name":"a.jpg","width":10,"height":20,"url":null}], "info":{} }
            """)
        #expect(instances.categories[0].name == "tree A\"")
        let object = try #require(instances.objects(of: 0).first)
        #expect(object.box == Box(left: 1, top: 2.5, right: 4, bottom: 6.5))
        #expect(object.isCrowd && object.area == nil)
        #expect(try instances.mask(of: object, in: 0) == nil)
    }

    @Test(arguments: [
        ("{}", "no list \"images\""), (#"{"images":{}}"#, "'[' is expected here"),
        (#"{"images":[{"id":1,"file_name":"../a.jpg"}]}"#, #"image 1: "file_name" is "../a.jpg", not a file below"#),
        (#"{"images":[{"id":1,"width":1}]}"#, #"image 1: no "file_name""#),
        (#"{"images":[{"width":1},{}]}"#, #"images[0]: no "id", no "file_name""#),
        (#"{"images":[{"id":"x","file_name":"a.jpg"}]}"#, #"images[0]: "id" is "x", not a whole number"#),
        (#"{"images":[7]}"#, "images[0]: '{' is expected here"),
        (#"{"categories":[{"id":"1","name":"a"}]}"#, #"categories[0]: "id" is "1", not a whole number"#),
        (#"{"annotations":[{"id":3,"bbox":[NaN,0,1,1]}]}"#, #"annotation 3: "bbox" is [NaN,0,1,1], not [x, y, width"#),
        (#"{"annotations":[{"bbox":[0,0,1],"id":3}]}"#, #"annotation 3: "bbox" is [0,0,1], not [x, y, width, height]"#),
        (#"{"annotations":[{"id":3,"bbox":["1","2","3","4"]}]}"#, #""bbox" is ["1","2","3","4"], not"#),
        (#"{"annotations":[{"id":3,"image_id":"000007"}]}"#, #"annotation 3: "image_id" is "000007", not a whole"#),
        (#"{"annotations":[{"id":3,"iscrowd":"no"}]}"#, #"annotation 3: "iscrowd" is "no", not 0 or 1"#),
        (#"{"annotations":[{"id":3,"image_id":1}]}"#, #"annotation 3: no "category_id""#),
        (#"{"images":[],"info":{"year":019}}"#, "a value is expected here"),
        (#"{"images":[],"info":{"year":[1}]}"#, "']' is expected here"),
        (#"{"images":[],"annotations":[],"categories":[]} x"#, "after the end"),
        (#"{"images":[],"annotations":[{"id":1"#, "'}' is expected here"),
        (#"{"images":[],"categories":[],"annotations":[{"id":3,"image_id":1,"category_id":1}]}"#, "annotation 3"),
    ])
    func tellsWhatIsWrong(_ text: String, _ expected: String) {
        let said = message { try read(text) }
        #expect(said.contains(expected), "\(said)")
        #expect(said.contains("line 1"), "\(said)")
    }

    @Test func findsEveryProblem() throws {
        try withTemporaryFolder { folder in
            let path = try write(
                """
                {"images":[{"id":1,"file_name":"a.jpg","width":9,"height":9},
                {"id":1,"file_name":"b.jpg","width":9,"height":9}],
                "categories":[{"id":1,"name":"cat"}],
                "annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[0,0,1,1]},
                {"id":1,"image_id":1,"category_id":1,"bbox":[0,0,1,1]},
                {"id":2,"image_id":8,"category_id":1,"bbox":[0,0,1,1]},
                {"id":3,"image_id":1,"category_id":8,"bbox":[0,0,1,1]},
                {"id":4,"image_id":1,"category_id":1,"bbox":[0,0,"x",1]}]}
                """, to: "instances.json", in: folder)
            var problems: [Diagnostic] = []
            let instances = try COCOInstances(
                contentsOf: path, report: { problems.append($0) }, refuse: { problems.append(Diagnostic(.error, $0)) })
            #expect(problems.count == 5, "\(problems)")
            for line in [5, 6, 7, 8] {
                #expect(problems.contains { $0.finding.place?.hasPrefix("line \(line)") == true })
            }
            #expect(instances.objects(of: 0).count == 2)
        }
    }

    private func read(_ text: String) throws -> COCOInstances {
        try withTemporaryFolder { folder in
            try COCOInstances(contentsOf: try write(text, to: "instances.json", in: folder))
        }
    }
}
