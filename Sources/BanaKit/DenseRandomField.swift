import DenseCRF
import FileAccess
import Runs
import TensorCore

/// The fully connected conditional random field of Krähenbühl and Koltun (NIPS 2011), as a refinement of probabilities.
public struct DenseRandomField: Sendable {
    /// The two Gaussian kernels: how much neighbours, and neighbours of like colour, want the same class.
    public struct Parameters: Sendable {
        /// Strength of the kernel of position and colour.
        public var bilateralWeight: Float
        /// Its standard deviation in pixels.
        public var bilateralDistance: Float
        /// Its standard deviation in 8-bit colour values.
        public var bilateralColor: Float
        /// Strength of the kernel of position alone.
        public var spatialWeight: Float
        /// Its standard deviation in pixels.
        public var spatialDistance: Float
        /// Mean-field iterations.
        public var iterations = 10

        /// Those that pseudo labels are made with.
        public static let pseudoLabels = Parameters(
            bilateralWeight: 4, bilateralDistance: 55, bilateralColor: 3, spatialWeight: 3, spatialDistance: 3)

        /// Kernels of the given strengths and deviations.
        public init(
            bilateralWeight: Float, bilateralDistance: Float, bilateralColor: Float, spatialWeight: Float,
            spatialDistance: Float
        ) {
            (self.bilateralWeight, self.bilateralDistance) = (bilateralWeight, bilateralDistance)
            (self.bilateralColor, self.spatialWeight) = (bilateralColor, spatialWeight)
            self.spatialDistance = spatialDistance
        }
    }

    private let parameters: CRFParameters

    /// - Throws: `BanaError` unless weights and iterations are 0 or more, deviations above 0, and all of them finite.
    public init(_ parameters: Parameters = .pseudoLabels) throws(BanaError) {
        let numbers = [
            parameters.bilateralWeight, parameters.bilateralDistance, parameters.bilateralColor,
            parameters.spatialWeight, parameters.spatialDistance,
        ]
        self.parameters = try reporting {
            guard parameters.iterations >= 0, var checked = CRFParameters(numbers) else {
                throw InputError(
                    "\(numbers), \(parameters.iterations) iterations: not parameters of a CRF",
                    remedy: "give weights and iterations of at least 0, and standard deviations above 0")
            }
            checked.iterations = parameters.iterations
            return checked
        }
    }

    /// The marginals after mean-field inference.
    ///
    /// - Parameters:
    ///   - probabilities: `height * width * channels` values, a pixel's channels side by side.
    ///   - channels: at least 1.
    ///   - image: that they belong to.
    ///   - threads: at least 1; `nil` takes as many as the process may use.
    /// - Returns: probabilities in the same order; those of a pixel add up to 1.
    /// - Throws: `BanaError` for another number of probabilities, and for an image that is too large for such kernels.
    public func refine(
        _ probabilities: [Float], channels: Int, of image: Image, threads: Int? = nil
    ) throws(BanaError) -> [Float] {
        try reporting {
            guard channels > 0, probabilities.count.isMultiple(of: channels),
                probabilities.count / channels == image.width * image.height
            else {
                throw InputError(
                    "\(probabilities.count) probabilities for \(channels) channels of \(image.width)x\(image.height) pixels",
                    remedy: "give a value for every channel of every pixel")
            }
            let session = try session(threads)
            let crf = try ImageCRF(
                image.pixels, width: image.width, height: image.height, parameters: parameters, pool: session.pool,
                workspace: session.workspace)
            let shape = Shape(1, image.height, image.width, channels)
            return crf.marginals(of: session.workspace.tensor(shape, probabilities)).elements
        }
    }
}
