import FileAccess
package import Foundation

/// What an image file says of itself before its pixels.
package struct ImageHeader: Equatable, Sendable {
    /// How the pixels are stored.
    package enum Format: Equatable, Sendable {
        /// JPEG, with its number of colour components: 1 grey, 3 colour, 4 CMYK.
        case jpeg(components: Int)
        /// PNG, with its colour type's number in the standard and its bits per channel.
        case png(colorType: Int, bitDepth: Int)
    }

    /// How the pixels are stored, told by the file's first bytes, not by its name.
    package let format: Format
    package let width: Int
    package let height: Int
    /// How EXIF asks viewers to turn or mirror the picture, 1 (not at all) to 8. The pixels are always taken as stored;
    /// annotations count on that.
    package let exifOrientation: Int

    /// Reads the first bytes of a JPEG or PNG file.
    ///
    /// - Throws: `InputError` naming the file, if it cannot be read, is of another kind or damaged.
    package init(contentsOf path: String) throws {
        // A JPEG's header may lie behind a large thumbnail or colour profile.
        let beginning = try readBeginning(of: path, ImageHeader.usualSize)
        if let header = try? ImageHeader(decoding: beginning) {
            self = header
        } else {
            let isShort = beginning.count < ImageHeader.usualSize
            self = try naming(path) { try ImageHeader(decoding: isShort ? beginning : readFile(path)) }
        }
    }

    /// Reads the first bytes of a JPEG or PNG file held in memory.
    ///
    /// - Throws: `InputError`, if it is of another kind or damaged.
    package init(decoding data: Data) throws {
        if data.isEmpty { throw InputError("the file is empty", remedy: remedyForDamage) }
        if data.starts(with: [0xFF, 0xD8, 0xFF]) {
            try self.init(jpeg: ByteReader(data, order: .bigEndian, remedy: remedyForDamage))
        } else if data.starts(with: pngSignature) {
            try self.init(png: ByteReader(data, order: .bigEndian, remedy: remedyForDamage))
        } else {
            throw InputError("neither a JPEG nor a PNG image", remedy: "convert it, or take it out of the list")
        }
        if width == 0 || height == 0 {
            throw InputError("an image of \(width) x \(height) pixels", remedy: remedyForDamage)
        }
    }

    /// Bytes in which nearly all headers lie; cheap to read.
    private static let usualSize = 1 << 14

    /// Whether EXIF asks viewers to turn or mirror the picture.
    package var hasExifRotation: Bool { exifOrientation != 1 }

    /// Whether EXIF asks viewers to lay the picture on its side.
    package var isShownOnItsSide: Bool { exifOrientation >= 5 }

    /// Refuses an image of more pixels than `limit`.
    func check(pixelLimit limit: Int) throws {
        guard width > limit / height else { return }
        throw InputError(
            "\(width) x \(height) pixels, above the limit of \(limit)", remedy: "shrink it, or take it out of the list")
    }
}

/// The number of pixels above which a file is refused before memory is taken.
package let defaultPixelLimit = 100_000_000

let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

/// The width and height of a JPEG or PNG file, from its header alone.
///
/// - Throws: `InputError` naming the file, if it cannot be read, is of another kind or damaged.
package func imageSize(of path: String) throws -> (width: Int, height: Int) {
    let header = try ImageHeader(contentsOf: path)
    return (header.width, header.height)
}

/// What a user can do about a broken image.
let remedyForDamage = "fetch it again, or take it out of the list"

/// Runs `body`; its errors then name the file.
func naming<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as InputError {
        throw error.inFile(path)
    }
}

// MARK: - JPEG

extension ImageHeader {
    /// Walks over the segments up to the frame header (ITU T.81, annex B).
    private init(jpeg bytes: ByteReader) throws {
        var place = 2
        var orientation = 1
        while true {
            let marker = try bytes.nextMarker(&place)
            switch marker {
            case 0x01, 0xD0...0xD7:
                continue
            case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
                self.format = .jpeg(components: try bytes.integer(UInt8.self, at: place + 7))
                self.height = try bytes.integer(UInt16.self, at: place + 3)
                self.width = try bytes.integer(UInt16.self, at: place + 5)
                self.exifOrientation = orientation
                return
            case 0xD9, 0xDA:
                throw InputError("a JPEG without a frame header", remedy: remedyForDamage)
            case 0xE1:
                let segment = bytes.reader(at: place + 2, count: try bytes.integer(UInt16.self, at: place) - 2)
                if orientation == 1 { orientation = segment.exifOrientation() }
            default:
                break
            }
            place += try bytes.integer(UInt16.self, at: place)
        }
    }
}

extension ByteReader {
    /// The code of the first marker at or after `place`, which then follows it. What lies between is skipped.
    fileprivate func nextMarker(_ place: inout Int) throws -> Int {
        while true {
            while try integer(UInt8.self, at: place) != 0xFF { place += 1 }
            while try integer(UInt8.self, at: place) == 0xFF { place += 1 }
            place += 1
            let code = try integer(UInt8.self, at: place - 1)
            if code != 0 { return code }
        }
    }

    /// The orientation that an EXIF block holds (tag 0x0112 of the first directory).
    ///
    /// A broken block counts as upright: it does not touch the pixels.
    fileprivate func exifOrientation() -> Int {
        guard let directory = try? exifDirectory(), let entries = try? directory.integer(UInt16.self, at: 0) else {
            return 1
        }
        for entry in 0..<entries {
            guard let tag = try? directory.integer(UInt16.self, at: 2 + 12 * entry) else { return 1 }
            if tag == 0x0112 {
                let value = (try? directory.integer(UInt16.self, at: 10 + 12 * entry)) ?? 1
                return (1...8).contains(value) ? value : 1
            }
        }
        return 1
    }

    /// The first directory of an EXIF block: "Exif", two zeros, then a TIFF file: its byte order, 42, where it begins.
    private func exifDirectory() throws -> ByteReader? {
        guard try integer(UInt32.self, at: 0) == 0x4578_6966 else { return nil }
        var tiff = reader(at: 6)
        if try tiff.integer(UInt16.self, at: 0) == 0x4949 { tiff.order = .littleEndian }
        return tiff.reader(at: try tiff.integer(UInt32.self, at: 4))
    }
}

// MARK: - PNG

extension ImageHeader {
    /// Reads the header chunk, which is always the first (PNG specification, 11.2.2).
    private init(png bytes: ByteReader) throws {
        guard try bytes.integer(UInt32.self, at: 12) == 0x4948_4452 else {
            throw InputError("a PNG without a header chunk", remedy: remedyForDamage)
        }
        width = try bytes.integer(UInt32.self, at: 16)
        height = try bytes.integer(UInt32.self, at: 20)
        format = .png(colorType: try bytes.integer(UInt8.self, at: 25), bitDepth: try bytes.integer(UInt8.self, at: 24))
        exifOrientation = 1
    }
}
