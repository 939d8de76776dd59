import FileAccess
import Foundation
import ImageFiles
import Testing

@Suite struct DamageTests {
    @Test func messagesNameTheFile() throws {
        let path = join(fixtures, "no such.jpg")
        let error = #expect(throws: InputError.self) { try RGBImage(contentsOf: path) }
        #expect(error?.description == "\(path): cannot read: No such file or directory")
        try withFile(Data()) { path in
            let error = #expect(throws: InputError.self) { try imageSize(of: path) }
            #expect(error?.file == path)
        }
    }

    @Test func otherFilesAreToldApart() {
        let again = "; fetch it again, or take it out of the list"
        #expect(complaint { _ = try RGBImage(decoding: Data()) } == "the file is empty" + again)
        let other = "neither a JPEG nor a PNG image; convert it, or take it out of the list"
        #expect(complaint { _ = try RGBImage(decoding: Data("<html>not found</html>".utf8)) } == other)
        #expect(complaint { _ = try LabelMap(decoding: Data("GIF89a".utf8)) } == other)
        #expect(complaint { _ = try RGBImage(decoding: Data([0xFF])) } == other)
    }

    @Test(arguments: ["colour420.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg", "rgb8.png", "interlaced.png"])
    func aFileCutAnywhereIsRefused(name: String) throws {
        let whole = try fixture(name)
        for length in 0..<whole.count {
            let message = complaint { _ = try RGBImage(decoding: whole.prefix(length)) }
            #expect(message.hasSuffix("take it out of the list"), "\(length) of \(whole.count) bytes: \(message)")
        }
    }

    @Test func cutFilesSaySo() throws {
        let jpeg = try fixture("colour420.jpg"), png = try fixture("rgb8.png")
        #expect(
            complaint { _ = try RGBImage(decoding: jpeg.dropLast(40)) }
                == "cannot decode: Premature end of JPEG file; fetch it again, or take it out of the list")
        #expect(complaint { _ = try RGBImage(decoding: jpeg.dropLast(2)) }.contains("Premature end"))
        #expect(complaint { _ = try RGBImage(decoding: png.dropLast(30)) }.contains("the file ends too early"))
        #expect(complaint { _ = try RGBImage(decoding: png.dropLast(12)) }.contains("the file ends too early"))
    }

    @Test(arguments: ["colour420.jpg", "progressive.jpg", "rgb8.png", "labels8.png", "interlaced.png", "rotated.jpg"])
    func noByteCanCrashTheReader(name: String) throws {
        let whole = try fixture(name)
        for place in whole.indices {
            for value: UInt8 in [0, 0xFF, whole[place] ^ 0x10] {
                var damaged = whole
                damaged[place] = value
                let message = complaint { _ = try RGBImage(decoding: damaged, pixelLimit: 100_000) }
                #expect(!message.hasPrefix("not an InputError"))
            }
        }
    }

    @Test func aDamagedChecksumIsRefused() throws {
        var png = try fixture("rgb8.png")
        png[30] ^= 1
        #expect(complaint { _ = try RGBImage(decoding: png) }.contains("IHDR: CRC error"))
    }

    @Test func bytesTooManyBeforeTheEndAreHarmless() throws {
        let jpeg = try fixture("colour420.jpg")
        let padded = jpeg.dropLast(2) + Data([0x12, 0x34, 0xFF, 0xD9])
        #expect(try RGBImage(decoding: padded) == RGBImage(decoding: jpeg))
    }

    @Test func hugeImagesAreRefusedBeforeMemoryIsTaken() throws {
        let shrink = "; shrink it, or take it out of the list"
        let jpeg = Data([0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 0xFF, 0xDC, 0xFF, 0xDC, 3]) + Data(count: 9)
        let wide = "65500 x 65500 pixels, above the limit of 100000000" + shrink
        #expect(complaint { _ = try RGBImage(decoding: jpeg) } == wide)
        var png = try fixture("labels8.png")
        png.replaceSubrange(16..<24, with: [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
        let message = "2147483647 x 2147483647 pixels, above the limit of 100000000" + shrink
        #expect(complaint { _ = try RGBImage(decoding: png) } == message)
        #expect(complaint { _ = try LabelMap(decoding: png) } == message)
    }

    @Test func theLimitItselfIsAllowed() throws {
        let png = try fixture("rgb8.png")
        #expect(complaint { _ = try RGBImage(decoding: png, pixelLimit: 19 * 13) } == "")
        #expect(complaint { _ = try RGBImage(decoding: png, pixelLimit: 19 * 13 - 1) }.contains("limit of 246"))
    }

    @Test func imagesWithoutPixelsAreRefused() throws {
        var png = try fixture("rgb8.png")
        png.replaceSubrange(20..<24, with: [0, 0, 0, 0])
        #expect(complaint { _ = try ImageHeader(decoding: png) }.hasPrefix("an image of 19 x 0 pixels; "))
    }

    @Test(arguments: [
        ("rgb8.png", "a colour PNG"), ("rgba8.png", "a PNG with alpha"), ("la8.png", "a PNG with alpha"),
        ("grey16.png", "a 16-bit PNG"), ("grey.jpg", "a JPEG"),
    ])
    func colorsAreNoLabels(name: String, kind: String) throws {
        let data = try fixture(name)
        let remedy = "give 8-bit PNGs, palette or grey, whose values are class numbers"
        #expect(
            complaint { _ = try LabelMap(decoding: data) } == "labels expected, but this is \(kind); \(remedy)")
    }
}
