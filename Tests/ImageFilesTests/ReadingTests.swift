import FileAccess
import Foundation
import ImageFiles
import Testing

@Suite struct ReadingTests {
    @Test(arguments: Expected.names(channels: 3))
    func picturesAreThoseOfPillow(name: String) throws {
        let expected = try #require(Expected.all[name])
        let file = name.replacingOccurrences(of: "/rgb", with: "")
        let image = try RGBImage(contentsOf: join(fixtures, file))
        #expect(image.width == expected.width && image.height == expected.height)
        #expect(image.pixels == [UInt8](expected.pixels))
    }

    @Test(arguments: Expected.names(channels: 1))
    func labelsAreTheNumbersStored(name: String) throws {
        let expected = try #require(Expected.all[name])
        let map = try LabelMap(contentsOf: join(fixtures, name))
        #expect(map.width == expected.width && map.height == expected.height)
        #expect(map.pixels == [UInt8](expected.pixels))
    }

    @Test func everyKindIsThere() {
        #expect(Expected.names(channels: 3).count == 28)
        #expect(Expected.names(channels: 1).count == 9)
    }

    @Test func theContentsDecideNotTheName() throws {
        let jpeg = try withFile(fixture("grey.jpg"), named: "grey.png") { try RGBImage(contentsOf: $0) }
        #expect(try jpeg == RGBImage(contentsOf: join(fixtures, "grey.jpg")))
    }

    @Test(arguments: ["grey.jpg", "progressive.jpg", "rotated.jpg", "interlaced.png", "labels1.png"])
    func headersGiveTheSize(name: String) throws {
        let size = try imageSize(of: join(fixtures, name))
        #expect(size.width == 19 && size.height == 13)
    }

    @Test func theHeaderAloneGivesTheSize() throws {
        let size = try withFile(fixture("rgb8.png").prefix(33)) { try imageSize(of: $0) }
        #expect(size == (19, 13))
    }

    @Test func rotationIsReportedNotApplied() throws {
        #expect(try ImageHeader(contentsOf: join(fixtures, "rotated.jpg")).hasExifRotation)
        #expect(try !ImageHeader(contentsOf: join(fixtures, "upright.jpg")).hasExifRotation)
        #expect(try !ImageHeader(contentsOf: join(fixtures, "grey.jpg")).hasExifRotation)
    }

    @Test func littleEndianExifIsRead() throws {
        let turned = littleEndianExif(orientation: 8)
        #expect(try ImageHeader(decoding: jpegHeader(exif: turned)).hasExifRotation)
        #expect(try !ImageHeader(decoding: jpegHeader(exif: littleEndianExif(orientation: 1))).hasExifRotation)
        for length in 0..<turned.count - 4 {
            #expect(try !ImageHeader(decoding: jpegHeader(exif: turned.prefix(length))).hasExifRotation)
        }
    }

    @Test func slicesOfDataAreRead() throws {
        let padded = Data([1, 2, 3]) + (try fixture("colour420.jpg"))
        #expect(try RGBImage(decoding: padded.dropFirst(3)) == RGBImage(contentsOf: join(fixtures, "colour420.jpg")))
    }
}

/// The start of a JPEG: an EXIF segment and a frame header of 19 x 13 pixels.
private func jpegHeader(exif: Data) -> Data {
    Data([0xFF, 0xD8, 0xFF, 0xE1, 0, UInt8(exif.count + 2)]) + exif
        + Data([0xFF, 0xC0, 0, 11, 8, 0, 13, 0, 19, 1, 1, 0x11, 0])
}

private func littleEndianExif(orientation: UInt8) -> Data {
    Data("Exif\0\0II*\0".utf8) + Data([8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0])
}
