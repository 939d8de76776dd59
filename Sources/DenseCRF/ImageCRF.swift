package import FileAccess
package import TensorCore

/// The fully connected CRF over the pixels of one image.
///
/// Its lattices depend on the image alone, so one `ImageCRF` refines as many probability maps as wanted.
package struct ImageCRF {
    private let iterations: Int
    private let order: PixelOrder
    private let spatial: PermutohedralLattice
    private let bilateral: PermutohedralLattice
    private let pool: ThreadPool
    private let workspace: Workspace

    /// Builds the lattices of an image.
    ///
    /// - Parameter image: `height * width` pixels of red, green, blue; only read during the call.
    /// - Throws: `InputError` if the image is too large, or a standard deviation too small for its size.
    package init(
        _ image: UnsafePointer<UInt8>, width: Int, height: Int, parameters: CRFParameters, pool: ThreadPool,
        workspace: Workspace
    ) throws(InputError) {
        precondition(width > 0 && height > 0, "CRF over \(width)x\(height) pixels")
        guard width * height <= ImageCRF.maxPixels else {
            throw InputError("\(width)x\(height) pixels are too many for the CRF", remedy: "use a smaller image")
        }
        iterations = parameters.iterations
        order = PixelOrder(width: width, height: height, workspace: workspace)
        (self.pool, self.workspace) = (pool, workspace)
        let position = PixelFeatures(order: order, distance: parameters.spatialDistance, color: nil)
        let appearance = PixelFeatures(
            order: order, distance: parameters.bilateralDistance, color: (image, parameters.bilateralColor))
        spatial = try PermutohedralLattice(position, pool: pool, workspace: workspace)
        bilateral = try PermutohedralLattice(appearance, pool: pool, workspace: workspace)
        spatial.normalize(strength: parameters.spatialWeight, pool: pool, workspace: workspace)
        bilateral.normalize(strength: parameters.bilateralWeight, pool: pool, workspace: workspace)
    }

    /// Lattice vertices that touch a pixel, for each of the two kernels.
    package var vertexCounts: (spatial: Int, bilateral: Int) { (spatial.vertexCount, bilateral.vertexCount) }

    /// The mean-field marginals of class probabilities: 1 x height x width x channels, and so is the result.
    ///
    /// Probabilities are clipped to 1e-5...1 and need not sum to 1.
    package func marginals(of probabilities: Tensor) -> Tensor {
        let shape = probabilities.shape
        precondition(
            shape == Shape(1, order.height, order.width, shape.c) && shape.c > 0,
            "probabilities \(shape) for an image of \(order.height)x\(order.width)")
        let result = workspace.tensor(shape)
        switch shape.c {
        case ...2: infer(SIMD2<Float>.self, probabilities, into: result)
        case ...4: infer(SIMD4<Float>.self, probabilities, into: result)
        default: infer(SIMD8<Float>.self, probabilities, into: result)
        }
        return result
    }

    private func infer<Vector: ChannelVector>(_: Vector.Type, _ probabilities: Tensor, into result: Tensor) {
        var field = MeanField<Vector>(
            [spatial, bilateral], order: order, probabilities: probabilities.floats, channels: probabilities.shape.c,
            pool: pool, workspace: workspace)
        for _ in 0..<iterations { field.step() }
        field.store(into: result.floats)
    }

    /// Vertices, of which a pixel may have six of its own, are numbered with 32 bits.
    private static let maxPixels = 1 << 28
}
