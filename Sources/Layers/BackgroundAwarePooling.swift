import Kernels
package import TensorCore

/// What pooling needs to know of an image beside its features.
package struct ImageRegions: Sendable {
    package let height: Int
    package let width: Int
    package let boxes: [RegionBox]
    /// `height * width` bytes: 1 outside every box.
    package let backgroundMask: [UInt8]

    package init(height: Int, width: Int, boxes: [RegionBox], backgroundMask: [UInt8]) {
        precondition(
            backgroundMask.count == height * width, "\(backgroundMask.count) bytes of mask for \(width)x\(height)")
        (self.height, self.width, self.boxes, self.backgroundMask) = (height, width, boxes, backgroundMask)
    }
}

/// Pools each box of each image to roi x roi vectors, its background weighted down (paper section 3.1).
///
/// Background queries q_j are the mean features of the background in each cell of a grid. A sample's attention
/// A(p) = mean over j of relu(cos(F(p), q_j)) tells how much it looks like background; it is pooled with the weight
/// 1 - A(p). The queries themselves are results too: examples of class 0.
///
/// Gradients flow through the weights and the queries. `backgroundAttention` in `PseudoLabels` is the same attention at
/// the image's size, over cells that `gridCells` cuts for both.
package struct BackgroundAwarePooling {
    /// Cells along each side of the background grid.
    package let grid: Int
    /// Windows along each side of a box.
    package let roi: Int
    /// Without it every sample has weight 1 (the baseline, global average pooling).
    package let usesAttention: Bool

    package init(grid: Int, roi: Int, usesAttention: Bool) {
        precondition(grid >= 1 && roi >= 1, "grid \(grid), roi \(roi)")
        (self.grid, self.roi, self.usesAttention) = (grid, roi, usesAttention)
    }

    /// Pooled vectors with their classes.
    package struct Pooled {
        /// `rows x 1 x 1 x D`: image by image, the boxes' windows row by row, then the background queries.
        package let vectors: Tensor
        /// The class of each row; 0 for a background query.
        package let labels: [Int32]
    }

    /// What `backward` needs of `forward`.
    package struct Saved {
        let features: Tensor
        let vectors: Tensor
        let plans: [ImagePlan]
    }

    /// Pools the features `N x h x w x D` of images whose regions are given in the same order.
    package func forward(
        _ features: Tensor, _ regions: [ImageRegions], _ context: StepContext
    ) -> (pooled: Pooled, saved: Saved?) {
        precondition(features.shape.n == regions.count, "\(regions.count) regions for \(features.shape)")
        let plans = planImages(features.shape, regions)
        let rows = plans.last?.rows.upperBound ?? 0
        let vectors = context.workspace.tensor(Shape(rows, 1, 1, features.shape.c))
        let scratch = PoolingScratch(plans, channels: features.shape.c, context, copies: 1)
        context.pool.parallelFor(plans.count) { image, thread in
            let pooling = ImagePooling(
                plan: plans[image], features: features.images(image..<image + 1), scratch: scratch[thread])
            pooling.poolBackground(into: vectors)
            pooling.poolBoxes(into: vectors)
        }
        let pooled = Pooled(vectors: vectors, labels: plans.flatMap(\.labels))
        return (pooled, context.saves ? Saved(features: features, vectors: vectors, plans: plans) : nil)
    }

    /// The gradient of the features, given that of the pooled vectors (whose memory it uses).
    package func backward(_ dVectors: Tensor, _ saved: Saved, _ context: StepContext) -> Tensor {
        let (features, plans) = (saved.features, saved.plans)
        precondition(dVectors.shape == saved.vectors.shape, "gradient \(dVectors.shape) of \(saved.vectors.shape)")
        let dFeatures = context.workspace.zeros(features.shape)
        let scratch = PoolingScratch(plans, channels: features.shape.c, context, copies: 2)
        context.pool.parallelFor(plans.count) { image, thread in
            let pooling = ImagePooling(
                plan: plans[image], features: features.images(image..<image + 1), scratch: scratch[thread])
            let target = dFeatures.images(image..<image + 1)
            pooling.boxGradient(dVectors, of: saved.vectors, into: target)
            pooling.backgroundGradient(dVectors, into: target)
        }
        return dFeatures
    }

    private func planImages(_ shape: Shape, _ regions: [ImageRegions]) -> [ImagePlan] {
        var firstRow = 0
        return regions.map { region in
            let plan = ImagePlan(region, shape, self, firstRow: firstRow)
            firstRow = plan.rows.upperBound
            return plan
        }
    }
}

/// The geometry of one image: where its boxes are sampled, which cells hold background, which rows it fills.
struct ImagePlan {
    let crops: [BoxCrop]
    let grid: BackgroundGrid
    let usesAttention: Bool
    /// Rows of the pooled vectors that belong to the image.
    let rows: Range<Int>
    let labels: [Int32]

    /// Below this share of background an image's boxes are pooled plainly.
    private static let leastBackground = 0.125

    init(_ region: ImageRegions, _ shape: Shape, _ pooling: BackgroundAwarePooling, firstRow: Int) {
        let (height, width, mask) = (region.height, region.width, region.backgroundMask)
        let crops = region.boxes.map { box in
            BoxCrop(
                box, height: height, width: width, featureHeight: shape.h, featureWidth: shape.w, roi: pooling.roi)
        }
        let grid = BackgroundGrid(
            mask: mask, height: height, width: width, featureHeight: shape.h, featureWidth: shape.w,
            grid: pooling.grid)
        let background = mask.reduce(0) { $0 + Int($1) }
        let isMostlyBoxes = Double(background) <= ImagePlan.leastBackground * Double(mask.count)
        let windows = pooling.roi * pooling.roi
        let labels =
            region.boxes.flatMap { [Int32](repeating: Int32($0.label), count: windows) }
            + [Int32](repeating: 0, count: grid.cells.count)
        (self.crops, self.grid, self.labels) = (crops, grid, labels)
        usesAttention = pooling.usesAttention && !isMostlyBoxes && !grid.cells.isEmpty
        rows = firstRow..<firstRow + labels.count
    }

    /// The first row of the background queries.
    var firstQuery: Int { rows.upperBound - grid.cells.count }
}
