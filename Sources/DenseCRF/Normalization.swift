import TensorCore

extension PermutohedralLattice {
    /// Puts the symmetric normalisation N = 1 / (K 1 + 1e-20), the kernel's strength and the blur's gain into the
    /// weights, so that splat, blur and slice compute strength * N^(1/2) K N^(1/2).
    ///
    /// Splat and slice use the same weights, so each gets the square root.
    func normalize(strength: Float, pool: ThreadPool, workspace: Workspace) {
        let gain = 1 / (1 + 1 / Float(1 << dimension))
        let sums = sumsOfKernel(pool: pool, workspace: workspace)
        let (factor, weight) = ((strength * gain).squareRoot(), weight.data)
        pool.parallelFor(pixelCount, by: ChunkSize.normalization) { pixels, _ in
            for pixel in pixels {
                let share = factor / (gain * sums.data[pixel].x + 1e-20).squareRoot()
                for triple in 0..<tripleCount {
                    let weight = weight + 3 * (triple * pixelCount + pixel)
                    for i in 0..<3 { weight[i] *= share }
                }
            }
        }
    }

    /// K 1 over the blur's gain, in the first lane.
    private func sumsOfKernel(pool: ThreadPool, workspace: Workspace) -> Buffer<SIMD2<Float>> {
        let ones = workspace.buffer(of: SIMD2<Float>.self, count: pixelCount)
        ones.data.update(repeating: .one, count: pixelCount)
        var values = VertexValues<SIMD2<Float>>(self, workspace: workspace)
        splat(ones.data, over: [self], into: [values], pool: pool)
        blur(&values, pool: pool)
        let sums = workspace.buffer(of: SIMD2<Float>.self, count: pixelCount)
        sums.data.update(repeating: .zero, count: pixelCount)
        pool.parallelFor(pixelCount, by: ChunkSize.normalization) { pixels, _ in
            slice(values.current.data, addedTo: sums.data, into: sums.data, pixels: pixels)
        }
        return sums
    }
}
