import Foundation
import ImageFiles

/// Below the program's own limit: a picture of 100 million pixels takes as many times three bytes by right.
private let pixelLimit = 1 << 20

func readImage(_ data: Data) throws {
    let header = try ImageHeader(decoding: data)
    let image = try RGBImage(decoding: data, pixelLimit: pixelLimit)
    guard (image.width, image.height) == (header.width, header.height) else {
        throw Contradiction("a picture of another size than its header's")
    }
}

func readLabelMap(_ data: Data) throws {
    _ = try LabelMap(decoding: data, pixelLimit: pixelLimit)
}
