import Kernels
package import TensorCore

/// What the CRF starts from: `1 x height x width x channels`, the background first (paper section 3.2).
package struct Unary {
    private let features: UpsampledFeatures
    private let image: AnnotatedImage
    private let channels: LabelChannels
    private let weights: ClassWeights
    private let options: LabelOptions
    private let workspace: Workspace

    package init(
        features: UpsampledFeatures, image: AnnotatedImage, channels: LabelChannels, weights: ClassWeights,
        options: LabelOptions, workspace: Workspace
    ) {
        (self.features, self.image, self.channels) = (features, image, channels)
        (self.weights, self.options, self.workspace) = (weights, options, workspace)
    }

    /// The scores u0, u_c, ...: outside the boxes 1 for the background, or its map's value, and 0 for the rest.
    package func scores() -> Tensor {
        let scores = workspace.zeros(Shape(1, image.height, image.width, channels.count))
        let attention = backgroundAttention(
            features, image, grid: options.grid, threshold: options.threshold, workspace)
        let maps = ClassMaps(channels.classes, features, weights, workspace)
        let (first, count, background) = (scores.floats, channels.count, attention.floats)
        for channel in 1..<count {
            let map = options.foreground == .classMap ? maps[channels.classes[channel]] : nil
            for box in channels.boxes[channel] {
                if let map {
                    fill(channel, of: scores, box, withShareOfMaximum: map)
                } else {
                    box.forEach(width: image.width) { first[$0 * count + channel] = 1 - background[$0] }
                }
            }
        }
        switch options.background {
        case .attention: fillBackground(of: scores, with: attention)
        case .classMap: fillBackground(of: scores, with: maps[0])
        }
        return scores
    }

    /// The map divided by its maximum in the box; a later box of the class overwrites an earlier one.
    private func fill(_ channel: Int, of scores: Tensor, _ box: BoxPixels, withShareOfMaximum map: ClassMap) {
        let (first, count) = (scores.floats, channels.count)
        var maximum: Float = 0
        box.forEach(width: image.width) { maximum = max(maximum, map[$0]) }
        box.forEach(width: image.width) { first[$0 * count + channel] = map[$0] / (maximum + 1e-12) }
    }

    private func fillBackground(of scores: Tensor, with attention: Tensor) {
        let (first, count, values) = (scores.floats, channels.count, attention.floats)
        for pixel in 0..<attention.count { first[pixel * count] = values[pixel] }
    }

    /// The background's map, 0 inside the boxes, divided by its maximum.
    private func fillBackground(of scores: Tensor, with map: ClassMap?) {
        guard let map else { return }
        let region = channels.union(of: image)
        var maximum: Float = 0
        for pixel in region.indices where region[pixel] == 0 { maximum = max(maximum, map[pixel]) }
        guard maximum > 0 else { return }
        let (first, count) = (scores.floats, channels.count)
        for pixel in region.indices where region[pixel] == 0 { first[pixel * count] = map[pixel] / maximum }
    }

    /// Turns scores into probabilities: a softmax inside the boxes; outside they stay what they are.
    package func applySoftmaxInBoxes(_ scores: Tensor) {
        let (first, count) = (scores.floats, channels.count)
        for pixel in 0..<scores.shape.pixels where image.backgroundMask[pixel] == 0 {
            let row = first + pixel * count
            _ = softmax(row, count: count, into: row)
        }
    }
}
