import CVectors
import TensorCore

/// A convolution of bfloat16 as sums of products of tiles, tap by tap, straight from the pixels: no patches, no transforms.
///
/// Positions are the rows of a tile and the channels that are read its columns; what the filters make of a block of
/// positions is finished while it is in cache.
struct TileConvolution: ConvolutionMethod {
    let geometry: ConvolutionGeometry
    let input: Shape
    let products: TileProducts
    private let forwardPass: TilePass
    private let backwardPasses: [TilePass]

    init(_ geometry: ConvolutionGeometry, _ input: Shape, _ products: TileProducts) {
        (self.geometry, self.input, self.products) = (geometry, input, products)
        let output = geometry.outputShape(input)
        func passes(_ source: Shape, _ target: Shape, _ direction: TilePart.Direction) -> [TilePass] {
            TilePart.all(geometry, input, direction).map {
                TilePass(TileStream($0, of: source), to: target, geometry, direction, products)
            }
        }
        forwardPass = passes(input, output, .forward)[0]
        backwardPasses = passes(output, input, .backward)
    }

    /// What the filters see of the input.
    var stream: TileStream { forwardPass.stream }

    func scratchFloats(_ pass: ConvolutionPass, threads: Int) -> Int {
        switch pass {
        case .forward: forwardPass.scratchFloats(threads)
        case .inputGradient: backwardPasses.map { $0.scratchFloats(threads) }.max() ?? 0
        case .weightGradient: weightGradientFloats(threads)
        }
    }

    func forward(
        _ x: Tensor, _ filters: ConvolutionFilters, epilogue: ConvolutionEpilogue, into y: Tensor,
        workspace: Workspace, pool: ThreadPool
    ) {
        let tiles = filters.prepared(.tiles, count: forwardPass.filters.count, as: .bfloat16, workspace) {
            forwardPass.filters.write(filters.weight, to: $0.bfloat16s, pool)
        }
        forwardPass.run(x, tiles, epilogue, into: y, workspace, pool)
    }

    func inputGradient(
        _ dy: Tensor, _ filters: ConvolutionFilters, into dx: Tensor, accumulate: Bool, workspace: Workspace,
        pool: ThreadPool
    ) {
        for pass in backwardPasses {
            let tiles = workspace.tensor(pass.filters.shape, .bfloat16)
            pass.filters.write(filters.weight, to: tiles.bfloat16s, pool)
            pass.run(dy, tiles, .gradient(accumulate: accumulate), into: dx, workspace, pool)
        }
    }
}

extension TileFilters {
    fileprivate var shape: Shape { Shape(1, 1, 1, count) }
}

/// The products of one part of a target, band of rows by band of rows.
private struct TilePass {
    let stream: TileStream
    let filters: TileFilters
    private let target: Shape
    private let products: TileProducts
    /// Rows of the target in a band.
    private let bandRows: Int
    private let taps: [Tap]

    /// A tap, and where it reads.
    private struct Tap {
        let tap: TilePart.Tap
        /// Elements of a thread's memory from a position to what the tap sees from there.
        let source: Int
        /// Elements from the filters of a block to those of the tap.
        let filters: Int
    }

    init(
        _ stream: TileStream, to target: Shape, _ geometry: ConvolutionGeometry, _ direction: TilePart.Direction,
        _ products: TileProducts
    ) {
        (self.stream, self.target, self.products) = (stream, target, products)
        let filters = TileFilters(geometry, direction, for: stream)
        let rows = stream.isSource ? 0 : TilePass.bandRows(stream, images: target.n)
        let plane = stream.planePositions(rows, beyond: products.blockRows)
        taps = stream.taps.map { tap in
            let place = stream.place(of: tap)
            return Tap(
                tap: tap, source: (place.plane * plane + place.offset) * stream.channels,
                filters: filters.offset(block: 0, tap: tap.number))
        }
        (self.filters, bandRows) = (filters, rows)
    }

    /// As many rows as fit half of a core's second cache, and as give threads enough to share.
    private static func bandRows(_ stream: TileStream, images: Int) -> Int {
        let rows = stream.part.rows
        let elementsOfRow = max(1, stream.pitch * stream.channels * stream.planeCount)
        let fitting = mostBandElements / elementsOfRow - stream.extraRows
        let shared = (rows * max(1, images) + leastTasks - 1) / leastTasks
        let most = max(min(leastBandRows, rows), min(fitting, shared))
        guard most < rows else { return rows }
        let bands = (rows + most - 1) / most
        return (rows + bands - 1) / bands
    }

