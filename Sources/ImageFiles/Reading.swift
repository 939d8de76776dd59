import CImageCodecs
import FileAccess
package import Foundation

extension RGBImage {
    /// Reads a JPEG or PNG file of any kind.
    ///
    /// JPEGs are decoded as libjpeg-turbo does by default; CMYK is taken as Adobe stores it, inverted. Of 16 bits the
    /// high byte is kept, alpha is dropped, grey gives three equal channels. EXIF rotation is ignored.
    ///
    /// - Throws: `InputError` naming the file, if it cannot be read, is of another kind, damaged, truncated, or has
    ///   more than `pixelLimit` pixels.
    package init(contentsOf path: String, pixelLimit: Int = defaultPixelLimit) throws {
        self = try naming(path) { try RGBImage(decoding: readFile(path), pixelLimit: pixelLimit) }
    }

    /// Reads a JPEG or PNG file held in memory; see `init(contentsOf:)`.
    package init(decoding data: Data, pixelLimit: Int = defaultPixelLimit) throws {
        let header = try ImageHeader(decoding: data)
        try header.check(pixelLimit: pixelLimit)
        switch header.format {
        case .jpeg(components: 4):
            self = RGBImage(width: header.width, height: header.height, pixels: try cmykJPEG(data, header))
        case .jpeg:
            self = RGBImage(width: header.width, height: header.height, pixels: try jpeg(data, header, channels: 3))
        case .png:
            let (width, height) = (Int32(header.width), Int32(header.height))
            let (pixels, _) = try decoded(data, count: header.width * header.height * 3) {
                bana_png_decode_rgb($0, $1, $2, width, height, $3)
            }
            self = RGBImage(width: header.width, height: header.height, pixels: pixels)
        }
    }
}

extension LabelMap {
    /// Reads the numbers stored in a palette or grey PNG of at most 8 bits.
    ///
    /// - Throws: `InputError` naming the file, if it cannot be read, is no such PNG, damaged, truncated, or has more
    ///   than `pixelLimit` pixels.
    package init(contentsOf path: String, pixelLimit: Int = defaultPixelLimit) throws {
        self = try naming(path) { try LabelMap(decoding: readFile(path), pixelLimit: pixelLimit) }
    }

    /// Reads a palette or grey PNG held in memory; see `init(contentsOf:)`.
    package init(decoding data: Data, pixelLimit: Int = defaultPixelLimit) throws {
        let header = try ImageHeader(decoding: data)
        try header.checkHoldsLabels()
        try header.check(pixelLimit: pixelLimit)
        let (width, height) = (Int32(header.width), Int32(header.height))
        let (pixels, _) = try decoded(data, count: header.width * header.height) {
            bana_png_decode_indices($0, $1, $2, width, height, $3)
        }
        self = LabelMap(width: header.width, height: header.height, pixels: pixels)
    }
}

extension ImageHeader {
    /// Refuses images whose pixels are colours, not numbers.
    fileprivate func checkHoldsLabels() throws {
        let found: String
        switch format {
        case .png(colorType: 0, let bits) where bits <= 8: return
        case .png(colorType: 3, _): return
        case .png(colorType: 0, _): found = "a 16-bit PNG"
        case .png(colorType: 4, _), .png(colorType: 6, _): found = "a PNG with alpha"
        case .png: found = "a colour PNG"
        case .jpeg: found = "a JPEG"
        }
        throw InputError(
            "labels expected, but this is \(found)",
            remedy: "give 8-bit PNGs, palette or grey, whose values are class numbers")
    }
}

// MARK: - JPEG

private func jpeg(_ data: Data, _ header: ImageHeader, channels: Int) throws -> [UInt8] {
    let (width, height) = (Int32(header.width), Int32(header.height))
    let (pixels, warning) = try decoded(data, count: header.width * header.height * channels) {
        bana_jpeg_decode($0, $1, $2, width, height, Int32(channels), $3)
    }
    if let warning, !isHarmless(warning, in: data) {
        throw InputError("cannot decode: \(warning)", remedy: remedyForDamage)
    }
    return pixels
}

/// Whether a complaint of libjpeg's leaves the pixels as they were meant.
///
/// Cameras write odd scan parameters, and bytes too many before the end; a file cut short has no end marker.
private func isHarmless(_ warning: String, in data: Data) -> Bool {
    let oddities = ["Invalid SOS parameters", "extraneous bytes before marker 0xd9", "unknown JFIF revision"]
    return oddities.contains { warning.contains($0) }
        && data.range(of: Data([0xFF, 0xD9]), options: .backwards) != nil
}

/// Decodes CMYK (or YCCK) stored inverted: a channel is its ink's complement times that of black, over 255, rounded.
private func cmykJPEG(_ data: Data, _ header: ImageHeader) throws -> [UInt8] {
    let inks = try jpeg(data, header, channels: 4)
    let count = header.width * header.height
    return [UInt8](unsafeUninitializedCapacity: count * 3) { rgb, initialized in
        inks.withUnsafeBufferPointer { inks in
            for pixel in 0..<count {
                let light = Int(inks[4 * pixel + 3])
                for channel in 0..<3 {
                    let absorbed = (255 - Int(inks[4 * pixel + channel])) * light + 128
                    rgb[3 * pixel + channel] = UInt8(light - ((absorbed >> 8) + absorbed) >> 8)
                }
            }
        }
        initialized = count * 3
    }
}
