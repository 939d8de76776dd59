import Annotations

/// The channels of an image's label problem: the background, then the classes present, ascending.
package struct LabelChannels: Sendable {
    /// The class of each channel.
    package let classes: [Int]
    /// The boxes of each channel in the annotation's order; none for the background.
    package let boxes: [[BoxPixels]]

    /// The channels of an image: the background, and the classes of its boxes.
    package init(_ image: AnnotatedImage) {
        let present = Set(image.boxes.map(\.classIndex)).sorted()
        classes = [0] + present
        let pixels = image.boxes.map { BoxPixels($0.box, width: image.width, height: image.height) }
        boxes = classes.map { wanted in
            zip(image.boxes, pixels).filter { $0.0.classIndex == wanted }.map(\.1)
        }
    }

    /// Number of channels.
    package var count: Int { classes.count }

    /// Where a channel's boxes are: `height * width` bytes, 1 inside.
    func region(_ channel: Int, of image: AnnotatedImage) -> [UInt8] {
        region(of: boxes[channel], image)
    }

    /// Where any box is: `height * width` bytes, 1 inside.
    func union(of image: AnnotatedImage) -> [UInt8] {
        region(of: boxes.flatMap { $0 }, image)
    }

    private func region(of boxes: [BoxPixels], _ image: AnnotatedImage) -> [UInt8] {
        var region = [UInt8](repeating: 0, count: image.width * image.height)
        for box in boxes { box.forEach(width: image.width) { region[$0] = 1 } }
        return region
    }
}
