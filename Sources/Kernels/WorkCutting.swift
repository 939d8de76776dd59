import TensorCore

// How the kernels cut their work. Every cut follows from shapes alone unless it says otherwise, and what is summed is
// summed in the order of the cuts, so that the bits of a result do not depend on the number of threads.

extension Range<Int> {
    /// The range in as few parts as can be of at most `size`, of nearly equal length.
    func equalParts(ofAtMost size: Int) -> [Range<Int>] {
        let number = (count + size - 1) / size
        return (0..<number).map { lowerBound + $0 * count / number..<lowerBound + ($0 + 1) * count / number }
    }

    /// The range in blocks of `size`, the last of which is what remains.
    func blocks(of size: Int) -> [Range<Int>] {
        stride(from: lowerBound, to: upperBound, by: size).map { $0..<Swift.min($0 + size, upperBound) }
    }

    /// The range in parts that have sums of their own: about `number`, of at least `least` and at most `most`.
    func summationSlices(_ number: Int, atLeast least: Int, atMost most: Int = .max) -> [Range<Int>] {
        equalParts(ofAtMost: Swift.max(least, Swift.min((count + number - 1) / number, most)))
    }
}

/// Whether a weight gradient has one sum for each slice of the batch, which threads work on side by side, or one sum for
/// the whole batch, whose filters they divide among them: sums are kept apart while some of them fit a thread's cache.
enum WeightGradientSums {
    case inSlices, together

    /// The rule for filters (or what an algorithm makes of them) of so many floats; the limits were measured.
    init(filterFloats: Int, _ algorithm: ConvolutionAlgorithm) {
        let most =
            switch algorithm {
            case .patches: 32 << 10
            case .panels: 100 << 10
            case .winograd: 600 << 10
            }
        self = filterFloats <= most ? .inSlices : .together
    }
}

/// Pixels of `channels` floats that make a chunk of about 64 KB.
func pixelsPerChunk(_ channels: Int) -> Int { max(1, 16_384 / max(1, channels)) }

/// Elements of a chunk where a kernel looks at each of them alone.
let elementsPerChunk = 1 << 16

/// Calls `body` for every row of every image, spread over the threads; rows of few floats go together.
func forEachRow(of shape: Shape, _ pool: ThreadPool, _ body: (_ image: Int, _ row: Int) -> Void) {
    pool.parallelFor(shape.n * shape.h, by: max(1, 4096 / max(1, shape.w * shape.c))) { rows, _ in
        for row in rows { body(row / shape.h, row % shape.h) }
    }
}
