package import Annotations

/// An image with its boxes, as labelling sees it.
package struct AnnotatedImage: Sendable {
    package let width: Int
    package let height: Int
    /// `height * width` pixels of red, green, blue.
    package let pixels: [UInt8]
    package let boxes: [LabelledBox]
    /// M: 1 outside every box; `height * width` bytes.
    package let backgroundMask: [UInt8]

    package init(width: Int, height: Int, pixels: [UInt8], boxes: [LabelledBox], backgroundMask: [UInt8]) {
        precondition(pixels.count == 3 * width * height, "\(pixels.count) bytes for \(width)x\(height) RGB")
        precondition(backgroundMask.count == width * height, "\(backgroundMask.count) bytes for \(width)x\(height)")
        (self.width, self.height, self.pixels) = (width, height, pixels)
        (self.boxes, self.backgroundMask) = (boxes, backgroundMask)
    }
}

/// The pixels of a box as labelling takes them.
///
/// Coordinates make a round trip through the box's normalised form in single precision before they are truncated, which
/// can cost a pixel: 78 becomes 77 in an image 152 wide.
struct BoxPixels {
    let columns: Range<Int>
    let rows: Range<Int>

    init(_ box: Box, width: Int, height: Int) {
        columns = BoxPixels.range(box.left, box.right, extent: width)
        rows = BoxPixels.range(box.top, box.bottom, extent: height)
    }

    /// Calls `body` with the number of every pixel.
    func forEach(width: Int, _ body: (_ pixel: Int) -> Void) {
        for row in rows {
            for column in columns { body(row * width + column) }
        }
    }

    private static func range(_ start: Double, _ end: Double, extent: Int) -> Range<Int> {
        let half = Float(extent - 1) / 2
        func position(_ coordinate: Double) -> Int {
            guard half > 0 else { return min(max(Int(coordinate), 0), extent) }
            let normalized = Float(coordinate) / half - 1
            return min(max(Int(normalized * half + half), 0), extent)
        }
        let first = position(start)
        return first..<max(first, position(end))
    }
}

/// The channels of an image's label problem: the background, then the classes present, ascending.
struct LabelChannels {
    /// The class of each channel.
    let classes: [Int]
    /// The boxes of each channel in the annotation's order; none for the background.
    let boxes: [[BoxPixels]]

    init(_ image: AnnotatedImage) {
        let present = Set(image.boxes.map(\.classIndex)).sorted()
        classes = [0] + present
        boxes = [[]] + present.map { wanted in
            image.boxes.filter { $0.classIndex == wanted }
                .map { BoxPixels($0.box, width: image.width, height: image.height) }
        }
    }

    var count: Int { classes.count }

    /// `height * width` bytes for a channel: 1 inside its boxes.
    func region(_ channel: Int, of image: AnnotatedImage) -> [UInt8] {
        var region = [UInt8](repeating: 0, count: image.width * image.height)
        for box in boxes[channel] { box.forEach(width: image.width) { region[$0] = 1 } }
        return region
    }
}
