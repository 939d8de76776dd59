import Kernels
package import TensorCore

/// The features resized to the image (bilinear, corners aligned), without ever being formed.
///
/// `F^(p) = sum of a_i(p) F_i` over four neighbouring cells, so that
/// - `w . F^(p) = sum of a_i(p) (w . F_i)`: products are formed at the features' size, then resized;
/// - `|F^(p)|^2 = sum of a_i a_k <F_i, F_k>`: needs each cell's inner products with its neighbours;
/// - the sum of F^ over a region is a sum of F, weighted by the transposed interpolation of the region's mask.
///
/// All three are exact, and take some hundred times less work and memory than F^ (1024 x 375 x 500 floats).
package struct UpsampledFeatures {
    /// `1 x h x w x D`.
    let features: Tensor
    let height: Int
    let width: Int
    /// |F^(p)|, at least 1e-12, for every pixel.
    package let norms: Tensor
    private let rows: AlignedAxis
    private let columns: AlignedAxis
    private let workspace: Workspace
    private let pool: ThreadPool

    /// Looks at features of shape `1 x h x w x D` as if they were of the given size.
    package init(_ features: Tensor, height: Int, width: Int, workspace: Workspace, pool: ThreadPool) {
        precondition(features.shape.n == 1, "features \(features.shape) of one image")
        (self.features, self.height, self.width) = (features, height, width)
        (self.workspace, self.pool) = (workspace, pool)
        rows = AlignedAxis(source: features.shape.h, target: height)
        columns = AlignedAxis(source: features.shape.w, target: width)
        norms = workspace.tensor(Shape(1, height, width, 1))
        let products = NeighbourProducts(features, workspace, pool)
        fillNorms(products)
    }

    /// `v . F^(p)` for `count` vectors of D floats: `1 x height x width x count`.
    package func products(with vectors: UnsafeMutablePointer<Float>, count: Int) -> Tensor {
        let channels = features.shape.c
        let coarse = workspace.tensor(features.shape.with(channels: count))
        multiply(
            Matrix(features.floats, stride: channels), Matrix(vectors, stride: channels, .transposed),
            into: Matrix(coarse.floats, stride: count), rows: features.shape.pixels, columns: count, inner: channels,
            on: pool)
        let fine = workspace.tensor(Shape(1, height, width, count))
        resizeBilinear(coarse, into: fine, pool: pool)
        return fine
    }

    /// `relu(cos(F^(p), v))` for `count` vectors.
    package func positiveCosines(with vectors: UnsafeMutablePointer<Float>, count: Int) -> Tensor {
        let channels = features.shape.c
        let unit = workspace.tensor(Shape(1, 1, count, channels))
        for vector in 0..<count {
            _ = normalize(vectors + vector * channels, count: channels, into: unit.floats + vector * channels)
        }
        let cosines = products(with: unit.floats, count: count)
        let (first, norms) = (cosines.floats, norms.floats)
        pool.parallelFor(height) { row in
            for pixel in row * width..<(row + 1) * width {
                let (values, norm) = (first + pixel * count, norms[pixel])
                for vector in 0..<count { values[vector] = max(values[vector] / norm, 0) }
            }
        }
        return cosines
    }

    /// Writes to `mean` the mean of F^ over the pixels where `isInside`; returns their number, and zeros for none.
    package func mean(into mean: UnsafeMutablePointer<Float>, where isInside: (_ pixel: Int) -> Bool) -> Int {
        let memory = workspace.zeros(Shape(1, features.shape.h, features.shape.w, 1))
        let shares = memory.floats
        var count = 0
        for row in 0..<height {
            for column in 0..<width where isInside(row * width + column) {
                forEachCorner(row, column) { cell, share in shares[cell] += share }
                count += 1
            }
        }
        let channels = features.shape.c
        mean.update(repeating: 0, count: channels)
        for cell in 0..<features.shape.pixels where shares[cell] != 0 {
            addScaled(
                features.floats + cell * channels, by: shares[cell] / Float(count), to: mean, count: channels)
        }
        return count
    }

    /// The cells a pixel is blended from, with their shares.
    @inline(__always) private func forEachCorner(_ row: Int, _ column: Int, _ body: (_ cell: Int, Float) -> Void) {
        let (top, left) = (Int(rows.lower[row]), Int(columns.lower[column]))
        let (bottom, right) = (min(top + 1, features.shape.h - 1), min(left + 1, features.shape.w - 1))
        let (down, along) = (rows.fraction[row], columns.fraction[column])
        body(top * features.shape.w + left, (1 - down) * (1 - along))
        body(top * features.shape.w + right, (1 - down) * along)
        body(bottom * features.shape.w + left, down * (1 - along))
        body(bottom * features.shape.w + right, down * along)
    }

    private func fillNorms(_ products: NeighbourProducts) {
        let norms = norms.floats
        pool.parallelFor(height) { row in
            for column in 0..<width {
                let cell = Int(rows.lower[row]) * features.shape.w + Int(columns.lower[column])
                let square = products.square(cell, down: rows.fraction[row], along: columns.fraction[column])
                norms[row * width + column] = max(max(square, 0).squareRoot(), shortestNorm)
            }
        }
    }
}

/// Inner products of each cell's features with its own and its neighbours'.
private struct NeighbourProducts {
    /// For each cell at the top left of a square: its own, right, down, to the lower right, and of the right one with
    /// the lower one.
    private let products: Tensor
    private let floats: UnsafeMutablePointer<Float>
    private let width: Int

    init(_ features: Tensor, _ workspace: Workspace, _ pool: ThreadPool) {
        let (shape, channels) = (features.shape, features.shape.c)
        let products = workspace.tensor(shape.with(channels: 5))
        pool.parallelFor(shape.h) { row in
            let below = min(row + 1, shape.h - 1)
            for column in 0..<shape.w {
                let right = min(column + 1, shape.w - 1)
                func vector(_ row: Int, _ column: Int) -> UnsafePointer<Float> {
                    UnsafePointer(features.floats + (row * shape.w + column) * channels)
                }
                let result = products.floats + (row * shape.w + column) * 5
                result[0] = dot(vector(row, column), vector(row, column), count: channels)
                result[1] = dot(vector(row, column), vector(row, right), count: channels)
                result[2] = dot(vector(row, column), vector(below, column), count: channels)
                result[3] = dot(vector(row, column), vector(below, right), count: channels)
                result[4] = dot(vector(row, right), vector(below, column), count: channels)
            }
        }
        self.products = products
        floats = products.floats
        width = shape.w
    }

    /// |F^|^2 at a place `down` and `along` between a cell and the next.
    func square(_ cell: Int, down: Float, along: Float) -> Float {
        let isLastColumn = cell % width == width - 1
        let isLastRow = cell / width == products.shape.h - 1
        let right = isLastColumn ? cell : cell + 1
        let below = isLastRow ? cell : cell + width
        let lowerRight = isLastColumn ? below : below + 1
        func own(_ cell: Int) -> Float { floats[cell * 5] }
        func with(_ neighbour: Int, of cell: Int) -> Float { floats[cell * 5 + neighbour] }
        let (a, b) = ((1 - down) * (1 - along), (1 - down) * along)
        let (c, d) = (down * (1 - along), down * along)
        let squares = a * a * own(cell) + b * b * own(right) + c * c * own(below) + d * d * own(lowerRight)
        let sides =
            a * b * with(1, of: cell) + a * c * with(2, of: cell) + b * d * with(2, of: right)
            + c * d * with(1, of: below)
        return squares + 2 * (sides + a * d * with(3, of: cell) + b * c * with(4, of: cell))
    }
}
