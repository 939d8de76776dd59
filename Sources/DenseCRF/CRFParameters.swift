package import FileAccess

/// Strengths and widths of the two Gaussian kernels, and the number of mean-field iterations.
///
/// Krähenbühl and Koltun, "Efficient Inference in Fully Connected CRFs with Gaussian Edge Potentials" (NIPS 2011).
package struct CRFParameters: Equatable, Sendable {
    /// Strength of the bilateral kernel.
    package let bilateralWeight: Float
    /// Width of the bilateral kernel in pixels (standard deviation).
    package let bilateralDistance: Float
    /// Width of the bilateral kernel in colour steps of 0...255 (standard deviation).
    package let bilateralColour: Float
    /// Strength of the spatial kernel.
    package let spatialWeight: Float
    /// Width of the spatial kernel in pixels (standard deviation).
    package let spatialDistance: Float
    /// Mean-field iterations.
    package var iterations = 10

    /// Parameters in the order of a config: `[bi_weight, bi_xy_std, bi_rgb_std, gauss_weight, gauss_xy_std]`.
    ///
    /// - Throws: `InputError` unless there are five finite numbers, weights of 0 or more, and widths above 0.
    package init(_ numbers: [Float]) throws(InputError) {
        let widths = numbers.count == 5 ? [numbers[1], numbers[2], numbers[4]] : []
        guard numbers.count == 5, numbers.allSatisfy({ $0.isFinite && $0 >= 0 }), widths.allSatisfy({ $0 > 0 }) else {
            throw InputError(
                "\(numbers) are no CRF parameters",
                remedy: "give [bi_weight, bi_xy_std, bi_rgb_std, gauss_weight, gauss_xy_std], deviations above 0")
        }
        (bilateralWeight, bilateralDistance, bilateralColour) = (numbers[0], numbers[1], numbers[2])
        (spatialWeight, spatialDistance) = (numbers[3], numbers[4])
    }
}
