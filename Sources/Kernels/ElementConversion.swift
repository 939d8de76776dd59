package import TensorCore

/// `y = x`, rounded to the type of `y` (to nearest, halfway to even; NaN stays NaN).
package func convert(_ x: Tensor, into y: Tensor, pool: ThreadPool) {
    precondition(x.shape == y.shape, "\(x.shape) converted to \(y.shape)")
    switch (x.type, y.type) {
    case (.float32, .float32): convertEach(x.floats, into: y.floats, x.count, pool) { $0 }
    case (.float32, .bfloat16): convertEach(x.floats, into: y.bfloat16s, x.count, pool) { BFloat16($0) }
    case (.bfloat16, .float32): convertEach(x.bfloat16s, into: y.floats, x.count, pool) { $0.float }
    case (.bfloat16, .bfloat16): convertEach(x.bfloat16s, into: y.bfloat16s, x.count, pool) { $0 }
    }
}

@inline(__always) private func convertEach<From, To>(
    _ x: UnsafePointer<From>, into y: UnsafeMutablePointer<To>, _ count: Int, _ pool: ThreadPool,
    _ convert: (From) -> To
) {
    pool.parallelFor(count, by: elementsPerChunk) { range, _ in
        for i in range { y[i] = convert(x[i]) }
    }
}
