import TensorCore

/// The order in which the pixels of an image are worked on: tile by tile, and row by row within a tile.
///
/// Pixels of a tile share most of their lattice vertices, which then stay in the cache.
struct PixelOrder {
    /// A pixel's place in the image.
    struct Place {
        var x: Int32
        var y: Int32
    }

    let width: Int
    let height: Int
    let places: Buffer<Place>
    var count: Int { width * height }

    init(width: Int, height: Int, workspace: Workspace) {
        (self.width, self.height) = (width, height)
        places = workspace.buffer(of: Place.self, count: width * height)
        var next = places.data
        for top in stride(from: 0, to: height, by: PixelOrder.tile) {
            for left in stride(from: 0, to: width, by: PixelOrder.tile) {
                for y in top..<min(height, top + PixelOrder.tile) {
                    for x in left..<min(width, left + PixelOrder.tile) {
                        next.pointee = Place(x: Int32(x), y: Int32(y))
                        next += 1
                    }
                }
            }
        }
    }

    /// Where the pixel at `position` lies when pixels are counted row by row.
    @inline(__always) func rowMajor(_ position: Int) -> Int {
        Int(places.data[position].y) * width + Int(places.data[position].x)
    }

    /// Pixels along a tile's side.
    private static let tile = 32
}
