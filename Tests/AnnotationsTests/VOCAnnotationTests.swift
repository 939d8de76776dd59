import Annotations
import FileAccess
import Foundation
import TestSupport
import Testing

@Suite struct VOCAnnotationTests {
    private static let person = """
            <object>
                <name> person </name>
                <difficult>1</difficult>
                <part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part>
                <bndbox><xmax>45.5</xmax><xmin>10.25</xmin><ymax>30</ymax><ymin>1e1</ymin></bndbox>
                <part><name>hand</name><bndbox><xmin>3</xmin><ymin>3</ymin><xmax>4</xmax><ymax>4</ymax></bndbox></part>
            </object>
        """
    private static let cat =
        "<object><name>cat</name>"
        + "<bndbox><xmin>0</xmin><ymin>0</ymin><xmax>50</xmax><ymax>40</ymax></bndbox></object>"
    private static let outside = " reaches outside the image of 50x40 pixels; correct its coordinates"
    private static let size = "<size><width>50</width><height>40</height><depth>3</depth></size>"

    private func read(_ xml: String) throws -> VOCAnnotation {
        try withTemporaryFolder { try VOCAnnotation(contentsOf: write(xml, to: "a.xml", in: $0)) }
    }

    private func boxes(_ objects: String, width: Int = 50, height: Int = 40) throws -> [LabelledBox] {
        try read("<annotation>\n\(objects)\n</annotation>").boxes(classes: .voc, width: width, height: height)
    }

    private func problem(_ body: () throws -> some Any) -> String {
        let text = message(body)
        return text.range(of: "a.xml").map { String(text[$0.lowerBound...]) } ?? text
    }

