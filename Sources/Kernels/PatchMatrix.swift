import TensorCore

/// Patches as rows of a matrix ("im2col"): what turns a convolution into a matrix product.
///
/// `patches[pixel][tapRow][tapColumn][channel]` is what the filter's tap sees at that pixel, 0 outside the image.
struct PatchMatrix {
    let geometry: ConvolutionGeometry
    /// The image or gradient that is read.
    let source: Shape
    /// The pixels that get a row each.
    let target: Shape
    /// Which way the taps look: from output to input, or from input back to output.
    let direction: Direction

    enum Direction { case forward, backward }

    /// Floats in a row.
    var width: Int { geometry.kernel * geometry.kernel * source.c }

    /// Writes the rows of the target pixels `pixels` (numbered over all images) to `patches`.
    func gather(
        _ data: UnsafePointer<Float>, pixels: Range<Int>, into patches: UnsafeMutablePointer<Float>
    ) {
        var row = patches
        for pixel in pixels {
            let (rest, x) = pixel.quotientAndRemainder(dividingBy: target.w)
            let (image, y) = rest.quotientAndRemainder(dividingBy: target.h)
            let start = data + image * source.image.count
            for tapY in 0..<geometry.kernel {
                let sourceY = position(y, tap: tapY, limit: source.h)
                if let first = contiguousColumn(x), sourceY >= 0 {
                    row.update(from: start + (sourceY * source.w + first) * source.c, count: geometry.kernel * source.c)
                    row += geometry.kernel * source.c
                    continue
                }
                for tapX in 0..<geometry.kernel {
                    let sourceX = position(x, tap: tapX, limit: source.w)
                    if sourceY >= 0 && sourceX >= 0 {
                        row.update(from: start + (sourceY * source.w + sourceX) * source.c, count: source.c)
                    } else {
                        row.update(repeating: 0, count: source.c)
                    }
                    row += source.c
                }
            }
        }
    }

    /// Where the taps of a row see neighbours in the image, the first of these; `nil` where some see none, or lie apart.
    @inline(__always) private func contiguousColumn(_ target: Int) -> Int? {
        guard direction == .forward && geometry.dilation == 1 else { return nil }
        let first = target * geometry.stride - geometry.padding
        return first >= 0 && first + geometry.kernel <= source.w ? first : nil
    }

    /// The source row (or column) that a tap meets at a target row (or column); -1 where there is none.
    @inline(__always) private func position(_ target: Int, tap: Int, limit: Int) -> Int {
        switch direction {
        case .forward:
            let position = target * geometry.stride + tap * geometry.dilation - geometry.padding
            return position < limit ? position : -1
        case .backward:
            let scaled = target + geometry.padding - tap * geometry.dilation
            guard scaled >= 0 && scaled % geometry.stride == 0 else { return -1 }
            return scaled / geometry.stride < limit ? scaled / geometry.stride : -1
        }
    }
}
