import FileAccess
import Foundation
import ImageFiles
import Testing

/// Photographs as they come, against the Adler-32 checksums of what Pillow 13 decodes.
@Suite(.enabled(if: testData != nil, "BANA_TEST_DATA names no folder of test data"))
struct RealImageTests {
    @Test(arguments: photographs)
    func photographsAreThoseOfPillow(name: String, checksum: UInt32) throws {
        #expect(adler32(try RGBImage(contentsOf: testImage(name)).pixels) == checksum)
    }

    @Test(arguments: masks)
    func masksAreThoseOfPillow(name: String, checksum: UInt32) throws {
        let mask = try LabelMap(contentsOf: testImage(name))
        #expect(adler32(mask.pixels) == checksum)
        #expect(try LabelMap(decoding: mask.pngData()) == mask)
        // The official masks carry VOC's palette: the colours we write are theirs.
        #expect(try RGBImage(decoding: mask.pngData()) == RGBImage(contentsOf: testImage(name)))
    }
}

private let photographs: [(String, UInt32)] = [
    ("voc2012-2007/JPEGImages/2007_000032.jpg", 0xc010_cd32),
    ("voc2012-2007/JPEGImages/2007_001225.jpg", 0xbaa0_1bce),
    ("voc2012-2007/JPEGImages/2007_009947.jpg", 0xcee1_017f),
    ("coco128/train2017/000000000009.jpg", 0x1338_e46e),
    ("coco128/train2017/000000000086.jpg", 0xc7d6_b126),
]

private let masks: [(String, UInt32)] = [
    ("voc2012-2007/SegmentationClass/2007_000032.png", 0xd240_1c8d),
    ("voc2012-2007/SegmentationClass/2007_009947.png", 0xd9c7_afc8),
]

private let testData = ProcessInfo.processInfo.environment["BANA_TEST_DATA"]

private func testImage(_ name: String) -> String {
    join(join(testData ?? "", "data"), name)
}

private func adler32(_ bytes: [UInt8]) -> UInt32 {
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
        a = (a + UInt32(byte)) % 65_521
        b = (b + a) % 65_521
    }
    return b << 16 | a
}
