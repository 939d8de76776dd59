import Annotations
import Foundation
import ImageFiles

/// The picture that a benchmark looks at.
struct Picture {
    let image: RGBImage

    /// The picture of a file; without one, some coloured ripples with grain, as many pixels as VOC's have.
    init(_ path: String?) throws {
        if let path {
            image = try RGBImage(contentsOf: path)
            return
        }
        let (width, height) = (500, 375)
        let pixels = (0..<width * height).flatMap { pixel -> [UInt8] in
            let (x, y) = (Double(pixel % width), Double(pixel / width))
            let grain = Double((pixel &* 2_654_435_761) >> 7 & 15)
            return [(23.0, 31.0), (41, 17), (29, 53)].map { across, down in
                UInt8(120 + 60 * sin(x / across) + 50 * cos(y / down) + grain)
            }
        }
        image = RGBImage(width: width, height: height, pixels: pixels)
    }

    /// The pixels as text, for JSON.
    var base64: String { Data(image.pixels).base64EncodedString() }

    /// Two boxes of different classes that overlap.
    var boxes: [LabelledBox] {
        func box(_ classIndex: Int, _ left: Double, _ top: Double, _ right: Double, _ bottom: Double) -> LabelledBox {
            let (width, height) = (Double(image.width), Double(image.height))
            return LabelledBox(
                classIndex: classIndex,
                box: Box(
                    left: (left * width).rounded(.down), top: (top * height).rounded(.down),
                    right: (right * width).rounded(.down), bottom: (bottom * height).rounded(.down)))
        }
        return [box(8, 0.1, 0.2, 0.55, 0.9), box(15, 0.45, 0.1, 0.9, 0.8)]
    }
}
