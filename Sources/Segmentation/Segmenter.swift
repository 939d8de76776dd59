package import DenseCRF
import Kernels
package import Networks
package import TensorCore

/// Segments one image: cosines averaged over scales and mirror images, with and without the dense CRF.
package struct Segmenter {
    /// How a network is applied.
    package struct Options: Sendable {
        /// Factors of the image's size; each is looked at once.
        package var scales: [Double]
        /// Whether each is looked at mirrored too.
        package var mirrors: Bool
        /// T: multiplies the cosines before the CRF's softmax.
        package var temperature: Float
        /// `nil` leaves the CRF out.
        package var crf: CRFParameters?

        package init(scales: [Double], mirrors: Bool, temperature: Float, crf: CRFParameters?) {
            (self.scales, self.mirrors, self.temperature, self.crf) = (scales, mirrors, temperature, crf)
        }
    }

    /// The class of every pixel, `height * width` bytes.
    package struct Result: Equatable, Sendable {
        package let plain: [UInt8]
        /// After the CRF, where there is one.
        package let refined: [UInt8]?
    }

    private let network: SegmentationNetwork
    private let options: Options
    private let context: StepContext

    /// - Parameter context: of inference.
    package init(_ network: SegmentationNetwork, _ options: Options, _ context: StepContext) {
        precondition(!options.scales.isEmpty, "an image must be looked at at some scale")
        (self.network, self.options, self.context) = (network, options, context)
    }

    /// Segments an image.
    ///
    /// - Parameters:
    ///   - image: normalised as in training, `1 x H x W x 3`.
    ///   - pixels: the same image as 8-bit red, green, blue, for the CRF.
    /// - Throws: `InputError` where the CRF's kernels are too narrow for an image of this size.
    package func segment(_ image: Tensor, pixels: UnsafePointer<UInt8>) throws -> Result {
        let cosines = averageCosines(image)
        let refined = try options.crf.map { try refine(cosines, pixels, $0) }
        return Result(plain: classes(cosines), refined: refined.map(classes))
    }

    /// z averaged over all views, `1 x H x W x classes`.
    package func averageCosines(_ image: Tensor) -> Tensor {
        let sum = context.workspace.zeros(image.shape.with(channels: network.classes))
        let views = options.scales.flatMap { scale in (options.mirrors ? [false, true] : [false]).map { (scale, $0) } }
        let fine = context.workspace.tensor(sum.shape)
        let (values, sums) = (fine.floats, sum.floats)
        for (scale, isMirrored) in views {
            let scaled = resized(image, by: scale)
            let view = isMirrored ? mirrored(scaled) : scaled
            let coarse = network.forward(view, context).cosines
            resizeBilinear(isMirrored ? mirrored(coarse) : coarse, into: fine, pool: context.pool)
            let share = 1 / Float(views.count)
            context.pool.parallelFor(sum.count, by: 1 << 16) { range, _ in
                addScaled(values + range.lowerBound, by: share, to: sums + range.lowerBound, count: range.count)
            }
        }
        return sum
    }

    /// The image at floor(scale * size), at least one pixel.
    private func resized(_ image: Tensor, by scale: Double) -> Tensor {
        let height = max(1, Int(Double(image.shape.h) * scale))
        let width = max(1, Int(Double(image.shape.w) * scale))
        if (height, width) == (image.shape.h, image.shape.w) { return image }
        let result = context.workspace.tensor(Shape(1, height, width, image.shape.c))
        resizeBilinear(image, into: result, pool: context.pool)
        return result
    }

    private func mirrored(_ x: Tensor) -> Tensor {
        let (shape, y) = (x.shape, context.workspace.tensor(x.shape))
        let (values, results) = (x.floats, y.floats)
        for pixel in 0..<shape.pixels {
            let (row, column) = pixel.quotientAndRemainder(dividingBy: shape.w)
            let source = values + (row * shape.w + shape.w - 1 - column) * shape.c
            (results + pixel * shape.c).update(from: source, count: shape.c)
        }
        return y
    }

    /// The CRF's marginals of softmax(T z).
    private func refine(
        _ cosines: Tensor, _ pixels: UnsafePointer<UInt8>, _ parameters: CRFParameters
    ) throws -> Tensor {
        let shape = cosines.shape
        let crf = try ImageCRF(
            pixels, width: shape.w, height: shape.h, parameters: parameters, pool: context.pool,
            workspace: context.workspace)
        let probabilities = context.workspace.tensor(shape)
        let (z, results) = (cosines.floats, probabilities.floats)
        context.pool.parallelFor(shape.h) { row in
            for pixel in row * shape.w..<(row + 1) * shape.w {
                let start = pixel * shape.c
                _ = softmax(
                    z + start, temperature: options.temperature, count: shape.c, into: results + start)
            }
        }
        return crf.marginals(of: probabilities)
    }

    /// The class of the largest value of every pixel.
    private func classes(_ values: Tensor) -> [UInt8] { argmaxOverChannels(values).map { UInt8($0) } }
}
