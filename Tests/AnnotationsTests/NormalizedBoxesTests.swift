import Annotations
import Foundation
import Testing

@Suite struct NormalizedBoxesTests {
    private func problem(_ boxes: [Box], width: Int = 64, height: Int = 48) -> String? {
        normalizedProblem(boxes, width: width, height: height).map { "\($0)" }
    }

    private let small = Box(left: 0.05, top: 0.1, right: 0.55, bottom: 0.6)

    @Test func coordinatesFromZeroToOneAreToldOf() {
        let expected =
            "box (0.05, 0.1, 0.55, 0.6) lies within one pixel: its coordinates look normalised, from 0 to 1; "
            + "multiply them by the image's width and height"
        #expect(problem([small]) == expected)
        #expect(problem([small, Box(left: 0, top: 0, right: 1, bottom: 1)]) == expected)
    }

    @Test func otherSmallBoxesAreNot() {
        #expect(problem([]) == nil)
        #expect(problem([Box(left: 0, top: 0, right: 1, bottom: 1)]) == nil)
        #expect(problem([small, Box(left: 0, top: 0, right: 20, bottom: 9)]) == nil)
        #expect(problem([small], width: 1, height: 1) == nil)
    }

    @Test func anAnnotationIsCheckedForThem() throws {
        let xml = """
            <annotation>
            <object><name>cat</name><bndbox><xmin>0.1</xmin><ymin>0.2</ymin><xmax>0.5</xmax><ymax>0.9</ymax></bndbox></object>
            </annotation>
            """
        let annotation = try VOCAnnotation(decoding: Data(xml.utf8), file: "a.xml")
        let problems = annotation.problems(classes: .voc, width: 64, height: 48)
        #expect(problems.count == 1 && "\(problems[0])".hasPrefix("a.xml:line 2: box (0.1, 0.2, 0.5, 0.9) lies within"))
    }
}
