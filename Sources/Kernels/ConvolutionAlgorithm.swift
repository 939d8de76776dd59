package import TensorCore

/// How a convolution is computed.
package enum ConvolutionAlgorithm: Sendable, CaseIterable {
    /// Minimal filtering of 4x4 tiles: a quarter of the multiplications.
    case winograd
    /// One matrix product over gathered patches of the image; over the image itself where the filter has one tap.
    case patches

    /// The rule of choice.
    package init(_ geometry: ConvolutionGeometry, _ input: Shape) {
        let hasManyChannels = min(geometry.inputs, geometry.outputs) >= 16
        self = ConvolutionAlgorithm.winograd.fits(geometry) && hasManyChannels ? .winograd : .patches
    }

    /// Whether the algorithm can compute such a convolution at all.
    package func fits(_ geometry: ConvolutionGeometry) -> Bool {
        switch self {
        case .winograd: geometry.kernel == 3 && geometry.stride == 1 && geometry.padding == geometry.dilation
        case .patches: true
        }
    }
}
