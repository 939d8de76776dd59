package import TensorCore

/// `y += x`.
package func addTensor(_ x: Tensor, to y: Tensor, pool: ThreadPool) {
    precondition(x.shape == y.shape, "\(x.shape) added to \(y.shape)")
    pool.parallelFor(y.count, by: elementsPerChunk) { range, _ in
        add(x.floats + range.lowerBound, to: y.floats + range.lowerBound, count: range.count)
    }
}

/// `y = max(y + x, 0)`; without `x`, `y = max(y, 0)`.
package func addWithReLU(_ x: Tensor?, to y: Tensor, pool: ThreadPool) {
    precondition(x.map { $0.shape == y.shape } ?? true, "\(x?.shape ?? y.shape) added to \(y.shape)")
    pool.parallelFor(y.count, by: elementsPerChunk) { range, _ in
        let (result, count) = (y.floats + range.lowerBound, range.count)
        if let x {
            let term = x.floats + range.lowerBound
            for i in 0..<count { result[i] = max(result[i] + term[i], 0) }
        } else {
            for i in 0..<count { result[i] = max(result[i], 0) }
        }
    }
}
