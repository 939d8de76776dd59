internal import TensorCore

/// A convolution as a matrix product for each tap of its filter, over those pixels alone where the tap sees the image.
///
/// Where the filter reaches far over the edges most taps see mostly padding: with dilation 24 on 41 pixels, 63 % of a
/// plain convolution's multiplications are by zeros, which are left out here.
struct TapConvolution: ConvolutionMethod {
    let geometry: ConvolutionGeometry
    let shape: Shape

    /// The convolution of images with the pixels of `shape`.
    init(_ geometry: ConvolutionGeometry, _ shape: Shape) {
        precondition(ConvolutionAlgorithm.taps.fits(geometry), "\(geometry) is not for taps")
        (self.geometry, self.shape) = (geometry, shape)
    }

    func forward(
        _ x: Tensor, weight: UnsafeMutablePointer<Float>, epilogue: ConvolutionEpilogue, into y: Tensor,
        workspace: Workspace, pool: ThreadPool
    ) {
        let products = TapProducts(source: x, target: y, workspace, pool)
        for tap in taps {
            products.add(
                Matrix(weight + tap.index * geometry.inputs, stride: geometry.filterCount, .transposed),
                from: tap.seen, to: tap.seeing)
        }
        guard epilogue.bias != nil || epilogue.relu else { return }
        pool.parallelFor(y.shape.pixels, by: pixelsPerChunk(y.shape.c)) { pixels, _ in
            for pixel in pixels {
                let result = y.data + pixel * y.shape.c
                epilogue.apply(result, to: result, count: y.shape.c)
            }
        }
    }

    func inputGradient(
        _ dy: Tensor, weight: UnsafeMutablePointer<Float>, into dx: Tensor, workspace: Workspace, pool: ThreadPool
    ) {
        let products = TapProducts(source: dy, target: dx, workspace, pool)
        for tap in taps {
            products.add(
                Matrix(weight + tap.index * geometry.inputs, stride: geometry.filterCount), from: tap.seeing,
                to: tap.seen)
        }
    }

    func addWeightGradient(
        _ x: Tensor, _ dy: Tensor, where y: Tensor?, to dWeight: UnsafeMutablePointer<Float>,
        _ dBias: UnsafeMutablePointer<Float>?, workspace: Workspace, pool: ThreadPool
    ) {
        maskGradient(dy, where: y, addingTo: dBias, workspace, pool)
        let (xRows, dyRows) = (PixelRows(x, workspace, pool), PixelRows(dy, workspace, pool))
        for tap in taps {
            multiply(
                Matrix(dyRows.gather(tap.seeing), stride: dy.shape.c, .transposed),
                Matrix(xRows.gather(tap.seen), stride: x.shape.c),
                into: Matrix(dWeight + tap.index * geometry.inputs, stride: geometry.filterCount),
                rows: geometry.outputs, columns: geometry.inputs, inner: x.shape.n * tap.seen.count, accumulate: true,
                on: pool)
        }
    }

    /// Multiplications for each pair of channels and image.
    var multiplications: Int { taps.reduce(0) { $0 + $1.seen.count } }

    // MARK: - Taps

    /// A tap of the filter, the pixels of the output that see the image through it, and what they see.
    private struct Tap {
        let index: Int
        let seeing: PixelRectangle
        let seen: PixelRectangle
    }

    /// All taps that see something; the middle one, which sees all, comes first.
    private var taps: [Tap] {
        let middle = geometry.kernel / 2
        let all = (0..<geometry.kernel * geometry.kernel).compactMap { index -> Tap? in
            let down = (index / geometry.kernel - middle) * geometry.dilation
            let along = (index % geometry.kernel - middle) * geometry.dilation
            guard abs(down) < shape.h && abs(along) < shape.w else { return nil }
            let seeing = PixelRectangle(
                rows: max(0, -down)..<min(shape.h, shape.h - down),
                columns: max(0, -along)..<min(shape.w, shape.w - along))
            return Tap(index: index, seeing: seeing, seen: seeing.moved(down: down, along: along))
        }
        let first = middle * geometry.kernel + middle
        return all.filter { $0.index == first } + all.filter { $0.index != first }
    }
}

/// Some rows and columns of every image of a batch.
private struct PixelRectangle {
    let rows: Range<Int>
    let columns: Range<Int>

    /// Pixels of one image.
    var count: Int { rows.count * columns.count }

    func moved(down: Int, along: Int) -> PixelRectangle {
        PixelRectangle(
            rows: rows.lowerBound + down..<rows.upperBound + down,
            columns: columns.lowerBound + along..<columns.upperBound + along)
    }

    /// Whether it is the whole of every image.
    func isAll(of shape: Shape) -> Bool { count == shape.h * shape.w }

    /// The first pixel of the `index`-th row, counted over all images.
    func start(ofRow index: Int, in shape: Shape) -> Int {
        let (image, row) = index.quotientAndRemainder(dividingBy: rows.count)
        return (image * shape.h + rows.lowerBound + row) * shape.w + columns.lowerBound
    }
}

/// The pixels of rectangles as the rows of a matrix.
private struct PixelRows {
    private let source: Tensor
    private let memory: Tensor
    private let pool: ThreadPool

    init(_ source: Tensor, _ workspace: Workspace, _ pool: ThreadPool) {
        (self.source, self.pool) = (source, pool)
        memory = workspace.tensor(source.shape)
    }

    /// A rectangle of every image, where it lies if that is everything, otherwise in a copy that holds until the next.
    func gather(_ rectangle: PixelRectangle) -> UnsafeMutablePointer<Float> {
        let shape = source.shape
        guard !rectangle.isAll(of: shape) else { return source.data }
        let width = rectangle.columns.count * shape.c
        pool.parallelFor(shape.n * rectangle.rows.count) { row in
            let first = source.data + rectangle.start(ofRow: row, in: shape) * shape.c
            (memory.data + row * width).update(from: first, count: width)
        }
        return memory.data
    }
}

/// Products of rectangles of one image with matrices, added to rectangles of another.
private struct TapProducts {
    private let rows: PixelRows
    private let target: Tensor
    private let products: Tensor
    private let inner: Int
    private let pool: ThreadPool

    init(source: Tensor, target: Tensor, _ workspace: Workspace, _ pool: ThreadPool) {
        (self.target, self.pool, inner) = (target, pool, source.shape.c)
        rows = PixelRows(source, workspace, pool)
        products = workspace.tensor(target.shape)
    }

    /// Sets the target, where the rectangle is all of it, or adds to a part of it.
    func add(_ matrix: Matrix, from seen: PixelRectangle, to seeing: PixelRectangle) {
        let shape = target.shape
        let isAll = seeing.isAll(of: shape)
        let result = isAll ? target.data : products.data
        multiply(
            Matrix(rows.gather(seen), stride: inner), matrix, into: Matrix(result, stride: shape.c),
            rows: shape.n * seeing.count, columns: shape.c, inner: inner, on: pool)
        guard !isAll else { return }
        let width = seeing.columns.count * shape.c
        pool.parallelFor(shape.n * seeing.rows.count) { row in
            let first = target.data + seeing.start(ofRow: row, in: shape) * shape.c
            Kernels.add(products.data + row * width, to: first, count: width)
        }
    }
}
