import Annotations
import Datasets
import Layers
import TensorCore

extension Batch {
    /// Number of images.
    var count: Int { items.count }

    /// The network's input, `N x H x W x 3`.
    ///
    /// A batch without images has no size either; it takes one that every network accepts.
    var tensor: Tensor {
        guard let data = images.baseAddress, count > 0 else {
            return Tensor.borrowing(emptyInput, Shape(0, smallestInput, smallestInput, 3))
        }
        return Tensor.borrowing(data, Shape(count, height, width, 3))
    }

    /// What pooling needs to know of some of the images.
    func regions(_ range: Range<Int>) -> [ImageRegions] {
        let (items, area) = (items, width * height)
        return range.map { index in
            ImageRegions(
                height: height, width: width, boxes: items[index].boxes.map(RegionBox.init),
                backgroundMask: Array(backgroundMasks[index * area..<(index + 1) * area]))
        }
    }
}

extension RegionBox {
    /// A box with its coordinates rounded to single precision.
    init(_ labelled: LabelledBox) {
        let box = labelled.box
        self.init(
            label: labelled.classIndex, left: Float(box.left), top: Float(box.top), right: Float(box.right),
            bottom: Float(box.bottom))
    }
}

private let smallestInput = 65
/// An address for a tensor without elements; never read or written.
nonisolated(unsafe) private let emptyInput = UnsafeMutablePointer<Float>.allocate(capacity: 1)
