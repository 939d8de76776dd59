package import FileAccess
package import TensorCore

/// The fully connected CRF over the pixels of one image.
///
/// Its lattices depend on the image only, so one `ImageCRF` refines as many probability maps as wanted.
package struct ImageCRF {
    private let parameters: CRFParameters
    private let width: Int
    private let height: Int
    private let order: PixelOrder
    /// The spatial kernel's, then the bilateral kernel's.
    private let kernels: [PermutohedralLattice]
    private let pool: ThreadPool
    private let workspace: Workspace

    /// Builds the lattices of an image.
    ///
    /// - Parameter image: `height * width` pixels of red, green, blue; only read during the call.
    /// - Throws: `InputError` if a kernel is too narrow for an image of this size.
    package init(
        _ image: UnsafePointer<UInt8>, width: Int, height: Int, parameters: CRFParameters, pool: ThreadPool,
        workspace: Workspace
    ) throws(InputError) {
        precondition(width > 0 && height > 0, "CRF over \(width)x\(height) pixels")
        (self.width, self.height, self.parameters) = (width, height, parameters)
        (self.pool, self.workspace) = (pool, workspace)
        order = PixelOrder(width: width, height: height, workspace: workspace)
        let spatial = PixelFeatures(order: order, distance: parameters.spatialDistance, colour: nil)
        let bilateral = PixelFeatures(
            order: order, distance: parameters.bilateralDistance, colour: (image, parameters.bilateralColour))
        kernels = [
            try PermutohedralLattice(spatial, pool: pool, workspace: workspace),
            try PermutohedralLattice(bilateral, pool: pool, workspace: workspace),
        ]
        kernels[0].normalize(strength: parameters.spatialWeight, pool: pool, workspace: workspace)
        kernels[1].normalize(strength: parameters.bilateralWeight, pool: pool, workspace: workspace)
    }

    /// Lattice vertices that touch a pixel, for the spatial and for the bilateral kernel.
    package var vertexCounts: (spatial: Int, bilateral: Int) { (kernels[0].vertexCount, kernels[1].vertexCount) }

    /// The mean-field marginals of class probabilities: 1 x height x width x channels, and so is the result.
    ///
    /// Probabilities are clipped to 1e-5...1 and need not sum to 1.
    package func marginals(of probabilities: Tensor) -> Tensor {
        let shape = probabilities.shape
        precondition(
            shape == Shape(1, height, width, shape.c) && shape.c > 0,
            "probabilities \(shape) for an image of \(height)x\(width)")
        let result = workspace.tensor(shape)
        switch shape.c {
        case ...2: infer(probabilities, SIMD2<Float>.self, into: result)
        case ...4: infer(probabilities, SIMD4<Float>.self, into: result)
        default: infer(probabilities, SIMD8<Float>.self, into: result)
        }
        return result
    }

    private func infer<Vector: ChannelVector>(_ probabilities: Tensor, _: Vector.Type, into result: Tensor) {
        var field = MeanField<Vector>(
            kernels, order: order, probabilities: probabilities.data, channels: probabilities.shape.c, pool: pool,
            workspace: workspace)
        for _ in 0..<parameters.iterations { field.step() }
        field.store(into: result.data)
    }
}

extension PermutohedralLattice {
    /// Puts the symmetric normalisation N = 1 / (K 1 + 1e-20), the kernel's strength and the blur's gain into the
    /// weights, so that splat, blur and slice compute strength * N^(1/2) K N^(1/2) with nothing else to do.
    fileprivate func normalize(strength: Float, pool: ThreadPool, workspace: Workspace) {
        let gain = 1 / (1 + 1 / Float(1 << dimension))
        let norm = workspace.buffer(of: SIMD2<Float>.self, count: pixelCount)
        do {
            norm.data.update(repeating: .one, count: pixelCount)
            var values = VertexValues<SIMD2<Float>>(self, workspace: workspace)
            splat(norm.data, over: [self], into: [values], pool: pool)
            blur(&values, pool: pool)
            let zeros = workspace.buffer(of: SIMD2<Float>.self, count: pixelCount)
            zeros.data.update(repeating: .zero, count: pixelCount)
            pool.parallelFor(pixelCount, by: 1024) { pixels, _ in
                slice(values.current.data, addedTo: zeros.data, into: norm.data, pixels: pixels)
                for pixel in pixels { norm.data[pixel] = 1 / (norm.data[pixel] * gain + 1e-20).squareRoot() }
            }
        }
        pool.parallelFor((dimension + 1) / 3) { triple in
            let (weight, norm, factor) = (weight.data + 3 * triple * pixelCount, norm.data, (strength * gain).squareRoot())
            for pixel in 0..<pixelCount {
                for i in 0..<3 { weight[3 * pixel + i] *= factor * norm[pixel].x }
            }
        }
    }
}
