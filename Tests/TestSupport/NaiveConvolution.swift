package import Kernels
package import TensorCore

/// Convolution straight from its definition, as PyTorch counts: tap (i, j) of the output at (y, x) meets the input at
/// (y stride + i dilation - padding, x stride + j dilation - padding), zeros outside.
///
/// Filters are in the order of weight files, `[out][in][row][column]`.
package struct NaiveConvolution {
    let geometry: ConvolutionGeometry

    package init(_ geometry: ConvolutionGeometry) { self.geometry = geometry }

    /// The result, without bias.
    package func forward(_ x: Volume, weight: [Double]) -> Volume {
        var y = Volume(outputShape(x.shape))
        forEachTerm(x, y) { input, filter, output in y.values[output] += x.values[input] * weight[filter] }
        return y
    }

    /// The gradients of input and filters, given that of the result.
    package func backward(_ x: Volume, weight: [Double], _ dy: Volume) -> (dx: Volume, dWeight: [Double]) {
        var (dx, dWeight) = (Volume(x.shape), [Double](repeating: 0, count: weight.count))
        forEachTerm(x, dy) { input, filter, output in
            dx.values[input] += dy.values[output] * weight[filter]
            dWeight[filter] += dy.values[output] * x.values[input]
        }
        return (dx, dWeight)
    }

    /// As many outputs as there are places for the filter inside the padded input.
    package func outputShape(_ x: Shape) -> Shape {
        func places(_ size: Int) -> Int {
            let last = geometry.dilation * (geometry.kernel - 1)
            return stride(from: -geometry.padding, to: size + geometry.padding - last, by: geometry.stride).reduce(0) {
                count, _ in count + 1
            }
        }
        return Shape(x.n, places(x.h), places(x.w), geometry.outputChannels)
    }

    /// Every product of the definition: indices of the input, of the filter's element and of the output.
    private func forEachTerm(_ x: Volume, _ y: Volume, _ body: (_ input: Int, _ filter: Int, _ output: Int) -> Void) {
        let (kernel, channels) = (geometry.kernel, x.shape.c)
        for (output, place) in y.positions.enumerated() {
            for tap in 0..<kernel * kernel {
                let row = place.y * geometry.stride + tap / kernel * geometry.dilation - geometry.padding
                let column = place.x * geometry.stride + tap % kernel * geometry.dilation - geometry.padding
                guard x.contains(row, column) else { continue }
                let pixel = (place.n * x.shape.h + row) * x.shape.w + column
                for c in 0..<channels {
                    body(pixel * channels + c, (place.c * channels + c) * kernel * kernel + tap, output)
                }
            }
        }
    }
}
