import CVectors
import TensorCore

extension TileConvolution {
    func addWeightGradient(
        _ x: Tensor, _ dy: Tensor, where y: Tensor?, to dWeight: UnsafeMutablePointer<Float>,
        _ dBias: UnsafeMutablePointer<Float>?, workspace: Workspace, pool: ThreadPool
    ) {
        maskGradient(dy, where: y, addingTo: dBias, workspace, pool)
        gradientPass.run(x, dy, to: dWeight, workspace, pool)
    }

    /// Floats that the gradient books at once.
    func weightGradientFloats(_ threads: Int) -> Int { gradientPass.scratchFloats(threads) }

    private var gradientPass: TileGradientPass {
        TileGradientPass(stream: stream, geometry: geometry, output: geometry.outputShape(input), products: products)
    }
}

/// `dWeight += dy^T x` for each tap, where positions are what is summed over: columns of the tiles of `dy`, turned round,
/// and rows of those of `x`, in pairs.
///
/// All threads lay out some rows of an image, then each adds to the sums of some filters.
private struct TileGradientPass {
    let stream: TileStream
    let geometry: ConvolutionGeometry
    let output: Shape
    let products: TileProducts

    /// Rows of the output that are laid out at once; of widely dilated filters so many that they are more than what is laid
    /// out beyond them.
    private var chunkRows: Int {
        let elementsOfRow = stream.pitch * (outputs + 3 * stream.planeCount * stream.channels)
        let rows = max(1, mostChunkElements / max(1, elementsOfRow), min(stream.extraRows, output.h))
        let chunks = (output.h + rows - 1) / rows
        return (output.h + chunks - 1) / chunks
    }

    /// The outputs in whole blocks.
    private var outputs: Int {
        (output.c + products.blockRows - 1) / products.blockRows * products.blockRows
    }

    /// The positions of a chunk in whole steps.
    private var positions: Int {
        (chunkRows * stream.pitch + TileProducts.step - 1) / TileProducts.step * TileProducts.step
    }

    /// Those of a plane of `x`, as far as any tap reads.
    private var planePositions: Int { stream.planePositions(chunkRows, beyond: stream.pitch + 2 * TileProducts.step) }

    private var pairs: Int { planePositions / 2 }

    /// Elements from sixteen channels' pairs to the next's.
    private var panelStride: Int { pairs * TileProducts.step }

    /// Elements of a plane's pairs that begin with an even position, or with an odd one.
    private var pairsCount: Int { stream.channels / PanelMatrix.width * panelStride }

    private var gradientMemory: Shape { Shape(1, 1, outputs, positions) }
    private var planesMemory: Shape { Shape(stream.planeCount, 1, planePositions, stream.channels) }
    private var pairsMemory: Shape { Shape(stream.planeCount, 2, 1, pairsCount) }
    private func blockMemory(_ threads: Int) -> Shape { Shape(threads, 1, 1, products.blockFloats) }

    func scratchFloats(_ threads: Int) -> Int {
        let halves = [gradientMemory, planesMemory, pairsMemory].reduce(0) { $0 + $1.floats(.bfloat16) }
        return halves + blockMemory(threads).count
    }

    func run(
        _ x: Tensor, _ dy: Tensor, to dWeight: UnsafeMutablePointer<Float>, _ workspace: Workspace, _ pool: ThreadPool
    ) {
        let gradient = workspace.zeros(gradientMemory, .bfloat16)
        let planes = workspace.zeros(planesMemory, .bfloat16)
        let pairs = workspace.tensor(pairsMemory, .bfloat16)
        let sums = workspace.tensor(blockMemory(pool.threadCount))
        let chunk = Chunk(
            pass: self, dy: gradient.bfloat16s, planes: planes.bfloat16s, pairs: pairs.bfloat16s, sums: sums.floats)
        let (source, gradients) = (x.bfloat16s, dy.bfloat16s)
        for image in 0..<output.n {
            for rows in (0..<output.h).blocks(of: max(1, chunkRows)) {
                chunk.layOut(
                    rows, source + image * x.shape.image.count, gradients + image * output.image.count, pool)
                chunk.multiply(rows, to: dWeight, pool)
            }
        }
        withExtendedLifetime((x, dy, gradient, planes, pairs, sums)) {}
    }

    /// Some rows of an image as tiles read them.
    private struct Chunk {
        let pass: TileGradientPass
        /// `[output][position]`; zeros where there is no pixel.
        let dy: UnsafeMutablePointer<BFloat16>
        /// `[plane][position][channel]`.
        let planes: UnsafeMutablePointer<BFloat16>
        /// `[plane][even or odd][sixteen channels][pair of positions][channel][2]`.
        let pairs: UnsafeMutablePointer<BFloat16>
        /// Of a block, for each thread.
        let sums: UnsafeMutablePointer<Float>

        private var stream: TileStream { pass.stream }
        private var products: TileProducts { pass.products }

        // MARK: - Laying out

        func layOut(
            _ rows: Range<Int>, _ image: UnsafePointer<BFloat16>, _ gradient: UnsafePointer<BFloat16>,
            _ pool: ThreadPool
        ) {
            let (plane, read) = (pass.planePositions * stream.channels, stream.rowsRead(rows.count))
            if rows.count < pass.chunkRows { clear(pool) }
            pool.parallelFor(stream.planeCount * read.count) { task in
                let (index, row) = task.quotientAndRemainder(dividingBy: read.count)
                stream.fill(index, row: read[row], from: rows.lowerBound, image, into: planes + index * plane)
            }
            pool.parallelFor(rows.count) { row in
                turn(gradient + (rows.lowerBound + row) * pass.output.w * pass.output.c, toPosition: row * stream.pitch)
            }
            let panels = stream.channels / PanelMatrix.width
            pool.parallelFor(stream.planeCount * 2 * panels) { task in
                let (index, panel) = task.quotientAndRemainder(dividingBy: panels)
                pair(plane: index / 2, startingWith: index % 2, panel)
            }
        }

