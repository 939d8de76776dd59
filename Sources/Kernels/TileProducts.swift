import CVectors
import TensorCore

/// Products of bfloat16 with sums in float32, a block of two by two tiles at a time, as this processor computes them
/// fastest.
package struct TileProducts: @unchecked Sendable {
    private let kernels: UnsafePointer<bana_tile_kernels>

    /// What this processor can run, the fastest first; the last are portable text, in which the others are tested.
    package static let available: [TileProducts] = (0...).lazy.map { bana_tile_kernels_at(Int32($0)) }
        .prefix { $0 != nil }.compactMap { $0 }.map { TileProducts(kernels: $0) }

    /// Those of the chosen instructions; `nil` where the processor has none, and float32 is the faster way.
    package static let chosen = available.first { $0.isNative && $0.processor == Instructions.chosen }

    /// The instruction set they use.
    package var processor: String { String(cString: kernels.pointee.processor) }

    /// Whether the processor has instructions for them.
    package var isNative: Bool { kernels.pointee.is_native != 0 }

    /// Rows of a tile.
    var rows: Int { kernels.pointee.rows }

    /// Rows of a block.
    var blockRows: Int { 2 * rows }

    /// Columns of a block.
    static let columns = 32

    /// Elements of a row that a step multiplies.
    static let step = 32

    /// Elements of sixteen columns for one step, `[pair of rows][column][2]`.
    static let tile = Int(BANA_TILE_PAIRS)

    /// Floats in the sums of a block.
    var blockFloats: Int { blockRows * TileProducts.columns }

    /// Runs `body`, in which this thread may multiply.
    @inline(__always) func withTiles(_ body: () -> Void) {
        kernels.pointee.begin()
        body()
        kernels.pointee.end()
    }

    /// `c = ` the sum over all factors of `a b`, `[blockRows][32]`, or half as many rows.
    ///
    /// - Parameters:
    ///   - steps: of each pair of factors.
    ///   - aStride: elements from row to row.
    ///   - bStride: elements from the first sixteen columns to the others.
    @inline(__always) func multiply(
        _ factors: UnsafePointer<bana_tile_factors>, _ count: Int, steps: Int, aStride: Int, bStride: Int,
        rowTiles: Int, into c: UnsafeMutablePointer<Float>
    ) {
        kernels.pointee.multiply(factors, count, steps, aStride, bStride, Int32(rowTiles), c)
    }

    /// Floating-point operations a second that one thread can do at most: the best of some short runs.
    package func measuredPeak() -> Double {
        let turns = 20_000
        let a = [UInt16](repeating: 0, count: 16 * TileProducts.step)
        let b = [UInt16](repeating: 0, count: TileProducts.tile)
        var c = [Float](repeating: 0, count: blockFloats)
        let seconds = (0..<20).map { _ in
            let start = ContinuousClock.now
            withTiles { kernels.pointee.multiply_add(turns, a, b, &c) }
            let duration = start.duration(to: .now).components
            return Double(duration.seconds) + Double(duration.attoseconds) * 1e-18
        }
        return Double(turns * 8 * 16 * TileProducts.step * rows) / (seconds.min() ?? .infinity)
    }
}

extension bana_tile_factors {
    @inline(__always) init(_ a: UnsafePointer<BFloat16>, _ b: UnsafePointer<BFloat16>) {
        self.init(
            a: UnsafeRawPointer(a).assumingMemoryBound(to: UInt16.self),
            b: UnsafeRawPointer(b).assumingMemoryBound(to: UInt16.self))
    }
}
