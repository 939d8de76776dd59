package import TensorCore

/// `dy = 0` where the ReLU's output `y` is 0.
package func maskGradient(_ dy: Tensor, whereNotPositive y: Tensor, _ pool: ThreadPool) {
    precondition(dy.shape == y.shape, "mask of \(y.shape) on \(dy.shape)")
    switch dy.type {
    case .float32: mask(dy.floats, where: y.floats, dy.count, pool)
    case .bfloat16: mask(dy.bfloat16s, where: y.bfloat16s, dy.count, pool)
    }
}

private func mask<E: Element>(
    _ dy: UnsafeMutablePointer<E>, where signs: UnsafeMutablePointer<E>, _ count: Int, _ pool: ThreadPool
) {
    pool.parallelFor(count, by: elementsPerChunk) { range, _ in
        let part = dy + range.lowerBound
        copy(part, wherePositive: signs + range.lowerBound, to: part, count: range.count)
    }
}

/// `dy = 0` where the ReLU's output `y` is 0, if there is one, and `dBias += dy` over all pixels, in one pass and a
/// fixed order.
func maskGradient(
    _ dy: Tensor, where y: Tensor?, addingTo dBias: UnsafeMutablePointer<Float>?, _ workspace: Workspace,
    _ pool: ThreadPool
) {
    guard let dBias else {
        if let y { maskGradient(dy, whereNotPositive: y, pool) }
        return
    }
    let partial = workspace.zeros(biasSums(of: dy.shape))
    switch dy.type {
    case .float32: maskAndSum(dy.floats, where: y?.floats, dy.shape, into: partial, pool)
    case .bfloat16: maskAndSum(dy.bfloat16s, where: y?.bfloat16s, dy.shape, into: partial, pool)
    }
    let channels = dy.shape.c
    for chunk in 0..<partial.shape.w { add(partial.floats + chunk * channels, to: dBias, count: channels) }
}

private func maskAndSum<E: Element>(
    _ rows: UnsafeMutablePointer<E>, where signs: UnsafeMutablePointer<E>?, _ shape: Shape, into partial: Tensor,
    _ pool: ThreadPool
) {
    let (channels, size, first) = (shape.c, pixelsPerSum(shape.c), partial.floats)
    pool.parallelFor(shape.pixels, by: size) { pixels, _ in
        let sums = first + pixels.lowerBound / size * channels
        for pixel in pixels {
            let row = rows + pixel * channels
            if let signs { copy(row, wherePositive: signs + pixel * channels, to: row, count: channels) }
            add(row, to: sums, count: channels)
        }
    }
}

/// The sums that `maskGradient` makes of a gradient `dy` and then adds up: a row for each chunk of pixels.
func biasSums(of dy: Shape) -> Shape {
    let size = pixelsPerSum(dy.c)
    return Shape(1, 1, (dy.pixels + size - 1) / size, dy.c)
}

private func pixelsPerSum(_ channels: Int) -> Int { 8 * pixelsPerChunk(channels) }
