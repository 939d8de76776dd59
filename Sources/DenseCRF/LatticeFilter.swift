import TensorCore

/// Values at the vertices of a lattice, with room for the result of a blur.
///
/// One vector a vertex, and one of zeros at the end, where a missing neighbour is looked up.
struct VertexValues<Vector: ChannelVector> {
    private(set) var current: Buffer<Vector>
    private(set) var next: Buffer<Vector>

    /// Undefined values at the vertices of `lattice`.
    init(_ lattice: PermutohedralLattice, workspace: Workspace) {
        current = workspace.buffer(of: Vector.self, count: lattice.vertexCount + 1)
        next = workspace.buffer(of: Vector.self, count: lattice.vertexCount + 1)
        current.data[lattice.vertexCount] = .zero
        next.data[lattice.vertexCount] = .zero
    }

    mutating func swap() { Swift.swap(&current, &next) }
}

/// Spreads one vector a pixel over the vertices of each lattice.
///
/// The vertices of a triple of remainders are one thread's work, which takes the pixels in an order of their own, so
/// the sums do not depend on the number of threads.
func splat<Vector: ChannelVector>(
    _ pixels: UnsafePointer<Vector>, over lattices: [PermutohedralLattice], into values: [VertexValues<Vector>],
    pool: ThreadPool
) {
    let triples = zip(lattices, values).flatMap { lattice, values in
        values.current.data.update(repeating: .zero, count: lattice.vertexCount)
        return (0..<lattice.tripleCount).map { CornerTriple($0, of: lattice, values: values.current.data) }
    }
    let (count, groups) = (lattices[0].pixelCount, min(pool.threadCount, triples.count))
    pool.parallelFor(groups) { group in
        for start in stride(from: 0, to: count, by: ChunkSize.splatting) {
            for index in stride(from: group, to: triples.count, by: groups) {
                triples[index].splat(pixels, start..<min(count, start + ChunkSize.splatting))
            }
        }
    }
}

/// Three corners of every pixel's simplex, and the values there.
private struct CornerTriple<Vector: ChannelVector> {
    private let corner: UnsafePointer<Int32>
    private let weight: UnsafePointer<Float>
    private let values: UnsafeMutablePointer<Vector>

    init(_ triple: Int, of lattice: PermutohedralLattice, values: UnsafeMutablePointer<Vector>) {
        corner = UnsafePointer(lattice.corner.data + 3 * triple * lattice.pixelCount)
        weight = UnsafePointer(lattice.weight.data + 3 * triple * lattice.pixelCount)
        self.values = values
    }

    /// Pixels next to each other share vertices, and an addition to one waits for the last; two rows of pixels in turn
    /// leave less to wait for.
    @inline(__always) func splat(_ q: UnsafePointer<Vector>, _ pixels: Range<Int>) {
        let half = pixels.count / 2
        for pixel in pixels.prefix(half) {
            splat(q, pixel)
            splat(q, pixel + half)
        }
        for pixel in pixels.dropFirst(2 * half) { splat(q, pixel) }
    }

    @inline(__always) private func splat(_ q: UnsafePointer<Vector>, _ pixel: Int) {
        let (corner, weight, q) = (corner + 3 * pixel, weight + 3 * pixel, q[pixel])
        for i in 0..<3 {
            let vertex = Int(corner[i])
            values[vertex] = values[vertex].addingProduct(q, Vector(repeating: weight[i]))
        }
    }
}

extension PermutohedralLattice {
    /// Blurs along all axes.
    func blur<Vector: ChannelVector>(_ values: inout VertexValues<Vector>, pool: ThreadPool) {
        for axis in 0...dimension {
            blur(values.current.data, along: axis, into: values.next.data, pool: pool)
            values.swap()
        }
    }

    /// v + (v_left + v_right) / 2 along one axis.
    ///
    /// Neighbours have other remainders. Equal parts of all remainders follow each other, so that a vertex is still in
    /// the cache when it is wanted as a neighbour.
    private func blur<Vector: ChannelVector>(
        _ values: UnsafePointer<Vector>, along axis: Int, into result: UnsafeMutablePointer<Vector>, pool: ThreadPool
    ) {
        let (axes, neighbours) = (dimension + 1, neighbours.data + axis * vertexCount)
        let parts = 1 + vertexCount / axes / ChunkSize.blurring
        let half = Vector(repeating: 0.5)
        pool.parallelFor(parts * axes) { chunk in
            let (part, remainder) = chunk.quotientAndRemainder(dividingBy: axes)
            let (first, count) = (firstVertex[remainder], firstVertex[remainder + 1] - firstVertex[remainder])
            for vertex in first + part * count / parts..<first + (part + 1) * count / parts {
                let (left, right) = (values[Int(neighbours[vertex].left)], values[Int(neighbours[vertex].right)])
                result[vertex] = values[vertex].addingProduct(left + right, half)
            }
        }
    }

    /// What `values` give to each pixel of a range, added to `base`.
    @inline(__always) func slice<Vector: ChannelVector>(
        _ values: UnsafePointer<Vector>, addedTo base: UnsafePointer<Vector>, into result: UnsafeMutablePointer<Vector>,
        pixels: Range<Int>
    ) {
        for triple in 0..<tripleCount {
            let corner = corner.data + 3 * triple * pixelCount
            let weight = weight.data + 3 * triple * pixelCount
            let base = triple == 0 ? base : UnsafePointer(result)
            for pixel in pixels {
                let (corner, weight) = (corner + 3 * pixel, weight + 3 * pixel)
                var sum = base[pixel]
                for i in 0..<3 { sum.addProduct(values[Int(corner[i])], Vector(repeating: weight[i])) }
                result[pixel] = sum
            }
        }
    }
}
