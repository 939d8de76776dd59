/// A box of an image in continuous pixel coordinates, and the class of what is in it.
package struct RegionBox: Sendable {
    /// 1 or more: 0 is the background.
    package let label: Int
    package let left: Float
    package let top: Float
    package let right: Float
    package let bottom: Float

    package init(label: Int, left: Float, top: Float, right: Float, bottom: Float) {
        (self.label, self.left, self.top, self.right, self.bottom) = (label, left, top, right, bottom)
    }
}

/// Where a box is sampled on the feature map, and how the samples divide into windows (paper section 3.1).
struct BoxCrop {
    let rows: AxisCrop
    let columns: AxisCrop

    /// The crop of `box`, given in pixels of a `height` x `width` image, on a `featureHeight` x `featureWidth` map,
    /// pooled to `roi` x `roi` windows.
    init(_ box: RegionBox, height: Int, width: Int, featureHeight: Int, featureWidth: Int, roi: Int) {
        rows = AxisCrop(
            from: box.top, to: box.bottom, image: height, feature: featureHeight, roi: roi, padsStart: false)
        columns = AxisCrop(
            from: box.left, to: box.right, image: width, feature: featureWidth, roi: roi, padsStart: true)
    }

    /// Number of sample points.
    var count: Int { rows.samples.count * columns.samples.count }

    /// The windows row by row.
    var windows: [CropWindow] {
        rows.windows.flatMap { rows in
            columns.windows.map { CropWindow(rows: rows, columns: $0, width: columns.samples.count) }
        }
    }
}

/// The samples of a box that one pooled vector is made of.
struct CropWindow {
    let rows: Range<Int>
    let columns: Range<Int>
    /// Samples in a row of the box.
    let width: Int

    /// Calls `body` with the number of each sample, row by row.
    @inline(__always) func forEachSample(_ body: (_ sample: Int) -> Void) {
        for row in rows {
            for column in columns { body(row * width + column) }
        }
    }
}

/// One axis of a box crop. All arithmetic is in single precision, one rounding an operation.
struct AxisCrop {
    /// Two neighbouring cells and their shares; a neighbour outside the map has share 0.
    struct Sample {
        let lower: Int
        let upper: Int
        let lowerShare: Float
        let upperShare: Float
    }

    let samples: [Sample]
    /// The samples of each window.
    let windows: [Range<Int>]

    init(from start: Float, to end: Float, image: Int, feature: Int, roi: Int, padsStart: Bool) {
        let imageHalf = Float(image - 1) / 2
        let featureHalf = Float(feature - 1) / 2
        let normalizedStart = AxisCrop.normalized(start, imageHalf)
        let normalizedEnd = AxisCrop.normalized(end, imageHalf)
        let first = (normalizedStart * featureHalf + featureHalf).rounded(.down)
        let last = (normalizedEnd * featureHalf + featureHalf).rounded(.up)
        let count = max(1, Int(last) - Int(first))
        samples = AxisCrop.equallySpaced(normalizedStart, normalizedEnd, count).map { position in
            AxisCrop.sample(((position + 1) * Float(feature) - 1) / 2, limit: feature)
        }
        windows = AxisCrop.windows(of: count, roi: roi, padsStart: padsStart)
    }

    private static func normalized(_ position: Float, _ half: Float) -> Float {
        half > 0 ? position / half - 1 : 0
    }

    /// PyTorch's linspace: from each end towards the middle.
    private static func equallySpaced(_ start: Float, _ end: Float, _ count: Int) -> [Float] {
        guard count > 1 else { return [start] }
        let step = (end - start) / Float(count - 1)
        return (0..<count).map { index in
            index < count / 2 ? start + step * Float(index) : end - step * Float(count - 1 - index)
        }
    }

    private static func sample(_ position: Float, limit: Int) -> Sample {
        let lower = position.rounded(.down)
        let index = Int(lower)
        return Sample(
            lower: min(max(index, 0), limit - 1), upper: min(max(index + 1, 0), limit - 1),
            lowerShare: 0..<limit ~= index ? lower + 1 - position : 0,
            upperShare: 0..<limit ~= index + 1 ? position - lower : 0)
    }

    /// Windows of floor(count / roi) steps, the last samples shared among them. Fewer samples than windows are
    /// repeated: the first one at the start, or the last one at the end.
    private static func windows(of count: Int, roi: Int, padsStart: Bool) -> [Range<Int>] {
        guard count >= roi else {
            return (0..<roi).map { window in
                let sample = padsStart ? max(0, window - (roi - count)) : min(window, count - 1)
                return sample..<sample + 1
            }
        }
        let stride = count / roi
        let kernel = count - (roi - 1) * stride
        return (0..<roi).map { $0 * stride..<$0 * stride + kernel }
    }
}
