import Annotations
import FileAccess
import ImageFiles

/// An 8-bit colour image.
public struct Image: Sendable {
    let image: RGBImage

    /// Reads a JPEG or PNG file.
    ///
    /// - Throws: `BanaError` for a file that is missing, damaged, or too large to be an image.
    public init(contentsOf path: String) throws(BanaError) {
        image = try reporting { try RGBImage(contentsOf: path) }
    }

    /// An image of the given pixels.
    ///
    /// - Parameters:
    ///   - width: columns, at least 1.
    ///   - height: rows, at least 1.
    ///   - pixels: `height * width * 3` bytes, rows of red, green, blue.
    /// - Throws: `BanaError` for another number of bytes.
    public init(width: Int, height: Int, pixels: [UInt8]) throws(BanaError) {
        image = try reporting {
            let row = width.multipliedReportingOverflow(by: 3)
            guard width > 0, height > 0, !row.overflow, pixels.count.isMultiple(of: row.partialValue),
                pixels.count / row.partialValue == height
            else {
                throw InputError(
                    "\(pixels.count) bytes for an image of \(width)x\(height) pixels",
                    remedy: "give three bytes for each pixel")
            }
            return RGBImage(width: width, height: height, pixels: pixels)
        }
    }

    /// Columns.
    public var width: Int { image.width }
    /// Rows.
    public var height: Int { image.height }
    /// `height * width * 3` bytes, rows of red, green, blue.
    public var pixels: [UInt8] { image.pixels }
}

/// A rectangle around an object, and the object's class.
///
/// Coordinates are continuous: a pixel in column x reaches from x to x + 1, so the whole image is 0...width, 0...height.
public struct Box: Sendable, Equatable {
    /// The name of the class.
    public var label: String
    public var left: Double
    public var top: Double
    public var right: Double
    public var bottom: Double

    /// A box around an object of class `label`.
    public init(_ label: String, left: Double, top: Double, right: Double, bottom: Double) {
        (self.label, self.left, self.top, self.right, self.bottom) = (label, left, top, right, bottom)
    }
}

/// The class of every pixel.
public struct SegmentationMap: Sendable, Equatable {
    /// Columns.
    public let width: Int
    /// Rows.
    public let height: Int
    /// `height * width` indices into `names`; 255 where the class is open.
    public let pixels: [UInt8]
    /// The names of the classes, the background first.
    public let names: [String]

    init(width: Int, height: Int, pixels: [UInt8], _ classes: ClassList) {
        (self.width, self.height, self.pixels, names) = (width, height, pixels, classes.names)
    }

    /// Writes a PNG file whose pixels are the indices, shown in the colours of PASCAL VOC; complete or absent.
    ///
    /// - Throws: `BanaError` when the file cannot be written.
    public func write(to path: String) throws(BanaError) {
        try reporting { try LabelMap(width: width, height: height, pixels: pixels).write(to: path) }
    }

    /// Writes a PNG file of an image of the same size under the colours of the classes; complete or absent.
    ///
    /// - Throws: `BanaError` for an image of another size, and when the file cannot be written.
    public func writeOverlay(on image: Image, to path: String) throws(BanaError) {
        try reporting {
            guard (image.width, image.height) == (width, height) else {
                throw InputError("a map of \(width)x\(height) on an image of \(image.width)x\(image.height) pixels")
            }
            let map = LabelMap(width: width, height: height, pixels: pixels)
            try image.image.overlaid(with: map).writePNG(to: path)
        }
    }
}

/// The pixels of one object.
public struct Mask: Sendable, Equatable {
    /// Columns of the image.
    public let width: Int
    /// Rows of the image.
    public let height: Int
    /// `height * width` values, true where the object is.
    public let pixels: [Bool]
    /// The object's pixels in COCO's run lengths, column by column: background, object, background, ...
    public let runLengths: [UInt32]

    init(_ runs: RunLengths) {
        (width, height, runLengths) = (runs.width, runs.height, runs.counts)
        var pixels = [Bool](repeating: false, count: width * height)
        var position = 0
        for (index, count) in runs.counts.enumerated() {
            if index % 2 == 1 {
                for place in position..<position + Int(count) {
                    pixels[place % height * width + place / height] = true
                }
            }
            position += Int(count)
        }
        self.pixels = pixels
    }

    /// Number of the object's pixels.
    public var area: Int { pixels.count { $0 } }
}
