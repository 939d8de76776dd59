package import TensorCore

/// How a convolution is computed.
package enum ConvolutionAlgorithm: Sendable, CaseIterable {
    /// Minimal filtering of tiles: 36 multiplications for one of 4x4 pixels instead of 144.
    case winograd
    /// A matrix product for each tap of the filter, where it sees the image: leaves out what is padding.
    case taps
    /// A product of panel matrices, where the filter has one tap and channels come in sixteens.
    case panels
    /// One matrix product over gathered patches of the image; over the image itself where the filter has one tap.
    case patches

    /// The rule of choice: of those that keep the size of the image, the one that multiplies least; for a single tap,
    /// panels where the channels fill them.
    ///
    /// Winograd's transforms and the taps' many products pay only where there are some channels.
    package init(_ geometry: ConvolutionGeometry, _ input: Shape) {
        let hasManyChannels = min(geometry.inputs, geometry.outputs) >= 16
        guard ConvolutionAlgorithm.winograd.fits(geometry) && hasManyChannels else {
            self = ConvolutionAlgorithm.panels.fits(geometry) ? .panels : .patches
            return
        }
        let coefficients = WinogradTiling.coefficientsPerImage(
            height: input.h, width: input.w, dilation: geometry.dilation)
        let direct = TapConvolution(geometry, input).multiplications
        self = coefficients <= direct ? .winograd : .taps
    }

    /// Whether the algorithm can compute such a convolution at all.
    package func fits(_ geometry: ConvolutionGeometry) -> Bool {
        let keepsSize = geometry.stride == 1 && 2 * geometry.padding == geometry.dilation * (geometry.kernel - 1)
        return switch self {
        case .winograd: geometry.kernel == 3 && keepsSize
        case .taps: geometry.kernel % 2 == 1 && keepsSize
        case .panels:
            geometry.isPointwise && geometry.inputs % PanelMatrix.width == 0
                && geometry.outputs % PanelMatrix.width == 0
        case .patches: true
        }
    }
}
