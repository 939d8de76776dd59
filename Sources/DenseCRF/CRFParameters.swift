/// Strengths and widths of the two Gaussian kernels, and the number of mean-field iterations.
///
/// Krähenbühl and Koltun, "Efficient Inference in Fully Connected CRFs with Gaussian Edge Potentials" (NIPS 2011).
package struct CRFParameters: Equatable, Sendable {
    /// Strength of the bilateral kernel.
    package let bilateralWeight: Float
    /// Width of the bilateral kernel in pixels (standard deviation).
    package let bilateralDistance: Float
    /// Width of the bilateral kernel in colour steps of 0...255 (standard deviation).
    package let bilateralColor: Float
    /// Strength of the spatial kernel.
    package let spatialWeight: Float
    /// Width of the spatial kernel in pixels (standard deviation).
    package let spatialDistance: Float
    /// Mean-field iterations.
    package var iterations = 10

    /// Those of the pseudo labels (paper section 4.1).
    package static let pseudoLabels = CRFParameters(4, 55, 3, 3, 3)
    /// Those that refine what a segmenter predicts (DeepLab v1, Chen et al. 2015).
    package static let deepLab = CRFParameters(4, 121, 5, 3, 3)

    /// Parameters in the order of a config: `[bi_weight, bi_xy_std, bi_rgb_std, gauss_weight, gauss_xy_std]`.
    ///
    /// `nil` unless there are five finite numbers, weights of 0 or more, and widths above 0.
    package init?(_ numbers: [Float]) {
        guard numbers.count == 5, numbers.allSatisfy({ $0.isFinite && $0 >= 0 }) else { return nil }
        guard numbers[1] > 0, numbers[2] > 0, numbers[4] > 0 else { return nil }
        self.init(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
    }

    private init(
        _ bilateralWeight: Float, _ bilateralDistance: Float, _ bilateralColor: Float, _ spatialWeight: Float,
        _ spatialDistance: Float
    ) {
        (self.bilateralWeight, self.bilateralDistance) = (bilateralWeight, bilateralDistance)
        (self.bilateralColor, self.spatialWeight) = (bilateralColor, spatialWeight)
        self.spatialDistance = spatialDistance
    }

    /// The five numbers of a config.
    package var numbers: [Float] {
        [bilateralWeight, bilateralDistance, bilateralColor, spatialWeight, spatialDistance]
    }
}
