import FileAccess
import TensorCore

/// The permutohedral lattice around the pixels of one image: the vertices that touch a pixel, and how they connect.
///
/// Vertices are numbered by remainder, then by ascending key. The neighbours of vertices that follow each other follow
/// each other too, so the blur walks through memory instead of jumping about in it.
struct PermutohedralLattice {
    /// Number of features d; a simplex has d+1 corners.
    let dimension: Int
    let pixelCount: Int
    /// The first vertex of each remainder; one more entry than remainders.
    let firstVertex: [Int]
    /// The corners of each pixel's simplex: for each remainder, one vertex a pixel.
    let corner: Buffer<Int32>
    /// Their barycentric weights, in the same order.
    let weight: Buffer<Float>
    /// The neighbours of every vertex: for each of the d+1 axes, one pair a vertex.
    let neighbours: Buffer<Neighbours>

    var vertexCount: Int { firstVertex[dimension + 1] }

    /// The lattice around the pixels that `features` describes.
    ///
    /// - Throws: `InputError` if the lattice is too fine for the size of the image.
    init(_ features: PixelFeatures, pool: ThreadPool, workspace: Workspace) throws(InputError) {
        var builder = LatticeBuilder(try Embedding(features), pool: pool, workspace: workspace)
        builder.embed()
        builder.numberVertices()
        dimension = features.dimension
        pixelCount = features.pixelCount
        firstVertex = builder.firstVertex
        (corner, weight) = (builder.corner, builder.weight)
        neighbours = builder.linkNeighbours()
    }
}

/// The two vertices next to a vertex along one axis; the number of vertices stands for a missing one.
struct Neighbours {
    var left: Int32
    var right: Int32
}

/// The steps of building a lattice, in order.
private struct LatticeBuilder {
    let embedding: Embedding
    let pool: ThreadPool
    let workspace: Workspace
    let pixelCount: Int
    /// d+1: corners of a simplex, remainders, and axes of the blur.
    let axes: Int
    /// For each remainder, first the key of each pixel's vertex, then the distinct keys in ascending order.
    let keys: Buffer<UInt64>
    let corner: Buffer<Int32>
    let weight: Buffer<Float>
    /// The first vertex of each remainder; one more entry than remainders.
    var firstVertex: [Int] = []

    init(_ embedding: Embedding, pool: ThreadPool, workspace: Workspace) {
        (self.embedding, self.pool, self.workspace) = (embedding, pool, workspace)
        pixelCount = embedding.features.pixelCount
        axes = embedding.features.dimension + 1
        corner = workspace.buffer(of: Int32.self, count: axes * pixelCount)
        weight = workspace.buffer(of: Float.self, count: axes * pixelCount)
        keys = workspace.buffer(of: UInt64.self, count: axes * pixelCount)
    }

    var vertexCount: Int { firstVertex[axes] }

    /// Finds every pixel's simplex.
    func embed() {
        let (keys, weight) = (keys.data, weight.data)
        pool.parallelFor(pixelCount, by: 4096) { pixels, _ in
            embedding.embed(pixels, keys: keys, weights: weight)
        }
    }

    /// Numbers the distinct vertices.
    mutating func numberVertices() {
        let (axes, pixelCount) = (axes, pixelCount)
        let a = workspace.buffer(of: KeyedIndex.self, count: pixelCount * axes)
        let b = workspace.buffer(of: KeyedIndex.self, count: pixelCount * axes)
        let ids = workspace.buffer(of: Int32.self, count: pixelCount * axes)
        let rank = workspace.buffer(of: Int32.self, count: pixelCount * axes)
        let table = workspace.buffer(of: Int32.self, count: 4 * pixelCount * axes)
        let counts = workspace.buffer(of: Int.self, count: axes)
        pool.parallelFor(axes) { remainder in
            let f = remainder * pixelCount
            let n = distinct(keys.data + f, ids.data + f, count: pixelCount, table: table.data + 4 * f)
            counts.data[remainder] = n
            sortKeys(keys.data + f, keyBits: embedding.packing.bits, count: n, scratch: KeySortScratch(first: a.data + f, second: b.data + f, rank: rank.data + f))
        }
        firstVertex = [0]
        for remainder in 0..<axes { firstVertex.append(firstVertex[remainder] + counts.data[remainder]) }
        let firstVertex = firstVertex
        pool.parallelFor(axes) { remainder in
            let f = remainder * pixelCount
            let (corner, ids, rank) = (corner.data + remainder / 3 * 3 * pixelCount + remainder % 3, ids.data + f, rank.data + f)
            let first = Int32(firstVertex[remainder])
            for pixel in 0..<pixelCount { corner[3 * pixel] = first &+ rank[Int(ids[pixel])] }
        }
    }