    func scratchFloats(_ threads: Int) -> Int {
        filters.shape.floats(.bfloat16) + bandMemory(threads).floats(.bfloat16) + blockMemory(threads).count
    }

    /// The source of a band, for each thread; where the source is read as it lies, that of a block that is not full.
    private func bandMemory(_ threads: Int) -> Shape {
        let positions =
            stream.isSource
            ? products.blockRows
            : stream.planeCount * stream.planePositions(bandRows, beyond: products.blockRows)
        return Shape(threads, 1, positions, stream.channels)
    }

    /// The sums of a block, for each thread.
    private func blockMemory(_ threads: Int) -> Shape { Shape(threads, 1, 1, products.blockFloats) }

    func run(
        _ source: Tensor, _ tiles: Tensor, _ epilogue: ConvolutionEpilogue, into target: Tensor,
        _ workspace: Workspace, _ pool: ThreadPool
    ) {
        let (bands, blocks) = (
            workspace.tensor(bandMemory(pool.threadCount), .bfloat16), workspace.tensor(blockMemory(pool.threadCount))
        )
        let images = target.shape.n
        let output = TileOutput(target: target.bfloat16s, channels: target.shape.c, epilogue: epilogue)
        let (pixels, filters) = (source.bfloat16s, tiles.bfloat16s)
        let (band, block) = (bands.bfloat16s, blocks.floats)
        let (bandCount, blockCount) = (bands.shape.image.count, blocks.shape.image.count)
        if stream.isSource {
            let pieces = (0..<source.shape.pixels).blocks(of: pixelsPerPiece)
            pool.parallelFor(pieces.count) { piece, thread in
                products.withTiles {
                    multiply(
                        pieces[piece], pixels, filters, output, band + thread * bandCount, block + thread * blockCount)
                }
            }
        } else {
            let parts = (0..<stream.part.rows).blocks(of: max(1, bandRows))
            pool.parallelFor(images * parts.count) { task, thread in
                let (image, rows) = (task / parts.count, parts[task % parts.count])
                products.withTiles {
                    multiply(
                        rows, of: image, pixels + image * stream.source.image.count, filters, output,
                        band + thread * bandCount, block + thread * blockCount)
                }
            }
        }
        withExtendedLifetime((bands, blocks, tiles, source, target)) {}
    }

    // MARK: - Where the source is a stream

    private var pixelsPerPiece: Int {
        let fitting = mostBandElements / max(1, stream.channels)
        return max(1, fitting / products.blockRows) * products.blockRows
    }

    private func multiply(
        _ pixels: Range<Int>, _ source: UnsafePointer<BFloat16>, _ tiles: UnsafePointer<BFloat16>, _ output: TileOutput,
        _ rest: UnsafeMutablePointer<BFloat16>, _ sums: UnsafeMutablePointer<Float>
    ) {
        let channels = stream.channels
        for column in 0..<filters.blocks {
            for first in stride(from: pixels.lowerBound, to: pixels.upperBound, by: products.blockRows) {
                let count = min(products.blockRows, pixels.upperBound - first)
                var rows = source + first * channels
                if count % products.rows != 0 {
                    // Beyond the last pixel there may be no memory.
                    rest.update(from: rows, count: count * channels)
                    rows = UnsafePointer(rest)
                }
                var factors = bana_tile_factors(rows, tiles + filters.offset(block: column, tap: 0))
                products.multiply(
                    &factors, 1, steps: stream.steps, aStride: channels, bStride: filters.panelStride,
                    rowTiles: count > products.rows ? 2 : 1, into: sums)
                for row in 0..<count {
                    output.finish(sums + row * TileProducts.columns, pixel: first + row, block: column)
                }
            }
        }
    }

    // MARK: - Bands

