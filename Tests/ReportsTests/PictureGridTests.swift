import Foundation
import ImageFiles
import Reports
import Testing

@Suite struct PictureGridTests {
    private let grid = PictureGrid(
        "Labels", run: "run", note: "2 of 9 <images>", columns: ["boxes", "Y_crf"],
        rows: [
            PictureGrid.Row("a&b", [picture(30, 20), picture(30, 20)]),
            PictureGrid.Row("c", [picture(7, 9), picture(7, 9)]),
        ], keys: [PictureGrid.Key("dog", label: 12), PictureGrid.Key("no label", label: 255)])

    private static func picture(_ width: Int, _ height: Int) -> RGBImage {
        RGBImage(width: width, height: height, color: (200, 100, 50))
    }

    @Test func picturesAreWithinTheMarkup() throws {
        let images = try Elements(of: "<div>\(grid.html())</div>" as HTML).all("img")
        #expect(images.count == 4)
        for (attributes, size) in zip(images, [(30, 20), (30, 20), (7, 9), (7, 9)]) {
            let prefix = "data:image/jpeg;base64,"
            let source = try #require(attributes["src"])
            #expect(source.hasPrefix(prefix))
            let data = try #require(Data(base64Encoded: String(source.dropFirst(prefix.count))))
            let image = try RGBImage(decoding: data)
            #expect((image.width, image.height) == size)
            #expect(attributes["width"] == "\(size.0)" && attributes["height"] == "\(size.1)")
            #expect(zip(image.pixels, [200, 100, 50]).allSatisfy { abs(Int($0) - $1) <= 3 })
        }
    }

    @Test func picturesAreDescribed() throws {
        let elements = try Elements(of: "<div>\(grid.html())</div>" as HTML)
        #expect(elements.all("img").first?["alt"] == "a&b, boxes")
        #expect(elements.text.contains("2 of 9 <images>"))
    }

    @Test func keysHaveTheColorsOfTheLabels() throws {
        let keys = try Elements(of: "<div>\(grid.html())</div>" as HTML).all("span").map { $0["style"] }
        #expect(keys == ["--key: rgb(64 0 128)", "--key: rgb(224 224 192)"])
    }
}
