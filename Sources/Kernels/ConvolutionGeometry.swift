package import TensorCore

/// Sizes of a convolution: what its kernels need to know beside the pointers.
package struct ConvolutionGeometry: Hashable, Sendable {
    /// Rows and columns of the filter.
    package let kernel: Int
    package let stride: Int
    /// Distance between the filter's taps; 1 is a plain convolution, as PyTorch counts.
    package let dilation: Int
    /// Zeros around the input.
    package let padding: Int
    package let inputChannels: Int
    package let outputChannels: Int

    package init(
        kernel: Int, stride: Int = 1, dilation: Int = 1, padding: Int = 0, inputChannels: Int, outputChannels: Int
    ) {
        (self.kernel, self.stride, self.dilation, self.padding) = (kernel, stride, dilation, padding)
        (self.inputChannels, self.outputChannels) = (inputChannels, outputChannels)
    }

    /// Floats in one filter: taps times input channels.
    package var filterCount: Int { kernel * kernel * inputChannels }

    /// Whether each output pixel reads just its own input pixel.
    package var isPointwise: Bool { kernel == 1 && stride == 1 && padding == 0 }

    /// Pixels from a filter's first tap to its last.
    private var reach: Int { dilation * (kernel - 1) + 1 }

    /// Whether an image has the channels and the size that the filter needs.
    package func accepts(_ input: Shape) -> Bool {
        input.c == inputChannels && min(input.h, input.w) + 2 * padding >= reach
    }

    /// floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1 rows and columns, `outputChannels` channels, for an
    /// input that is accepted.
    package func outputShape(_ input: Shape) -> Shape {
        let height = (input.h + 2 * padding - reach) / stride + 1
        let width = (input.w + 2 * padding - reach) / stride + 1
        return Shape(input.n, height, width, outputChannels)
    }
}
