import Annotations
import FileAccess
import Foundation
import TestSupport
import Testing

@Suite struct RunLengthsTests {
    private struct MaskCase: Decodable {
        let width: Int
        let height: Int
        let runs: [UInt32]
        let counts: String
    }

    private struct PolygonCase: Decodable {
        let width: Int
        let height: Int
        let polygons: [[Double]]
        let counts: String
        let area: Int
        let box: [Int]
    }

    @Test func textIsThatOfTheReference() throws {
        for mask in try decodeFixture([MaskCase].self, "coco/masks.json") {
            let runs = try #require(RunLengths(width: mask.width, height: mask.height, counts: mask.runs))
            #expect(runs.text == mask.counts)
            let read = RunLengths(width: mask.width, height: mask.height, text: mask.counts)
            #expect(read == runs)
            let pixels = runs.pixels
            let coded = RunLengths(
                width: mask.width, height: mask.height, columns: 0..<mask.width, rows: 0..<mask.height
            ) { pixels[$0] == 1 }
            #expect(coded.text == mask.counts)
            #expect(runs.area == pixels.count { $0 == 1 })
        }
    }

    @Test func polygonsAreThoseOfTheReference() throws {
        for shape in try decodeFixture([PolygonCase].self, "coco/polygons.json") {
            let parts = shape.polygons.compactMap {
                RunLengths(width: shape.width, height: shape.height, polygon: $0)
            }
            let union = try #require(RunLengths.union(parts))
            #expect(union.text == shape.counts)
            #expect(union.area == shape.area)
            let box = union.bounds
            #expect([box.x, box.y, box.width, box.height] == shape.box)
        }
    }

    @Test func intersectionCountsPixels() throws {
        let masks = try decodeFixture([MaskCase].self, "coco/masks.json").filter { $0.width == 40 }
        for a in masks {
            for b in masks {
                let first = try #require(RunLengths(width: 40, height: 90, counts: a.runs))
                let second = try #require(RunLengths(width: 40, height: 90, counts: b.runs))
                let expected = zip(first.pixels, second.pixels).count { $0 == 1 && $1 == 1 }
                #expect(first.intersection(with: second) == expected)
                let union = try #require(RunLengths.union([first, second]))
                #expect(union.pixels == zip(first.pixels, second.pixels).map { max($0, $1) })
            }
        }
    }

    @Test(arguments: ["", "0", "o", "~", "\u{7F}", "oooooooooooo", "Q1"])
    func brokenTextIsNoMask(_ text: String) {
        #expect(RunLengths(width: 3, height: 4, text: text) == nil)
    }

    @Test func wrongCountsAreNoMask() {
        #expect(RunLengths(width: 3, height: 4, counts: [11]) == nil)
        #expect(RunLengths(width: 3, height: 4, counts: [4, 9]) == nil)
        #expect(RunLengths(width: 3, height: 4, polygon: [1, 1, 2, 2]) == nil)
        #expect(RunLengths(width: 3, height: 4, polygon: [1, 1, 1e9, 2, 2, 3]) == nil)
    }
}
