package import TensorCore

/// `dy = 0` where the ReLU's output `y` is 0.
package func maskGradient(_ dy: Tensor, whereNotPositive y: Tensor, _ pool: ThreadPool) {
    precondition(dy.shape == y.shape, "mask of \(y.shape) on \(dy.shape)")
    pool.parallelFor(dy.count, by: elementsPerChunk) { range, _ in
        let part = dy.floats + range.lowerBound
        copy(part, wherePositive: y.floats + range.lowerBound, to: part, count: range.count)
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
    let channels = dy.shape.c
    let size = pixelsPerSum(channels)
    let partial = workspace.zeros(biasSums(of: dy.shape))
    // Pointers alone within the loop: a tensor would be retained for every pixel.
    let (rows, signs) = (dy.floats, y?.floats)
    pool.parallelFor(dy.shape.pixels, by: size) { pixels, _ in
        let sums = partial.floats + pixels.lowerBound / size * channels
        for pixel in pixels {
            let row = rows + pixel * channels
            if let signs { copy(row, wherePositive: signs + pixel * channels, to: row, count: channels) }
            add(row, to: sums, count: channels)
        }
    }
    for chunk in 0..<partial.shape.w { add(partial.floats + chunk * channels, to: dBias, count: channels) }
}

/// The sums that `maskGradient` makes of a gradient `dy` and then adds up: a row for each chunk of pixels.
func biasSums(of dy: Shape) -> Shape {
    let size = pixelsPerSum(dy.c)
    return Shape(1, 1, (dy.pixels + size - 1) / size, dy.c)
}

private func pixelsPerSum(_ channels: Int) -> Int { 8 * pixelsPerChunk(channels) }
