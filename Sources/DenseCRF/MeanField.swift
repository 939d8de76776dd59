import Kernels
import TensorCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Mean-field inference: Q <- softmax(-U + sum_k w_k N_k^(1/2) K_k N_k^(1/2) Q).
///
/// Strengths w_k and normalisations N_k are in the weights of the kernels' lattices. Channels beyond the lanes of a
/// vector make further planes, which are filtered one after the other.
struct MeanField<Vector: ChannelVector> {
    private let kernels: [PermutohedralLattice]
    private let order: PixelOrder
    private let channels: Int
    private let planes: [Plane]
    private var values: [VertexValues<Vector>]
    /// Of each pixel, what the softmax knows of all its channels: the largest, then their sum.
    private let level: Buffer<Float>
    private let pool: ThreadPool

    /// As many channels as a vector has lanes, one vector a pixel.
    private struct Plane {
        /// -U, and -infinity in lanes that are no channel.
        let unary: Buffer<Vector>
        let q: Buffer<Vector>
    }

    /// Starts from Q = softmax(-U), U = -log(clip(probability, 1e-5, 1)).
    ///
    /// - Parameter probabilities: `channels` floats a pixel, row by row.
    init(
        _ kernels: [PermutohedralLattice], order: PixelOrder, probabilities: UnsafePointer<Float>, channels: Int,
        pool: ThreadPool, workspace: Workspace
    ) {
        (self.kernels, self.order, self.channels, self.pool) = (kernels, order, channels, pool)
        planes = (0..<(channels + Vector.scalarCount - 1) / Vector.scalarCount).map { _ in
            Plane(
                unary: workspace.buffer(of: Vector.self, count: order.count),
                q: workspace.buffer(of: Vector.self, count: order.count))
        }
        values = kernels.map { VertexValues($0, workspace: workspace) }
        level = workspace.buffer(of: Float.self, count: order.count)
        pool.parallelFor(order.count, by: ChunkSize.meanField) { pixels, _ in
            loadUnary(probabilities, pixels)
            softmax(pixels)
        }
    }

    /// One iteration.
    mutating func step() {
        for (index, plane) in planes.enumerated() {
            splat(plane.q.data, over: kernels, into: values, pool: pool)
            for k in kernels.indices { kernels[k].blur(&values[k], pool: pool) }
            let (q, unary, isLast) = (plane.q.data, plane.unary.data, index == planes.count - 1)
            pool.parallelFor(order.count, by: ChunkSize.meanField) { pixels, _ in
                for k in kernels.indices {
                    kernels[k].slice(values[k].current.data, addedTo: k == 0 ? unary : q, into: q, pixels: pixels)
                }
                if isLast { softmax(pixels) }
            }
        }
    }

    /// Writes Q: `channels` floats a pixel, row by row.
    func store(into marginals: UnsafeMutablePointer<Float>) {
        pool.parallelFor(order.count, by: ChunkSize.meanField) { pixels, _ in
            for (index, plane) in planes.enumerated() {
                let (q, first) = (plane.q.data, index * Vector.scalarCount)
                let lanes = min(Vector.scalarCount, channels - first)
                for pixel in pixels {
                    let row = marginals + order.rowMajor(pixel) * channels + first
                    for lane in 0..<lanes { row[lane] = q[pixel][lane] }
                }
            }
        }
    }

    /// Sets the unary of a range of pixels, and Q to the same.
    private func loadUnary(_ probabilities: UnsafePointer<Float>, _ pixels: Range<Int>) {
        for (index, plane) in planes.enumerated() {
            let (q, unary, first) = (plane.q.data, plane.unary.data, index * Vector.scalarCount)
            let lanes = min(Vector.scalarCount, channels - first)
            for pixel in pixels {
                let row = probabilities + order.rowMajor(pixel) * channels + first
                var logarithms = Vector(repeating: -.infinity)
                for lane in 0..<lanes { logarithms[lane] = logf(min(max(row[lane], 1e-5), 1)) }
                unary[pixel] = logarithms
                q[pixel] = logarithms
            }
        }
    }

    /// Softmax of Q over the channels of each pixel, in place.
    private func softmax(_ pixels: Range<Int>) {
        let level = level.data
        for pixel in pixels { level[pixel] = -.infinity }
        for plane in planes {
            let q = plane.q.data
            for pixel in pixels { level[pixel] = max(level[pixel], q[pixel].largestLane) }
        }
        for plane in planes {
            let q = plane.q.data
            for pixel in pixels { q[pixel] -= level[pixel] }
            let lanes = UnsafeMutableRawPointer(q + pixels.lowerBound).assumingMemoryBound(to: Float.self)
            replaceByExponentials(lanes, count: pixels.count * Vector.scalarCount)
        }
        for pixel in pixels { level[pixel] = 0 }
        for plane in planes {
            let q = plane.q.data
            for pixel in pixels { level[pixel] += q[pixel].pairwiseSum }
        }
        for pixel in pixels { level[pixel] = 1 / level[pixel] }
        for plane in planes {
            let q = plane.q.data
            for pixel in pixels { q[pixel] *= level[pixel] }
        }
    }
}
