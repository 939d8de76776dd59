import Annotations
import FileAccess
import Foundation
import ImageFiles

/// A picture that a formula gives, the same in the Python beside the tests:
/// `(37 i + 91 j + 53 c + 17 i j) % 256` in row i, column j, channel c.
func picture(width: Int, height: Int) -> RGBImage {
    var pixels: [UInt8] = []
    for i in 0..<height {
        for j in 0..<width {
            for c in 0..<3 {
                let value = 37 * i + 91 * j + 53 * c + 17 * i * j
                pixels.append(UInt8(value % 256))
            }
        }
    }
    return RGBImage(width: width, height: height, pixels: pixels)
}

/// A map with every label up to `labels`, by rows.
func labelMap(width: Int, height: Int, labels: Int) -> LabelMap {
    LabelMap(width: width, height: height, pixels: (0..<width * height).map { UInt8($0 * 7 % labels) })
}

func box(_ left: Double, _ top: Double, _ right: Double, _ bottom: Double, of classIndex: Int = 1) -> LabelledBox {
    LabelledBox(classIndex: classIndex, box: Box(left: left, top: top, right: right, bottom: bottom))
}

func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// Gives a JPEG file an EXIF block that asks viewers to lay it on its side (orientation 6).
func turn(_ path: String) throws {
    let exif = Data("Exif\0\0II*\0".utf8) + Data([8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0])
    let file = try Data(contentsOf: URL(fileURLWithPath: path))
    try writeAtomically(
        file.prefix(2) + Data([0xFF, 0xE1, 0, UInt8(exif.count + 2)]) + exif + file.dropFirst(2), to: path)
}
