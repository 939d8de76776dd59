import Annotations
package import ImageFiles
import TensorCore

/// An image of the procedural data set with its annotations.
package struct ShapesPicture {
    /// What is seen of a thing.
    struct Object {
        let outline: Outline
        /// Around its visible pixels; right and bottom exclusive.
        let box: Box
        /// Its visible pixels.
        let mask: RunLengths
        /// Whether it goes on beyond the edge of the picture.
        let isTruncated: Bool
        /// Whether another thing covers a part of it.
        let isOccluded: Bool
    }

    package let image: RGBImage
    /// The class of every pixel; 255 along the outlines, as in VOC.
    package let labels: LabelMap
    let objects: [Object]

    /// Draws and paints the picture of a number; it depends on that, the size and the seed alone.
    package init(number: UInt64, size: Int, seed: UInt64) {
        var dice = Dice(RandomStream(seed: seed, purpose: .shapes, position: number))
        let scene = Scene(size: size, &dice)
        let owners = Owners(of: scene)
        image = scene.painted(&dice)
        labels = owners.labels
        objects = owners.objects
    }
}

/// Which thing is the foremost at every pixel.
private struct Owners {
    private let scene: Scene
    /// Index of the thing, or -1 for the background; by rows.
    private var owner: [Int]
    /// Pixels of each thing in the picture, covered or not, and beyond its edge.
    private var pixelsWithin: [Int]
    private var pixelsBeyond: [Int]

    init(of scene: Scene) {
        self.scene = scene
        owner = [Int](repeating: -1, count: scene.width * scene.height)
        pixelsWithin = scene.things.map { _ in 0 }
        pixelsBeyond = pixelsWithin
        for (index, thing) in scene.things.enumerated() {
            for y in thing.rows {
                for x in thing.columns where thing.distance(to: pixelCenter(x, y)) < 0 { take(x, y, index) }
            }
        }
    }

    private mutating func take(_ x: Int, _ y: Int, _ index: Int) {
        if x >= 0 && x < scene.width && y >= 0 && y < scene.height {
            owner[y * scene.width + x] = index
            pixelsWithin[index] += 1
        } else {
            pixelsBeyond[index] += 1
        }
    }

    /// Classes, and 255 at pixels one of whose four neighbours belongs to another thing.
    var labels: LabelMap {
        let (width, height) = (scene.width, scene.height)
        var labels = LabelMap(width: width, height: height, pixels: [UInt8](repeating: 0, count: owner.count))
        for y in 0..<height {
            for x in 0..<width {
                let own = owner[y * width + x]
                let isBorder =
                    (x > 0 && owner[y * width + x - 1] != own) || (x + 1 < width && owner[y * width + x + 1] != own)
                    || (y > 0 && owner[(y - 1) * width + x] != own)
                    || (y + 1 < height && owner[(y + 1) * width + x] != own)
                let label = own < 0 ? 0 : UInt8(scene.things[own].outline.rawValue + 1)
                labels.pixels[y * width + x] = isBorder ? 255 : label
            }
        }
        return labels
    }

    var objects: [ShapesPicture.Object] {
        scene.things.indices.compactMap { index in
            let visible = owner.indices.filter { owner[$0] == index }
            let columns = visible.map { $0 % scene.width }
            guard let left = columns.min(), let right = columns.max(), let top = visible.first,
                let bottom = visible.last
            else { return nil }
            return ShapesPicture.Object(
                outline: scene.things[index].outline,
                box: Box(
                    left: Double(left), top: Double(top / scene.width), right: Double(right + 1),
                    bottom: Double(bottom / scene.width + 1)),
                mask: RunLengths(
                    width: scene.width, height: scene.height, columns: left..<right + 1,
                    rows: top / scene.width..<bottom / scene.width + 1
                ) { owner[$0] == index },
                isTruncated: pixelsBeyond[index] > 0, isOccluded: visible.count < pixelsWithin[index])
        }
    }
}
