package import TensorCore

/// `y = x`, rounded to the type of `y` (to nearest, halfway to even; NaN stays NaN).
package func convert(_ x: Tensor, into y: Tensor, pool: ThreadPool) {
    precondition(x.shape == y.shape, "\(x.shape) converted to \(y.shape)")
    pool.parallelFor(x.count, by: elementsPerChunk) { range, _ in
        let (start, count) = (range.lowerBound, range.count)
        switch (x.type, y.type) {
        case (.float32, .float32): (y.floats + start).update(from: x.floats + start, count: count)
        case (.float32, .bfloat16): convert(x.floats + start, into: y.bfloat16s + start, count: count)
        case (.bfloat16, .float32): convert(x.bfloat16s + start, into: y.floats + start, count: count)
        case (.bfloat16, .bfloat16): (y.bfloat16s + start).update(from: x.bfloat16s + start, count: count)
        }
    }
}

/// `y = x` over `count` numbers, rounded to nearest, halfway to even; NaN stays NaN, and becomes quiet.
package func convert(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<BFloat16>, count: Int) {
    for i in 0..<count { y[i] = BFloat16(x[i]) }
}

/// `y = x` over `count` numbers, exactly.
package func convert(_ x: UnsafePointer<BFloat16>, into y: UnsafeMutablePointer<Float>, count: Int) {
    for i in 0..<count { y[i] = x[i].float }
}

/// `y += x` over `count` numbers, added up as float32.
package func add(_ x: UnsafePointer<BFloat16>, to y: UnsafeMutablePointer<Float>, count: Int) {
    for i in 0..<count { y[i] += x[i].float }
}
