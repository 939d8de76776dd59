import TensorCore

/// The steps of building a lattice, in order.
///
/// The remainders' vertices are disjoint, so each remainder is one thread's work.
struct LatticeBuilder {
    let corner: Buffer<Int32>
    let weight: Buffer<Float>
    /// The first vertex of each remainder; one more entry than remainders.
    private(set) var firstVertex: [Int] = []

    private let embedding: Embedding
    private let pool: ThreadPool
    private let workspace: Workspace
    private let pixelCount: Int
    /// d+1: corners of a simplex, remainders, and axes of the blur.
    private let axes: Int
    /// For each remainder, first the key of each pixel's vertex, then the distinct keys, then these ascending.
    private let keys: Buffer<UInt64>

    init(_ embedding: Embedding, pool: ThreadPool, workspace: Workspace) {
        (self.embedding, self.pool, self.workspace) = (embedding, pool, workspace)
        (pixelCount, axes) = (embedding.features.pixelCount, embedding.features.dimension + 1)
        corner = workspace.buffer(of: Int32.self, count: axes * pixelCount)
        weight = workspace.buffer(of: Float.self, count: axes * pixelCount)
        keys = workspace.buffer(of: UInt64.self, count: axes * pixelCount)
    }

    /// Finds every pixel's simplex.
    func embed() {
        pool.parallelFor(pixelCount, by: ChunkSize.embedding) { pixels, _ in
            embedding.embed(pixels, keys: keys.data, weights: weight.data)
        }
    }

    /// Numbers the distinct vertices by remainder and key, and looks up every pixel's corners.
    mutating func numberVertices() {
        let numbers = workspace.buffer(of: Int32.self, count: axes * pixelCount)
        firstVertex = countDistinct(numbers).reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        let places = sortDistinct()
        let (corner, numbersData, first) = (corner.data, numbers.data, firstVertex)
        pool.parallelFor(axes) { remainder in
            let target = corner + remainder / 3 * 3 * pixelCount + remainder % 3
            let (numbers, places) = (numbersData + remainder * pixelCount, places.data + first[remainder])
            let offset = Int32(first[remainder])
            for pixel in 0..<pixelCount { target[3 * pixel] = offset &+ places[Int(numbers[pixel])] }
        }
    }

    /// Numbers the distinct keys of each remainder as they come, and returns how many there are.
    private func countDistinct(_ numbers: Buffer<Int32>) -> [Int] {
        let slotCount = KeyTable.slotCount(for: pixelCount)
        let slots = workspace.buffer(of: Int32.self, count: slotCount * pool.threadCount)
        let counts = workspace.buffer(of: Int.self, count: axes)
        pool.parallelFor(axes) { remainder, thread in
            let keys = keys.data + remainder * pixelCount
            let numbers = numbers.data + remainder * pixelCount
            var table = KeyTable(slots: slots.data + thread * slotCount, distinct: keys)
            for pixel in 0..<pixelCount { numbers[pixel] = table.number(of: keys[pixel]) }
            counts.data[remainder] = table.count
        }
        return (0..<axes).map { counts.data[$0] }
    }

    /// Sorts the distinct keys of each remainder; returns the place that each came to among those of its remainder.
    private func sortDistinct() -> Buffer<Int32> {
        let places = workspace.buffer(of: Int32.self, count: vertexCount)
        let scratch = workspace.buffer(of: IndexedKey.self, count: 2 * vertexCount)
        pool.parallelFor(axes) { remainder in
            let vertices = vertices(remainder)
            sortKeys(
                keys.data + remainder * pixelCount, count: vertices.count, bits: embedding.packing.bits,
                places: places.data + vertices.lowerBound, scratch: scratch.data + 2 * vertices.lowerBound)
        }
        return places
    }

    /// Finds both neighbours of every vertex along every axis.
    func linkNeighbours() -> Buffer<Neighbours> {
        let neighbours = workspace.buffer(of: Neighbours.self, count: axes * vertexCount)
        pool.parallelFor(axes * axes) { task in
            let (axis, remainder) = task.quotientAndRemainder(dividingBy: axes)
            link(remainder, axis, neighbours.data + axis * vertexCount)
        }
        return neighbours
    }

    /// Links the vertices of one remainder with those of the next.
    ///
    /// A vertex's `left` is the neighbour (1, ..., 1) - (d+1) e_axis away, whose `right` it is. The keys of all `left`
    /// neighbours, ascending, are merged with those of the next remainder's vertices. Every step writes, even what a
    /// later one corrects, because a branch would cost more.
    private func link(_ remainder: Int, _ axis: Int, _ neighbours: UnsafeMutablePointer<Neighbours>) {
        let next = (remainder + 1) % axes
        let (own, others) = (vertices(remainder), vertices(next))
        let (ownKeys, otherKeys) = (keys.data + remainder * pixelCount, keys.data + next * pixelCount)
        let step = embedding.packing.step(from: remainder, along: axis)
        let none = Int32(vertexCount)
        var (i, j) = (0, 0)
        while i < own.count && j < others.count {
            let (wanted, key) = (ownKeys[i] &+ step, otherKeys[j])
            let (vertex, other) = (own.lowerBound + i, others.lowerBound + j)
            neighbours[vertex].left = wanted == key ? Int32(truncatingIfNeeded: other) : none
            neighbours[other].right = wanted == key ? Int32(truncatingIfNeeded: vertex) : none
            i += wanted <= key ? 1 : 0
            j += key <= wanted ? 1 : 0
        }
        for vertex in own.dropFirst(i) { neighbours[vertex].left = none }
        for other in others.dropFirst(j) { neighbours[other].right = none }
    }

    private var vertexCount: Int { firstVertex[axes] }

    private func vertices(_ remainder: Int) -> Range<Int> {
        firstVertex[remainder]..<firstVertex[remainder + 1]
    }
}
