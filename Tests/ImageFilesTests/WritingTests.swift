import FileAccess
import Foundation
import ImageFiles
import Testing

@Suite struct WritingTests {
    @Test func thePaletteIsThatOfVOC() {
        #expect(vocPalette.count == 256)
        #expect(vocPalette[0] == (0, 0, 0))
        #expect(vocPalette[1] == (128, 0, 0))
        #expect(vocPalette[15] == (192, 128, 128))
        #expect(vocPalette[20] == (0, 64, 128))
        #expect(vocPalette[255] == (224, 224, 192))
        #expect(Set(vocPalette.map { [$0.0, $0.1, $0.2] }).count == 256)
    }

    @Test(arguments: [(1, 1), (19, 13), (500, 375)])
    func labelsComeBack(width: Int, height: Int) throws {
        let map = LabelMap(width: width, height: height, pixels: (0..<(width * height)).map { UInt8($0 * 7 % 256) })
        let data = try map.pngData()
        #expect(try LabelMap(decoding: data) == map)
        let colors = try RGBImage(decoding: data).pixels
        #expect(colors == map.pixels.map { vocPalette[Int($0)] }.flatMap { [$0.red, $0.green, $0.blue] })
    }

    @Test(arguments: [(1, 1), (19, 13), (321, 5)])
    func picturesComeBack(width: Int, height: Int) throws {
        let image = gradient(width: width, height: height)
        #expect(try RGBImage(decoding: image.pngData()) == image)
    }

    @Test func jpegIsCloseAndSmallerAtLowerQuality() throws {
        let image = gradient(width: 97, height: 61)
        let fine = try image.jpegData(quality: 95), coarse = try image.jpegData(quality: 30)
        #expect(coarse.count < fine.count)
        let decoded = try RGBImage(decoding: fine)
        #expect(decoded.width == 97 && decoded.height == 61)
        let largest = zip(decoded.pixels, image.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 255
        #expect(largest <= 6)
    }

    @Test func filesAreWrittenAndFoldersMade() throws {
        let image = gradient(width: 8, height: 5)
        let map = LabelMap(width: 2, height: 1, pixels: [3, 255])
        try withFile(Data()) { path in
            let folder = path + "s"
            try image.writePNG(to: join(folder, "a/b.png"))
            try image.writeJPEG(to: join(folder, "c.jpg"), quality: 80)
            try map.write(to: join(folder, "d.png"))
            #expect(try RGBImage(contentsOf: join(folder, "a/b.png")) == image)
            #expect(try imageSize(of: join(folder, "c.jpg")) == (8, 5))
            #expect(try LabelMap(contentsOf: join(folder, "d.png")) == map)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["a", "c.jpg", "d.png"])
        }
    }

    @Test func anImageWithoutPixelsIsNoFile() {
        let image = RGBImage(width: 0, height: 0, pixels: [])
        #expect(throws: InputError.self) { try image.pngData() }
        #expect(throws: InputError("cannot encode: the format has no images of this size")) { try image.jpegData() }
    }

    @Test func anImageThatIsTooWideForAJPEGIsToldSo() {
        let image = RGBImage(width: 65_501, height: 1, color: (0, 0, 0))
        do {
            _ = try image.jpegData()
            Issue.record("a JPEG of 65,501 columns")
        } catch {
            #expect("\(error)".contains("65500"), "\(error)")
        }
    }
}

/// Smooth colours that JPEG keeps well.
private func gradient(width: Int, height: Int) -> RGBImage {
    var pixels: [UInt8] = []
    for y in 0..<height {
        for x in 0..<width {
            pixels += [UInt8(x * 255 / width), UInt8(y * 255 / height), UInt8((x + y) * 255 / (width + height))]
        }
    }
    return RGBImage(width: width, height: height, pixels: pixels)
}
