import FileAccess
import Foundation
import ImageFiles
import TestSupport
import Testing

/// `bana data check` finds what was broken, and nothing else.
@Suite struct DataCheckTests {
    private let line = "data check --set data.root=voc --set data.split=train --set data.validation=val"

    @Test func soundDataHasNoProblem() throws {
        try withTemporaryFolder { folder in
            let outcome = try Workplace(folder).run(line)
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(outcome.output == "6 images of train, 2 images of val: 0 problems in 0 images\n")
        }
    }

    @Test func everyFaultIsFoundAndNoneInvented() throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            let expected = try plantFaults(workplace)
            let outcome = try workplace.run(line)
            #expect(outcome.code == 65)
            var found = outcome.output.split(separator: "\n").map(String.init)
            #expect(found.removeLast().hasSuffix("\(expected.count - 1) problems in 7 images"), "\(outcome.output)")
            for (file, words) in expected {
                let place = found.firstIndex { $0.contains(file + ":") && $0.contains(words) }
                #expect(place != nil, "\(file): \(words) is not in \(outcome.output)")
                if let place { found.remove(at: place) }
            }
            #expect(found.isEmpty, "invented: \(found)")
        }
    }

    /// Breaks the tiny images in ten ways and one that is but a warning; tells file and words of each.
    private func plantFaults(_ workplace: Workplace) throws -> [(file: String, words: String)] {
        let xml = { (id: Int) in "voc/Annotations/tiny_0\(id).xml" }
        let list = "voc/ImageSets/Segmentation/train.txt"
        let ids = String(decoding: try readFile(join(workplace.folder, list)), as: UTF8.self)
        let first = ids.split(separator: "\n")[0]
        try workplace.put(ids + "../tiny_01\n\(first)\ntiny_99\n", at: list)
        try workplace.edit("voc/JPEGImages/tiny_01.jpg") { $0 = $0.prefix($0.count / 2) }
        try workplace.replace("</annotation>", with: "", in: xml(2))
        try workplace.edit(xml(3)) { contents in
            var text = String(decoding: contents, as: UTF8.self)
            text = text.replacing(/<xmin>[^<]*</, with: "<xmin>ten<", maxReplacements: 1)
            text = text.replacing("</annotation>", with: Self.unicorn + "</annotation>")
            contents = Data(text.utf8)
        }
        try workplace.remove(xml(4))
        try workplace.putMap(3, 3, label: 1, at: "voc/SegmentationClass/tiny_05.png")
        try workplace.putMap(130, 106, label: 21, at: "voc/SegmentationClass/tiny_06.png")
        try workplace.remove("voc/SegmentationClass/tiny_08.png")
        return [
            (list, "line 7: image id '../tiny_01'"), (list, "warning: "), ("tiny_99.jpg", "No such file"),
            ("tiny_01.jpg", "Premature end"), (xml(2), "cut-off XML: it ends before"), (xml(3), "'ten', not a number"),
            (xml(3), "unknown class 'unicorn'"), (xml(4), "No such file"), ("tiny_05.png", "3x3 pixels"),
            ("tiny_06.png", "label 21 at row 0"), ("tiny_08.png", "No such file"),
        ]
    }

    private static let unicorn = """
        <object><name>unicorn</name>
        <bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>
        """

    @Test func whatLabellingLeavesOutIsAProblemHere() throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            try workplace.put(
                """
                {"images":[{"id":1,"file_name":"./tiny_01.jpg"},{"id":"two","file_name":"tiny_02.jpg"}],
                "categories":[{"id":0,"name":"background"},{"id":1,"name":"cat"},{"id":2,"name":""},{"id":1,"name":"cat"}],
                "annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[0,0,9,9],"segmentation":[],"area":NaN},
                {"id":1,"image_id":1,"category_id":1,"bbox":[1,1,9,9]},
                {"id":3,"image_id":1,"category_id":1,"bbox":[NaN,0,1,1]},{"id":4,"image_id":1,"category_id":1}]}
                """, at: "boxes.json")
            let outcome = try workplace.run("data check --images voc/JPEGImages --boxes boxes.json")
            #expect(outcome.code == 65)
            let expected = [
                #"./boxes.json:line 1, images[1]: "id" is "two", not a whole number; correct the record"#,
                #"./boxes.json:line 5, annotation 3: "bbox" is [NaN,0,1,1], not [x, y, width, height] in numbers; correct "#
                    + "the record",
                "./boxes.json:category 1: category 1 is there twice; keep one",
                "./boxes.json:line 4, annotation 1: a second annotation of this number; number them anew",
                #"./boxes.json:line 5, annotation 4: no "bbox"; correct the annotation"#,
                "1 image of boxes.json: 5 problems in 1 image",
            ]
            #expect(outcome.output.split(separator: "\n").map(String.init) == expected, "\(outcome.output)")
        }
    }

    @Test func brokenXMLIsListedFileByFile() throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            try workplace.edit("voc/Annotations/tiny_02.xml") { $0 = Data("<!-- \n".utf8) + Data([0xC4, 0xE3]) + $0 }
            try workplace.replace("</annotation>", with: "</object></annotation>", in: "voc/Annotations/tiny_03.xml")
            let outcome = try workplace.run("data check --images voc/JPEGImages --boxes voc/Annotations")
            #expect(outcome.code == 65)
            #expect(outcome.output.contains("tiny_02.xml:line 2: bytes that are no character in UTF-8; save it"))
            #expect(outcome.output.contains("</object> where <annotation> is open; close each element once"))
            #expect(
                outcome.output.hasSuffix("8 images of voc/Annotations: 2 problems in 2 images\n"), "\(outcome.output)")
        }
    }

    @Test func aCOCOSetIsReadRecordByRecord() throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            try workplace.put(
                """
                {"images":[{"id":1,"file_name":"tiny_01.jpg","width":130,"height":106},
                {"id":2,"file_name":"tiny_02.jpg","width":131,"height":106}],
                "categories":[{"id":1,"name":"cat"}],
                "annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[0,0,200,1],"segmentation":[[1,2]]},
                {"id":2,"image_id":9,"category_id":1,"bbox":[0,0,1,1]},
                {"id":3,"image_id":1,"category_id":1,"bbox":[0,0,1,1]}]}
                """, at: "boxes.json")
            let outcome = try workplace.run("data check --images voc/JPEGImages --boxes boxes.json")
            #expect(outcome.code == 65)
            for words in [
                "line 5, annotation 2: there is no image 9", "line 4, annotation 1: box (0, 0, 200, 1) reaches",
                "line 4, annotation 1: a polygon of 2 numbers", "tiny_02.jpg: 130x106 pixels, but",
                "2 images of boxes.json: 4 problems in 2 images",
            ] {
                #expect(outcome.output.contains(words), "\(outcome.output)")
            }
        }
    }
}
