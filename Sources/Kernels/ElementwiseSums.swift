package import TensorCore

/// `y += x`.
package func addTensor(_ x: Tensor, to y: Tensor, pool: ThreadPool) {
    precondition(x.shape == y.shape, "\(x.shape) added to \(y.shape)")
    pool.parallelFor(y.count, by: 1 << 16) { range, _ in
        add(x.data + range.lowerBound, to: y.data + range.lowerBound, count: range.count)
    }
}

/// `y = max(y + x, 0)`; without `x`, `y = max(y, 0)`.
package func addWithReLU(_ x: Tensor?, to y: Tensor, pool: ThreadPool) {
    precondition(x.map { $0.shape == y.shape } ?? true, "\(x?.shape ?? y.shape) added to \(y.shape)")
    pool.parallelFor(y.count, by: 1 << 16) { range, _ in
        let (result, count) = (y.data + range.lowerBound, range.count)
        if let x {
            let term = x.data + range.lowerBound
            for i in 0..<count { result[i] = max(result[i] + term[i], 0) }
        } else {
            for i in 0..<count { result[i] = max(result[i], 0) }
        }
    }
}

/// `dy = 0` where the ReLU's output `y` is 0, and the same into `copy`.
package func splitGradient(_ dy: Tensor, whereNotPositive y: Tensor, into copied: Tensor, pool: ThreadPool) {
    precondition(dy.shape == y.shape && dy.shape == copied.shape, "mask of \(y.shape) on \(dy.shape)")
    pool.parallelFor(dy.count, by: 1 << 16) { range, _ in
        let (part, start) = (dy.data + range.lowerBound, range.lowerBound)
        copy(part, wherePositive: y.data + start, to: part, count: range.count)
        (copied.data + start).update(from: part, count: range.count)
    }
}