    private func multiply(
        _ rows: Range<Int>, of image: Int, _ source: UnsafePointer<BFloat16>, _ tiles: UnsafePointer<BFloat16>,
        _ output: TileOutput, _ band: UnsafeMutablePointer<BFloat16>, _ sums: UnsafeMutablePointer<Float>
    ) {
        let plane = stream.planePositions(bandRows, beyond: products.blockRows) * stream.channels
        for row in stream.rowsRead(rows.count) {
            for index in 0..<stream.planeCount {
                stream.fill(index, row: row, from: rows.lowerBound, source, into: band + index * plane)
            }
        }
        let blocks = blocks(rows.count)
        let firstPixel = image * target.h * target.w
        var factors = [bana_tile_factors](repeating: bana_tile_factors(band, tiles), count: taps.count)
        for column in 0..<filters.blocks {
            for block in blocks {
                let count = choose(block, rows, column, band, tiles, &factors)
                products.multiply(
                    factors, count, steps: stream.steps, aStride: stream.channels, bStride: filters.panelStride,
                    rowTiles: block.count > products.rows ? 2 : 1, into: sums)
                var (u, v) = block.first.quotientAndRemainder(dividingBy: stream.pitch)
                for row in 0..<block.count {
                    if v < stream.part.columns {
                        let pixel = firstPixel + stream.part.pixel(rows.lowerBound + u, v, in: target)
                        output.finish(sums + row * TileProducts.columns, pixel: pixel, block: column)
                    }
                    v += 1
                    if v == stream.pitch { (u, v) = (u + 1, 0) }
                }
            }
        }
    }

    /// The positions of some rows in blocks: one stream, or row by row where the padding between rows is wider than the
    /// last tile of a row is short.
    private func blocks(_ rows: Int) -> [TileBlock] {
        let columns = stream.part.columns
        let tiles = (columns + products.rows - 1) / products.rows
        if tiles * products.rows < stream.pitch {
            return (0..<rows).flatMap { row in
                (row * stream.pitch..<row * stream.pitch + columns).blocks(of: products.blockRows)
            }.map { TileBlock(first: $0.lowerBound, count: $0.count) }
        }
        let last = rows * stream.pitch - (stream.pitch - columns)
        return (0..<last).blocks(of: products.blockRows).map { TileBlock(first: $0.lowerBound, count: $0.count) }
    }

    /// The factors of those taps that see anything from a block; returns how many.
    private func choose(
        _ block: TileBlock, _ rows: Range<Int>, _ column: Int, _ band: UnsafePointer<BFloat16>,
        _ tiles: UnsafePointer<BFloat16>, _ factors: inout [bana_tile_factors]
    ) -> Int {
        let (pitch, last) = (stream.pitch, block.first + block.count - 1)
        let seen = rows.lowerBound + block.first / pitch..<rows.lowerBound + last / pitch + 1
        let columns = seen.count == 1 ? block.first % pitch..<last % pitch + 1 : 0..<stream.part.columns
        let start = band + block.first * stream.channels
        let filter = tiles + filters.offset(block: column, tap: 0)
        var count = 0
        for tap in taps where stream.sees(tap.tap, from: seen, columns) {
            factors[count] = bana_tile_factors(start + tap.source, filter + tap.filters)
            count += 1
        }
        return count
    }
}

/// Where the sums of positions go, and what is done to them on the way.
private struct TileOutput {
    let target: UnsafeMutablePointer<BFloat16>
    let channels: Int
    let epilogue: ConvolutionEpilogue

    /// Finishes a pixel's sums of a block of columns.
    @inline(__always) func finish(_ sums: UnsafePointer<Float>, pixel: Int, block: Int) {
        let first = block * TileProducts.columns
        let count = min(TileProducts.columns, channels - first)
        let result = target + pixel * channels + first
        let bias = epilogue.bias.map { $0 + first }
        let (end, zero) = (count - count % Vector.count, Vector(repeating: 0))
        for c in stride(from: 0, to: end, by: Vector.count) {
            var value = sums.vector(c)
            if epilogue.accumulates { value = value + result.vector(c) }
            if let bias { value = value + bias.vector(c) }
            if epilogue.relu { value = Vector.max(zero, value) }
            result.store(value, at: c)
        }
        for c in end..<count {
            var value = sums[c]
            if epilogue.accumulates { value += result[c].float }
            if let bias { value += bias[c] }
            if epilogue.relu { value = value < 0 ? 0 : value }
            result[c] = BFloat16(value)
        }
    }
}

/// Elements of a band: 512 KB, a quarter of the second cache of processors with tiles.
private let mostBandElements = 256 << 10
/// Bands that a batch gives at least, where it has so many rows.
private let leastTasks = 8
/// Rows of a band at least: those that taps see beyond it are laid out for every band anew.
private let leastBandRows = 8
