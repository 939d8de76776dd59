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
/// The vertices of three remainders are one thread's work, which goes through the pixels in their order, so the sums
/// do not depend on the number of threads.
func splat<Vector: ChannelVector>(
    _ pixels: UnsafePointer<Vector>, over lattices: [PermutohedralLattice], into values: [VertexValues<Vector>],
    pool: ThreadPool
) {
    let planes = zip(lattices, values).flatMap { lattice, values in
        lattice.clear(values.current.data)
        return (0..<(lattice.dimension + 1) / 3).map { lattice.plane($0, of: values.current.data) }
    }
    let (count, groups) = (lattices[0].pixelCount, min(pool.threadCount, planes.count))
    pool.parallelFor(groups) { group in
        for start in stride(from: 0, to: count, by: pixelsPerChunk) {
            for i in stride(from: group, to: planes.count, by: groups) {
                planes[i].splat(pixels, start..<min(count, start + pixelsPerChunk))
            }
        }
    }
}

/// Three corners of every pixel's simplex.
struct CornerPlane<Vector: ChannelVector> {
    let corner: UnsafePointer<Int32>
    let weight: UnsafePointer<Float>
    let values: UnsafeMutablePointer<Vector>

    @inline(__always) func splat(_ q: UnsafePointer<Vector>, _ pixels: Range<Int>) {
        let half = pixels.count / 2
        let start = pixels.lowerBound
        for i in start..<start + half {
            add(q, i)
            add(q, i + half)
        }
        for i in start + 2 * half..<pixels.upperBound { add(q, i) }
    }

    @inline(__always) private func add(_ q: UnsafePointer<Vector>, _ pixel: Int) {
        let (corner, weight, q) = (corner + 3 * pixel, weight + 3 * pixel, q[pixel])
        for i in 0..<3 {
            let vertex = Int(corner[i])
            values[vertex] = values[vertex].addingProduct(q, Vector(repeating: weight[i]))
        }
    }
}

extension PermutohedralLattice {
    func clear<Vector: ChannelVector>(_ values: UnsafeMutablePointer<Vector>) {
        values.update(repeating: .zero, count: vertexCount)
    }

    func plane<Vector: ChannelVector>(_ remainder: Int, of values: UnsafeMutablePointer<Vector>) -> CornerPlane<Vector> {
        CornerPlane(
            corner: corner.data + 3 * remainder * pixelCount, weight: weight.data + 3 * remainder * pixelCount, values: values)
    }

    /// Blurs along all axes.
    func blur<Vector: ChannelVector>(_ values: inout VertexValues<Vector>, pool: ThreadPool) {
        for axis in 0...dimension {
            blur(values.current.data, along: axis, into: values.next.data, pool: pool)
            values.swap()
        }
    }

    /// What the blurred `values` give to each pixel of a range, added to `base`.
    @inline(__always) func slice<Vector: ChannelVector>(
        _ values: UnsafePointer<Vector>, addedTo base: UnsafePointer<Vector>,
        into result: UnsafeMutablePointer<Vector>, pixels: Range<Int>
    ) {
        for triple in 0..<(dimension + 1) / 3 {
            let (allCorner, allWeight) = (corner.data + 3 * triple * pixelCount, weight.data + 3 * triple * pixelCount)
            let base = triple == 0 ? base : UnsafePointer(result)
            for pixel in pixels {
                let (corner, weight) = (allCorner + 3 * pixel, allWeight + 3 * pixel)
                var sum = base[pixel]
                for i in 0..<3 { sum.addProduct(values[Int(corner[i])], Vector(repeating: weight[i])) }
                result[pixel] = sum
            }
        }
    }

    /// v + (v_left + v_right) / 2 along one axis.
    private func blur<Vector: ChannelVector>(
        _ values: UnsafePointer<Vector>, along axis: Int, into result: UnsafeMutablePointer<Vector>, pool: ThreadPool
    ) {
        let neighbours = neighbours.data + axis * vertexCount
        let half = Vector(repeating: 0.5)
        let slabs = 1 + vertexCount / (dimension + 1) / verticesPerChunk
        pool.parallelFor(slabs * (dimension + 1)) { chunk in
            let (slab, remainder) = chunk.quotientAndRemainder(dividingBy: dimension + 1)
            let (first, count) = (firstVertex[remainder], firstVertex[remainder + 1] - firstVertex[remainder])
            for vertex in first + slab * count / slabs..<first + (slab + 1) * count / slabs {
                let (left, right) = (values[Int(neighbours[vertex].left)], values[Int(neighbours[vertex].right)])
                result[vertex] = values[vertex].addingProduct(left + right, half)
            }
        }
    }
}

private let verticesPerChunk = 1024
private let pixelsPerChunk = 1024
