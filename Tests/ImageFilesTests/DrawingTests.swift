import FileAccess
import Foundation
import ImageFiles
import Testing

@Suite struct DrawingTests {
    @Test func overlaysMixColorsAndKeepTheBackground() {
        let image = RGBImage(width: 3, height: 1, pixels: [10, 20, 30, 10, 20, 30, 10, 20, 30])
        let labels = LabelMap(width: 3, height: 1, pixels: [0, 1, 255])
        #expect(image.overlaid(with: labels, opacity: 0.25).pixels == [10, 20, 30, 40, 15, 23, 64, 71, 71])
        #expect(image.overlaid(with: labels, opacity: 0) == image)
        #expect(image.overlaid(with: labels, opacity: 1).pixels == [10, 20, 30, 128, 0, 0, 224, 224, 192])
        #expect(labels.colored().pixels == [0, 0, 0, 128, 0, 0, 224, 224, 192])
    }

    @Test func outlinesGoInwards() {
        let expected = """
            ......
            .####.
            .#..#.
            .####.
            ......
            """
        let drawn = drawing(6, 5) { image in
            image.drawOutline(left: 1.9, top: 1, right: 5, bottom: 4, color: white, thickness: 1)
        }
        #expect(drawn == expected)
    }

    @Test func outlinesMayLieAnywhere() {
        let numbers: [Double] = [.nan, .infinity, -.infinity, 1e300, -1, 0, 2, 9]
        for left in numbers {
            for right in numbers {
                let drawn = drawing(3, 3) { image in
                    image.drawOutline(left: left, top: -1e300, right: right, bottom: 1e300, color: white)
                }
                let start = left.isNaN ? 0 : left
                #expect(drawn.contains("#") == (start < right && start < 3 && right > 0))
            }
        }
    }

    @Test func lettersLookLikeThemselves() {
        let expected = """
            .###.......
            #...#......
            #...#..###.
            #####.....#
            #...#..####
            #...#.#...#
            #...#..####
            """
        #expect(drawing(11, 7) { $0.drawText("Aa", x: 0, y: 0, color: white) } == expected)
        #expect(RGBImage.textSize("Aa") == (11, 7))
        #expect(RGBImage.textSize("") == (0, 7))
    }

    @Test func everyCharacterOfASCIIHasItsOwnShape() {
        let characters = (32..<127).map { String(UnicodeScalar(UInt8($0))) } + ["\u{e9}"]
        let shapes = characters.map { character in
            drawing(5, 7) { $0.drawText(character, x: 0, y: 0, color: white) }
        }
        #expect(Set(shapes).count == 96)
        #expect(shapes[0].contains("#") == false)
        #expect(drawing(5, 7) { $0.drawText("\u{4e2d}", x: 0, y: 0, color: white) } == shapes[95])
    }

    @Test func textIsCutAtTheEdges() {
        let expected = """
            #..
            .#.
            ..#
            """
        // The middle of the backslash: columns 1 to 3 of rows 2 to 4.
        #expect(drawing(3, 3) { $0.drawText("\\", x: -1, y: -2, color: white) } == expected)
    }

    @Test func sheetsHoldEveryPicture() {
        let images = (1...5).map { index in
            CaptionedImage(
                RGBImage(width: 30 + index, height: 20, color: vocPalette[index]), caption: "a caption \(index)")
        }
        let sheet = contactSheet(images, columns: 2, side: 100)
        #expect(sheet.width == 8 + 2 * (35 + 8))
        #expect(sheet.height == 8 + 3 * (20 + 23))
        for index in 1...5 {
            #expect(count(vocPalette[index], in: sheet) == (30 + index) * 20)
        }
    }

    @Test func largePicturesAreScaledDownToTheSheet() {
        let wide = RGBImage(width: 400, height: 100, color: (9, 9, 9))
        let sheet = contactSheet([CaptionedImage(wide, caption: "")], columns: 3, side: 50)
        #expect(count((9, 9, 9), in: sheet) == 50 * 12)
        #expect(contactSheet([], columns: 3) == RGBImage(width: 8, height: 8, color: white))
    }
}

private let white: RGBColor = (255, 255, 255)

/// What is drawn on black, a hash for each pixel that is not.
private func drawing(_ width: Int, _ height: Int, _ draw: (inout RGBImage) -> Void) -> String {
    var image = RGBImage(width: width, height: height, color: (0, 0, 0))
    draw(&image)
    return (0..<height).map { y in
        (0..<width).map { x in image.pixels[3 * (y * width + x)] == 0 ? "." : "#" }.joined()
    }.joined(separator: "\n")
}

private func count(_ color: RGBColor, in image: RGBImage) -> Int {
    stride(from: 0, to: image.pixels.count, by: 3).count { start in
        image.pixels[start..<(start + 3)] == [color.red, color.green, color.blue]
    }
}
