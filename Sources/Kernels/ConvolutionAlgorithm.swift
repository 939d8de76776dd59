/// How a convolution is computed.
package enum ConvolutionAlgorithm: Sendable, CaseIterable {
    /// Minimal filtering of tiles: 36 multiplications for one of 4x4 pixels instead of 144.
    case winograd
    /// A product of panel matrices, where the filter has one tap and channels come in sixteens.
    case panels
    /// One matrix product over gathered patches of the image; over the image itself where the filter has one tap.
    case patches

    /// The rule of choice: for a 3x3 filter that keeps the size of the image, Winograd's, whose transforms pay only where
    /// there are some channels; for a single tap panels, where the channels fill them.
    package init(_ geometry: ConvolutionGeometry) {
        if ConvolutionAlgorithm.winograd.fits(geometry) && min(geometry.inputChannels, geometry.outputChannels) >= 16 {
            self = .winograd
        } else {
            self = ConvolutionAlgorithm.panels.fits(geometry) ? .panels : .patches
        }
    }

    /// Whether the algorithm can compute such a convolution at all.
    package func fits(_ geometry: ConvolutionGeometry) -> Bool {
        switch self {
        case .winograd: geometry.kernel == 3 && geometry.stride == 1 && geometry.padding == geometry.dilation
        case .panels:
            geometry.isPointwise && geometry.inputChannels % PanelMatrix.width == 0
                && geometry.outputChannels % PanelMatrix.width == 0
        case .patches: true
        }
    }
}
