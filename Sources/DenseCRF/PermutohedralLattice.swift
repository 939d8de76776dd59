import FileAccess
import TensorCore

/// The permutohedral lattice around the pixels of one image: the vertices that touch a pixel, and how they connect.
///
/// Vertices are numbered by remainder, then by ascending key. The neighbours of vertices that follow each other follow
/// each other too, so the blur walks through memory instead of jumping about in it.
struct PermutohedralLattice {
    /// Number of features d: 2 or 5. A simplex has d+1 corners, and the blur as many axes.
    let dimension: Int
    let pixelCount: Int
    /// The first vertex of each remainder; one more entry than remainders.
    let firstVertex: [Int]
    /// The corners of each pixel's simplex: for each triple of remainders, three vertices a pixel.
    let corner: Buffer<Int32>
    /// What a pixel gives to and takes from each of its corners, in the same order.
    let weight: Buffer<Float>
    /// The neighbours of every vertex: for each axis, one pair a vertex.
    let neighbours: Buffer<Neighbours>

    /// The lattice around the pixels that `features` describes, with barycentric weights.
    ///
    /// - Throws: `InputError` if the lattice is too fine for the size of the image.
    init(_ features: PixelFeatures, pool: ThreadPool, workspace: Workspace) throws(InputError) {
        var builder = LatticeBuilder(try Embedding(features), pool: pool, workspace: workspace)
        builder.embed()
        builder.numberVertices()
        (dimension, pixelCount) = (features.dimension, features.pixelCount)
        firstVertex = builder.firstVertex
        (corner, weight) = (builder.corner, builder.weight)
        neighbours = builder.linkNeighbours()
    }

    var vertexCount: Int { firstVertex[dimension + 1] }
    /// Triples of remainders: 1 or 2.
    var tripleCount: Int { (dimension + 1) / 3 }
}

/// The two vertices next to a vertex along one axis; the number of vertices stands for a missing one.
struct Neighbours {
    var left: Int32
    var right: Int32
}
