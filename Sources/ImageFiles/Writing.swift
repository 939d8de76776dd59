import CImageCodecs
import FileAccess
package import Foundation

extension RGBImage {
    /// The picture as a PNG file.
    ///
    /// - Throws: `InputError`, if it has no pixels.
    package func pngData() throws -> Data {
        try pixels.withUnsafeBufferPointer { pixels in
            try encoded { bana_png_encode(pixels.baseAddress, Int32(width), Int32(height), nil, &$0, $1) }
        }
    }

    /// The picture as a JPEG file of the given quality (1...100), its colours at full resolution.
    ///
    /// - Throws: `InputError`, if it has no pixels or a side above 65,500.
    package func jpegData(quality: Int = 90) throws -> Data {
        precondition((1...100).contains(quality), "JPEG quality \(quality)")
        return try pixels.withUnsafeBufferPointer { pixels in
            try encoded {
                bana_jpeg_encode(pixels.baseAddress, Int32(width), Int32(height), Int32(quality), &$0, $1)
            }
        }
    }

    /// Writes a PNG file, complete or absent.
    ///
    /// - Throws: `InputError` naming the file.
    package func writePNG(to path: String) throws {
        try naming(path) { try writeAtomically(pngData(), to: path) }
    }

    /// Writes a JPEG file, complete or absent.
    ///
    /// - Throws: `InputError` naming the file.
    package func writeJPEG(to path: String, quality: Int = 90) throws {
        try naming(path) { try writeAtomically(jpegData(quality: quality), to: path) }
    }
}

extension LabelMap {
    /// The labels as an 8-bit PNG file with VOC's palette.
    ///
    /// - Throws: `InputError`, if there are no pixels.
    package func pngData() throws -> Data {
        try pixels.withUnsafeBufferPointer { pixels in
            try encoded { bana_png_encode(pixels.baseAddress, Int32(width), Int32(height), paletteBytes, &$0, $1) }
        }
    }

    /// Writes an 8-bit PNG file with VOC's palette, complete or absent.
    ///
    /// - Parameter stamp: tells what it was made of; see `PNGLook`.
    /// - Throws: `InputError` naming the file.
    package func write(to path: String, stamp: UInt32? = nil) throws {
        try naming(path) { try write(pngData(), stamp, to: path) }
    }

    private func write(_ png: Data, _ stamp: UInt32?, to path: String) throws {
        try writeAtomically(stamp.map { stamped(png, $0) } ?? png, to: path)
    }

    /// Writes an 8-bit PNG file in which each value is that shade of grey, complete or absent.
    ///
    /// - Parameter stamp: tells what it was made of; see `PNGLook`.
    /// - Throws: `InputError` naming the file.
    package func writeGrey(to path: String, stamp: UInt32? = nil) throws {
        try naming(path) {
            let data = try pixels.withUnsafeBufferPointer { pixels in
                try encoded { bana_png_encode(pixels.baseAddress, Int32(width), Int32(height), greyBytes, &$0, $1) }
            }
            try write(data, stamp, to: path)
        }
    }
}

private let greyBytes: [UInt8] = (0...255).flatMap { shade in [shade, shade, shade] }

private let paletteBytes: [UInt8] = vocPalette.flatMap { [$0.red, $0.green, $0.blue] }