    /// Finds both neighbours of every vertex along every axis.
    ///
    /// `left` is the neighbour (1, ..., 1) - (d+1) e_axis away, which has the next remainder; of that vertex, this one
    /// is the `right`.
    func linkNeighbours() -> Buffer<Neighbours> {
        let neighbours = workspace.buffer(of: Neighbours.self, count: axes * vertexCount)
        pool.parallelFor(axes * axes) { task in
            let (axis, remainder) = task.quotientAndRemainder(dividingBy: axes)
            link(remainder, axis, neighbours.data + axis * vertexCount)
        }
        return neighbours
    }

    /// Merges the ascending keys of one remainder, moved to their neighbours', with those of the next remainder.
    private func link(_ remainder: Int, _ axis: Int, _ neighbours: UnsafeMutablePointer<Neighbours>) {
        let next = (remainder + 1) % axes
        let (own, others) = (vertices(remainder), vertices(next))
        let (ownKeys, otherKeys) = (keys.data + remainder * pixelCount, keys.data + next * pixelCount)
        let step = embedding.packing.step(from: remainder, along: axis)
        let none = Int32(vertexCount)
        for other in others { neighbours[other].right = none }
        var j = 0
        for i in 0..<own.count {
            let wanted = ownKeys[i] &+ step
            while j < others.count && otherKeys[j] < wanted { j += 1 }
            let (vertex, other) = (own.lowerBound + i, others.lowerBound + j)
            if j < others.count && otherKeys[j] == wanted {
                neighbours[vertex].left = Int32(other)
                neighbours[other].right = Int32(vertex)
            } else {
                neighbours[vertex].left = none
            }
        }
    }

    private func vertices(_ remainder: Int) -> Range<Int> {
        firstVertex[remainder]..<firstVertex[remainder + 1]
    }
}

/// Moves the distinct keys to the front in order of first occurrence, returns their number
func distinct(_ keys: UnsafeMutablePointer<UInt64>, _ ids: UnsafeMutablePointer<Int32>, count: Int, table: UnsafeMutablePointer<Int32>) -> Int {
    var bits = 12
    var found = 0
    table.update(repeating: -1, count: 1 << bits)
    for i in 0..<count {
        let key = keys[i]
        var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) &>> UInt64(64 - bits))
        while true {
            let id = table[slot]
            if id < 0 {
                table[slot] = Int32(truncatingIfNeeded: found)
                keys[found] = key
                ids[i] = Int32(truncatingIfNeeded: found)
                found += 1
                if 2 * found > 1 << bits {
                    bits += 1
                    rehash(keys, found, table, bits)
                }
                break
            }
            if keys[Int(id)] == key {
                ids[i] = id
                break
            }
            slot = (slot + 1) & (1 << bits - 1)
        }
    }
    return found
}

private func rehash(_ keys: UnsafePointer<UInt64>, _ count: Int, _ table: UnsafeMutablePointer<Int32>, _ bits: Int) {
    table.update(repeating: -1, count: 1 << bits)
    for i in 0..<count {
        var slot = Int(truncatingIfNeeded: (keys[i] &* 0x9E37_79B9_7F4A_7C15) &>> UInt64(64 - bits))
        while table[slot] >= 0 { slot = (slot + 1) & (1 << bits - 1) }
        table[slot] = Int32(truncatingIfNeeded: i)
    }
}
