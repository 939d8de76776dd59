import Annotations
import TestSupport
import Testing

@Suite struct ClassListTests {
    @Test func vocHasTwentyClassesInItsOrder() throws {
        #expect(ClassList.voc.count == 21)
        #expect(ClassList.voc.names[0] == "background")
        #expect(try ClassList.voc.index(of: "aeroplane") == 1)
        #expect(try ClassList.voc.index(of: "person") == 15)
        #expect(try ClassList.voc.index(of: "tvmonitor") == 20)
    }

    @Test func cocoHasEightyClassesInItsOrder() throws {
        #expect(ClassList.coco.count == 81)
        #expect(try ClassList.coco.index(of: "person") == 1)
        #expect(try ClassList.coco.index(of: "stop sign") == 12)
        #expect(try ClassList.coco.index(of: "dining table") == 61)
        #expect(try ClassList.coco.index(of: "toothbrush") == 80)
    }

    @Test func vocClassesAreFoundInCoco() throws {
        let indices = ClassList.voc.indices(in: .coco)
        #expect(indices.count == 21)
        #expect(indices.allSatisfy { $0 != nil })
        #expect(indices[0] == 0)
        #expect(indices[18] == (try ClassList.coco.index(of: "couch")))
        #expect(ClassList.coco.indices(in: .voc).compactMap { $0 }.sorted() == Array(0...20))
        #expect(try ClassList(["ring", "cat"]).indices(in: .voc) == [0, nil, 8])
    }

    @Test func namesInATextHaveNoMargins() {
        #expect(ClassList.names(in: "ring\r\n,bar, cross ") == ["ring", "bar", "cross"])
    }

    @Test(arguments: [
        ("aeroplan", "unknown class 'aeroplan'; did you mean 'aeroplane'?"),
        ("TvMonitor", "unknown class 'TvMonitor'; did you mean 'tvmonitor'?"),
        (
            "background",
            "unknown class 'background'; known are aeroplane, bicycle, bird, boat, bottle, bus, car, cat, ..."
        ),
    ])
    func anUnknownClassGetsAHint(name: String, expected: String) {
        #expect(message { try ClassList.voc.index(of: name) } == expected)
    }

    @Test(arguments: [
        ([], "0 classes of objects; 1 to 254 are possible"),
        (["ring", " "], "a class without a name"),
        (["background", "ring"], "'background' among the classes"),
        (["ring", "star", "ring"], "class 'ring' is named twice"),
    ])
    func aListMustNameItsClasses(objects: [String], problem: String) {
        let remedy = "; give each class one name; the background is implied"
        #expect(message { try ClassList(objects) } == problem + remedy)
    }

    @Test func moreClassesThanAByteHasRoomForAreRefused() {
        #expect(message { try ClassList((0..<254).map { "class \($0)" }) } == "no error")
        #expect(message { try ClassList((0..<255).map { "class \($0)" }) }.hasPrefix("255 classes of objects"))
    }
}
