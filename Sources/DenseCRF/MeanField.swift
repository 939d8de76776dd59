import TensorCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Mean-field inference: Q <- softmax(-U + sum_k w_k N_k^(1/2) K_k N_k^(1/2) Q).
///
/// The kernels' strengths and normalisations are already in their lattices' weights. Channels beyond the lanes of a
/// vector make further planes, which are filtered one after the other.
struct MeanField<Vector: ChannelVector> {
    private let order: PixelOrder
    private let kernels: [PermutohedralLattice]
    private var values: [VertexValues<Vector>]
    private let pixelCount: Int
    private let channels: Int
    private let planes: [Plane]
    /// Of the channels of a pixel, first the greatest, then the sum.
    private let level: Buffer<Float>
    private let pool: ThreadPool

    /// As many channels as a vector has lanes.
    private struct Plane {
        /// -U, and -infinity in lanes that are no channel.
        let unary: Buffer<Vector>
        let q: Buffer<Vector>
    }

    /// Starts from Q = softmax(-U), U = -log(clip(probability, 1e-5, 1)).
    init(
        _ kernels: [PermutohedralLattice], order: PixelOrder, probabilities: UnsafePointer<Float>, channels: Int, pool: ThreadPool,
        workspace: Workspace
    ) {
        (self.order, self.kernels, self.channels, self.pool) = (order, kernels, channels, pool)
        let pixelCount = kernels[0].pixelCount
        self.pixelCount = pixelCount
        values = kernels.map { VertexValues($0, workspace: workspace) }
        planes = (0..<(channels + Vector.scalarCount - 1) / Vector.scalarCount).map { _ in
            Plane(
                unary: workspace.buffer(of: Vector.self, count: pixelCount),
                q: workspace.buffer(of: Vector.self, count: pixelCount))
        }
        level = workspace.buffer(of: Float.self, count: pixelCount)
        loadUnary(probabilities)
    }

    /// One iteration.
    mutating func step() {
        for (index, plane) in planes.enumerated() {
            splat(plane.q.data, over: kernels, into: values, pool: pool)
            for k in kernels.indices { kernels[k].blur(&values[k], pool: pool) }
            let (q, unary, count) = (plane.q.data, plane.unary.data, planes.count)
            pool.parallelFor(pixelCount, by: pixelsPerChunk) { pixels, _ in
                for k in kernels.indices {
                    kernels[k].slice(values[k].current.data, addedTo: k == 0 ? unary : q, into: q, pixels: pixels)
                }
                if index == count - 1 { softmax(pixels) }
            }
        }
    }

    /// Copies Q without its unused lanes: `channels` floats a pixel.
    func store(into marginals: UnsafeMutablePointer<Float>) {
        pool.parallelFor(pixelCount, by: pixelsPerChunk) { pixels, _ in
            for (index, plane) in planes.enumerated() {
                let (q, first) = (plane.q.data, index * Vector.scalarCount)
                let lanes = min(Vector.scalarCount, channels - first)
                for pixel in pixels {
                    let row = marginals + order.pixel(pixel) * channels + first
                    for lane in 0..<lanes { row[lane] = q[pixel][lane] }
                }
            }
        }
    }

    private func loadUnary(_ probabilities: UnsafePointer<Float>) {
        pool.parallelFor(pixelCount, by: pixelsPerChunk) { pixels, _ in
            for (index, plane) in planes.enumerated() {
                let (unary, first) = (plane.unary.data, index * Vector.scalarCount)
                let lanes = min(Vector.scalarCount, channels - first)
                for pixel in pixels {
                    let row = probabilities + order.pixel(pixel) * channels + first
                    var logarithms = Vector(repeating: -.infinity)
                    for lane in 0..<lanes { logarithms[lane] = logf(min(max(row[lane], 1e-5), 1)) }
                    unary[pixel] = logarithms
                    plane.q.data[pixel] = logarithms
                }
            }
            softmax(pixels)
        }
    }

    /// Softmax of Q over the channels of each pixel, in place.
    private func softmax(_ pixels: Range<Int>) {
        let level = level.data
        for pixel in pixels { level[pixel] = -.infinity }
        for plane in planes {
            let q = plane.q.data
            for pixel in pixels {
                let greatest = q[pixel].greatest
                level[pixel] = greatest > level[pixel] ? greatest : level[pixel]
            }
        }
        for plane in planes {
            let q = plane.q.data
            for pixel in pixels { q[pixel] -= level[pixel] }
            exponentials(q + pixels.lowerBound, count: pixels.count)
        }
        for pixel in pixels { level[pixel] = 0 }
        for plane in planes {
            let q = plane.q.data
            for pixel in pixels { level[pixel] += q[pixel].total }
        }
        for pixel in pixels { level[pixel] = 1 / level[pixel] }
        for plane in planes {
            let q = plane.q.data
            for pixel in pixels { q[pixel] *= level[pixel] }
        }
    }

    private func exponentials(_ x: UnsafeMutablePointer<Vector>, count: Int) {
        let lanes = UnsafeMutableRawPointer(x).assumingMemoryBound(to: SIMD8<Float>.self)
        for i in 0..<(count * Vector.scalarCount + 7) / 8 { lanes[i] = exponential(lanes[i]) }
    }
}

/// Few enough for the rows of a chunk to stay in the fastest cache.
private let pixelsPerChunk = 512