    @Test func onlyAnObjectsOwnBoxCounts() throws {
        let annotation = try read("<annotation>\(Self.size)\n\(Self.person)\(Self.cat)</annotation>")
        #expect(annotation.size?.width == 50)
        #expect(annotation.size?.height == 40)
        #expect(annotation.objects.map(\.line) == [2, 8])
        #expect(
            try annotation.boxes(classes: .voc, width: 50, height: 40) == [
                LabelledBox(classIndex: 15, box: Box(left: 10.25, top: 10, right: 45.5, bottom: 30), isDifficult: true),
                LabelledBox(classIndex: 8, box: Box(left: 0, top: 0, right: 50, bottom: 40)),
            ])
    }

    @Test func anImageMayHaveNoObjectAndNoSize() throws {
        #expect(try boxes("<folder>VOC</folder><owner><name>a</name><name>b</name></owner>").isEmpty)
        #expect(try read("<annotation/>").size == nil)
        for size in [
            "", "<width>0</width><height>0</height>", "<width></width><height/>", "<width>5</width>",
            "<depth>3</depth>",
            "<width>5</width><height> </height><depth/>",
        ] {
            #expect(try read("<annotation><size>\(size)</size></annotation>").size == nil)
        }
        #expect(try read("<annotation><size/></annotation>").size == nil)
    }

    @Test func whatIsNotUsedIsNotJudged() throws {
        let object =
            "<object><pose/><truncated>Unspecified</truncated><occluded></occluded><difficult/><name>cat</name>"
            + "<bndbox><xmin> 1.0 </xmin><ymin>\n2</ymin><xmax>9.50</xmax><ymax>8.</ymax></bndbox></object>"
        #expect(try boxes(object + "<segmented/><source/>").map(\.box) == [Box(left: 1, top: 2, right: 9.5, bottom: 8)])
    }

    @Test func faultyObjectsAreLeftOutAndTheRestIsUsed() throws {
        let bad = "<object><name>dog</name><bndbox><xmin>NaN</xmin></bndbox></object>\n<object/>\n"
        let twice = "<object><name>cow</name><name>cat</name></object>\n"
        let size = "<size><width>wide</width><height>2</height></size>\n"
        var found: [Diagnostic] = []
        let annotation = try VOCAnnotation(
            decoding: Data("<annotation>\n\(bad)\(twice)\(size)\(Self.cat)</annotation>".utf8), file: "a.xml"
        ) { found.append($0) }
        #expect(annotation.objects.map(\.name) == ["cat"] && annotation.size == nil)
        #expect(annotation.names == ["dog", "cow", "cat"] && annotation.nameless?.place == "line 3")
        #expect(
            found.errors.map { "\($0)".split(separator: ";")[0] } == [
                "a.xml:line 2: <bndbox/xmin> is 'NaN', not a number", "a.xml:line 3: an object without <name>",
                "a.xml:line 4: a second <name>", "a.xml:line 5: <width> is 'wide', not a number",
            ])
    }

    @Test func longValuesAreShortened() {
        let long = String(repeating: "9a", count: 5000)
        let said = problem { try boxes("<object><name>cat</name><bndbox><xmin>\(long)</xmin></bndbox></object>") }
        #expect(said.hasPrefix("a.xml:line 2: <bndbox/xmin> is '9a9a") && said.count < 120, "\(said)")
        let name =
            "<object><name>\(long)</name><bndbox><xmin>0</xmin><ymin>0</ymin><xmax>5</xmax><ymax>4</ymax></bndbox></object>"
        #expect(problem { try boxes(name) }.count < 250)
    }

    @Test func aBoxAPixelBeyondTheImageEndsAtItsEdge() throws {
        let beyond =
            "<object><name>cat</name>"
            + "<bndbox><xmin>-1</xmin><ymin>-0.5</ymin><xmax>51</xmax><ymax>40.5</ymax></bndbox></object>"
        #expect(try boxes(beyond).map(\.box) == [Box(left: 0, top: 0, right: 50, bottom: 40)])
    }

    @Test(arguments: [
        ("10", "10", "10", "20", "empty box (10, 10, 10, 20); xmax must exceed xmin, and ymax ymin"),
        ("10", "10", "20", "9.5", "empty box (10, 10, 20, 9.5); xmax must exceed xmin, and ymax ymin"),
        ("10", "10", "52", "20", "box (10, 10, 52, 20)" + Self.outside),
        ("-2", "10", "20", "20", "box (-2, 10, 20, 20)" + Self.outside),
        ("50.2", "1", "50.8", "2", "box (50.2, 1, 50.8, 2)" + Self.outside),
    ])
    func unusableBoxesAreErrors(left: String, top: String, right: String, bottom: String, expected: String) {
        let object =
            "<object><name>cat</name><bndbox><xmin>\(left)</xmin><ymin>\(top)</ymin>"
            + "<xmax>\(right)</xmax><ymax>\(bottom)</ymax></bndbox></object>"
        #expect(problem { try boxes(Self.cat + "\n" + object) } == "a.xml:line 3: " + expected)
    }

    @Test func everyProblemOfAFileIsListed() throws {
        let annotation = try read("<annotation>\n\(Self.cat)\n\(Self.cat)\n\(Self.person)</annotation>")
        let problems = annotation.problems(classes: try ClassList(["dog", "cats"]), width: 20, height: 30)
        #expect(problems.map(\.place) == ["line 2", "line 2", "line 3", "line 3", "line 4", "line 4"])
        #expect(problems.first?.problem == "unknown class 'cat'")
        #expect(problems.first?.remedy == "did you mean 'cats'?")
    }

    @Test func anotherImagesAnnotationIsAnError() {
        #expect(
            problem { try boxes(Self.size, width: 40, height: 50) }
                == "a.xml: made for an image of 50x40 pixels, but the image has 40x50; "
                + "bring the annotation that belongs to this image")
    }

    @Test(arguments: [
        ("<object><bndbox/></object>", "line 2: an object without <name>; correct the annotation"),
        ("<object><name>cat</name></object>", "line 2: no <bndbox/xmin>; correct the annotation"),
        (
            "<object><name>cat</name><bndbox><xmin>4,5</xmin></bndbox></object>",
            "line 2: <bndbox/xmin> is '4,5', not a number; correct the annotation"
        ),
        (
            "<object><name>cat</name><bndbox><xmin>nan</xmin></bndbox></object>",
            "line 2: <bndbox/xmin> is 'nan', not a number; correct the annotation"
        ),
        ("<object><name>cat</name>\n<name>dog</name></object>", "line 3: a second <name>; correct the annotation"),
        (
            "<size><width>3.5</width><height>2</height></size>",
            "line 2: a size of 3.5x2.0 pixels; correct the annotation"
        ),
    ])
    func oddFieldsAreErrors(xml: String, expected: String) {
        #expect(problem { try boxes(xml) } == "a.xml:" + expected)
    }

    @Test func aSizeSwappedByEXIFIsTold() {
        let said = problem {
            try read("<annotation>\(Self.size)\(Self.cat)</annotation>")
                .boxes(classes: .voc, width: 40, height: 50, isTurned: true)
        }
        #expect(
            said.hasPrefix(
                "a.xml: made for an image of 50x40 pixels, but the image has 40x50: its EXIF data turns it when it is shown"
            ),
            "\(said)")
    }

    @Test func otherDocumentsAreErrors() {
        #expect(
            problem { try read("<?xml version=\"1.0\"?>\n<html></html>") }
                == "a.xml:line 2: <html> where a VOC <annotation> is expected; correct the annotation")
        #expect(problem { try read("<annotations><image/></annotations>") }.contains("CVAT's XML"))
    }

    @Test func entitiesNeitherReachOutNorExplode() throws {
        let outside =
            "<!DOCTYPE annotation [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>"
            + "<annotation><object><name>&e;</name></object></annotation>"
        #expect(!problem { try read(outside) }.contains("root"))
        let tenfold = (1...9).map { "<!ENTITY e\($0) \"\(String(repeating: "&e\($0 - 1);", count: 10))\">" }.joined()
        let bomb = "<!DOCTYPE annotation [<!ENTITY e0 \"0123456789\">\(tenfold)]><annotation>&e9;</annotation>"
        #expect(problem { try read(bomb) }.hasPrefix("a.xml"))
    }

    @Test(.enabled(if: testData != nil, Comment(rawValue: testDataMissing)))
    func everyRealAnnotationIsRead() throws {
        let root = join(testData ?? "", "data/voc2012-2007")
        let list = try ImageList(contentsOf: join(root, "ImageSets/Segmentation/trainval.txt"))
        #expect(list.ids.count == 632)
        var (boxes, difficult, classes) = (0, 0, Set<Int>())
        for id in list.ids {
            let annotation = try VOCAnnotation(contentsOf: join(root, "Annotations/\(id).xml"))
            let size = try #require(annotation.size)
            let found = try annotation.boxes(classes: .voc, width: size.width, height: size.height)
            boxes += found.count
            difficult += found.count { $0.isDifficult }
            classes.formUnion(found.map(\.classIndex))
        }
        #expect(boxes == 1822)
        #expect(classes == Set(1...20))
        #expect(difficult > 0)
    }
}
