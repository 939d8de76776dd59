import Layers
package import TensorCore

/// u0: how much each pixel looks like the background outside the boxes (paper section 3.2).
///
/// With q_j the mean features of the background in cell j,
///
///     u0(p) = mean over j of relu(cos(F^(p), q_j)), set to 0 where it is below threshold * max u0
///
/// and 1 outside the boxes; 0 inside if there is no background at all. The result is `1 x height x width x 1`.
///
/// `BackgroundAwarePooling` in `Layers` has the same attention at the features' size, over cells that `gridCells` cuts
/// for both.
package func backgroundAttention(
    _ features: UpsampledFeatures, _ image: AnnotatedImage, grid: Int, threshold: Float, _ workspace: Workspace
) -> Tensor {
    let scores = workspace.zeros(Shape(1, image.height, image.width, 1))
    let result = scores.floats
    let (queries, count) = backgroundQueries(features, image, grid: grid, workspace)
    if count > 0 {
        let cosines = features.positiveCosines(with: queries.floats, count: count)
        let first = cosines.floats
        for pixel in 0..<scores.count {
            let row = first + pixel * count
            var sum: Float = 0
            for query in 0..<count { sum += row[query] }
            result[pixel] = sum / Float(count)
        }
        dropBelow(threshold, scores)
    }
    for pixel in 0..<scores.count where image.backgroundMask[pixel] != 0 { result[pixel] = 1 }
    return scores
}

private func dropBelow(_ threshold: Float, _ scores: Tensor) {
    let (values, count) = (scores.floats, scores.count)
    var maximum: Float = 0
    for pixel in 0..<count { maximum = max(maximum, values[pixel]) }
    for pixel in 0..<count where values[pixel] < threshold * maximum { values[pixel] = 0 }
}

/// The queries of the cells that hold background, at the image's size.
private func backgroundQueries(
    _ features: UpsampledFeatures, _ image: AnnotatedImage, grid: Int, _ workspace: Workspace
) -> (queries: Tensor, count: Int) {
    let channels = features.features.shape.c
    let queries = workspace.tensor(Shape(1, 1, grid * grid, channels))
    let rows = gridCells(along: image.height, grid: grid)
    let columns = gridCells(along: image.width, grid: grid)
    var count = 0
    for cell in 0..<grid * grid {
        let pixels = features.mean(into: queries.floats + count * channels) { pixel in
            image.backgroundMask[pixel] != 0 && rows[pixel / image.width] == cell / grid
                && columns[pixel % image.width] == cell % grid
        }
        if pixels > 0 { count += 1 }
    }
    return (queries, count)
}