        /// What a last chunk of fewer rows would leave of the one before.
        private func clear(_ pool: ThreadPool) {
            let (plane, positions) = (pass.planePositions * stream.channels, pass.positions)
            pool.parallelFor(stream.planeCount) { (planes + $0 * plane).update(repeating: .zero, count: plane) }
            pool.parallelFor(pass.outputs) { (dy + $0 * positions).update(repeating: .zero, count: positions) }
        }

        /// Writes the gradients of a row of pixels as columns.
        private func turn(_ row: UnsafePointer<BFloat16>, toPosition first: Int) {
            let (width, channels, stride) = (pass.output.w, pass.output.c, pass.positions)
            let side = PanelMatrix.width
            let (columns, rows) = (width - width % side, channels - channels % side)
            let source = UnsafeRawPointer(row).assumingMemoryBound(to: UInt16.self)
            let target = UnsafeMutableRawPointer(dy).assumingMemoryBound(to: UInt16.self) + first
            for v in Swift.stride(from: 0, to: columns, by: side) {
                for c in Swift.stride(from: 0, to: rows, by: side) {
                    bana_transpose_halves(source + v * channels + c, channels, target + c * stride + v, stride)
                }
                for c in rows..<channels {
                    for i in v..<v + side { target[c * stride + i] = source[i * channels + c] }
                }
            }
            for c in 0..<channels {
                for v in columns..<width { target[c * stride + v] = source[v * channels + c] }
            }
        }

        /// Writes the pairs of sixteen channels of a plane.
        private func pair(plane: Int, startingWith odd: Int, _ panel: Int) {
            let channels = stream.channels
            let source = planes + plane * pass.planePositions * channels + panel * PanelMatrix.width
            let target = pairs + (plane * 2 + odd) * pass.pairsCount + panel * pass.panelStride
            for index in 0..<pass.pairs {
                let first = 2 * index + odd
                // The last position has nobody after it, and is beyond what is read.
                let second = min(first + 1, pass.planePositions - 1)
                bana_interleave_halves(
                    source + first * channels, source + second * channels, target + index * TileProducts.step)
            }
        }

        // MARK: - Products

        /// Adds the sums over the chunk; each task has a block of some filters' elements to itself.
        func multiply(_ rows: Range<Int>, to dWeight: UnsafeMutablePointer<Float>, _ pool: ThreadPool) {
            let taps = stream.taps.filter { stream.sees($0, from: rows, 0..<stream.part.columns) }
            let steps = (rows.count * stream.pitch + TileProducts.step - 1) / TileProducts.step
            let (outputBlocks, inputBlocks) = (pass.outputs / products.blockRows, stream.steps)
            pool.parallelFor(outputBlocks * inputBlocks * taps.count) { task, thread in
                let (block, tap) = task.quotientAndRemainder(dividingBy: max(1, taps.count))
                let (output, input) = block.quotientAndRemainder(dividingBy: inputBlocks)
                products.withTiles {
                    multiply(
                        output * products.blockRows, input, taps[tap], steps, sums + thread * products.blockFloats,
                        to: dWeight)
                }
            }
        }

        private func multiply(
            _ output: Int, _ input: Int, _ tap: TilePart.Tap, _ steps: Int, _ sums: UnsafeMutablePointer<Float>,
            to dWeight: UnsafeMutablePointer<Float>
        ) {
            let place = stream.place(of: tap)
            let (pair, odd) = place.offset.quotientAndRemainder(dividingBy: 2)
            let a = dy + output * pass.positions
            let b =
                pairs + (place.plane * 2 + odd) * pass.pairsCount + 2 * input * pass.panelStride
                + pair * TileProducts.step
            let outputs = min(products.blockRows, pass.output.c - output)
            let target = FilterBlock(pass, output, input, tap, to: dWeight)
            for part in (0..<steps).blocks(of: stepsPerSum) {
                var factors = bana_tile_factors(
                    a + part.lowerBound * TileProducts.step, b + part.lowerBound * TileProducts.tile)
                products.multiply(
                    &factors, 1, steps: part.count, aStride: pass.positions, bStride: pass.panelStride,
                    rowTiles: outputs > products.rows ? 2 : 1, into: sums)
                for row in 0..<outputs {
                    add(
                        sums + row * TileProducts.columns, to: target.first + row * target.stride, count: target.count)
                }
            }
        }
    }

    /// Where the sums of a block belong.
    private struct FilterBlock {
        let first: UnsafeMutablePointer<Float>
        /// From filter to filter.
        let stride: Int
        let count: Int

        init(
            _ pass: TileGradientPass, _ output: Int, _ input: Int, _ tap: TilePart.Tap,
            to dWeight: UnsafeMutablePointer<Float>
        ) {
            let (geometry, channel) = (pass.geometry, input * TileProducts.columns)
            stride = geometry.filterCount
            let channels = pass.stream.gathersPatches ? geometry.filterCount : geometry.inputChannels
            count = min(TileProducts.columns, channels - channel)
            first = dWeight + output * stride + tap.number * geometry.inputChannels + channel
        }
    }
}

/// Elements of a chunk: 4 MB.
private let mostChunkElements = 2 << 20
/// Steps, of 32 positions, whose products are summed before they are added to the gradient.
private let stepsPerSum = 32
