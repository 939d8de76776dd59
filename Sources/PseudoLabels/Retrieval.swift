import Kernels
import TensorCore

/// Y_ret: every pixel gets the class whose prototype its features are nearest to (paper section 3.2).
///
/// A class's prototype is the mean of F^ over its pixels in Y_crf, or its weights where it has none. The background's
/// correlation is 1 outside the boxes, a class's is 0 outside its own.
func retrieve(
    _ labels: [Int], _ features: UpsampledFeatures, _ image: AnnotatedImage, _ channels: LabelChannels,
    _ weights: ClassWeights, _ workspace: Workspace
) -> [Int] {
    let width = weights.channels
    let prototypes = workspace.zeros(Shape(1, 1, channels.count, width))
    for (channel, classIndex) in channels.classes.enumerated() {
        let prototype = prototypes.floats + channel * width
        let pixels = features.mean(into: prototype) { labels[$0] == channel }
        // A class that was never learned and got no pixel correlates with nothing.
        if pixels == 0, let row = weights[classIndex] { prototype.update(from: row, count: width) }
    }
    let correlations = features.positiveCosines(with: prototypes.floats, count: channels.count)
    zeroOutsideBoxes(correlations, image, channels)
    let (first, count) = (correlations.floats, channels.count)
    for pixel in 0..<correlations.shape.pixels where image.backgroundMask[pixel] != 0 { first[pixel * count] = 1 }
    return argmaxOverChannels(correlations)
}

/// Sets each class's values to 0 outside its boxes.
func zeroOutsideBoxes(_ values: Tensor, _ image: AnnotatedImage, _ channels: LabelChannels) {
    let (first, count) = (values.floats, channels.count)
    for channel in 1..<max(1, count) {
        let region = channels.region(channel, of: image)
        for pixel in region.indices where region[pixel] == 0 { first[pixel * count + channel] = 0 }
    }
}
