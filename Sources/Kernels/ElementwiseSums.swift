package import TensorCore

/// `y += x`.
package func addTensor(_ x: Tensor, to y: Tensor, pool: ThreadPool) {
    precondition(x.shape == y.shape, "\(x.shape) added to \(y.shape)")
    switch y.type {
    case .float32: addEach(x.floats, to: y.floats, y.count, pool)
    case .bfloat16: addEach(x.bfloat16s, to: y.bfloat16s, y.count, pool)
    }
}

/// `y = max(y + x, 0)`; without `x`, `y = max(y, 0)`.
package func addWithReLU(_ x: Tensor?, to y: Tensor, pool: ThreadPool) {
    precondition(x.map { $0.shape == y.shape } ?? true, "\(x?.shape ?? y.shape) added to \(y.shape)")
    switch y.type {
    case .float32: addWithReLU(x?.floats, to: y.floats, y.count, pool)
    case .bfloat16: addWithReLU(x?.bfloat16s, to: y.bfloat16s, y.count, pool)
    }
}

/// `y += x` over `count` elements.
func addEach<From: Element, To: Element>(
    _ x: UnsafePointer<From>, to y: UnsafeMutablePointer<To>, _ count: Int, _ pool: ThreadPool
) {
    pool.parallelFor(count, by: elementsPerChunk) { range, _ in
        add(x + range.lowerBound, to: y + range.lowerBound, count: range.count)
    }
}

private func addWithReLU<E: Element>(
    _ x: UnsafeMutablePointer<E>?, to y: UnsafeMutablePointer<E>, _ count: Int, _ pool: ThreadPool
) {
    pool.parallelFor(count, by: elementsPerChunk) { range, _ in
        let (result, count) = (y + range.lowerBound, range.count)
        if let x {
            let term = x + range.lowerBound
            for i in 0..<count { result[i] = E(max(result[i].float + term[i].float, 0)) }
        } else {
            for i in 0..<count { result[i] = E(max(result[i].float, 0)) }
        }
    }
}
