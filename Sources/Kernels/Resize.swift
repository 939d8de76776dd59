package import TensorCore

/// Where the samples of a bilinear resize lie along one axis, corners on corners (PyTorch's align_corners = true).
///
/// Target position `t` lies at `t * (source - 1) / (target - 1)`, between `lower[t]` and the next position.
package struct AlignedAxis: Sendable {
    /// The source position at or before each target position.
    package let lower: [Int32]
    /// The share of the position after it.
    package let fraction: [Float]
    package let sourceCount: Int
    /// The first target position whose `lower` is at least a source position; one more entry than sources.
    let firstTarget: [Int]

    package init(source: Int, target: Int) {
        precondition(source > 0 && target > 0, "resize of \(source) to \(target)")
        let step = target > 1 ? Float(source - 1) / Float(target - 1) : 0
        let positions = (0..<target).map { Float($0) * step }
        let lower = positions.map { min(Int32($0), Int32(source - 1)) }
        self.lower = lower
        fraction = zip(positions, lower).map { $0 - Float($1) }
        sourceCount = source
        firstTarget = (0...source).map { wanted in lower.firstIndex { $0 >= wanted } ?? target }
    }

    /// The position after `lower[target]`, which at the end is itself.
    @inline(__always) func upper(_ lower: Int) -> Int { min(lower + 1, sourceCount - 1) }
}

/// `y = ` the images of `x` at the size of `y`, bilinear with aligned corners.
package func resizeBilinear(_ x: Tensor, into y: Tensor, pool: ThreadPool) {
    precondition(x.shape.n == y.shape.n && x.shape.c == y.shape.c, "resize of \(x.shape) into \(y.shape)")
    let rows = AlignedAxis(source: x.shape.h, target: y.shape.h)
    let columns = AlignedAxis(source: x.shape.w, target: y.shape.w)
    forEachRow(of: y.shape, pool) { image, row in
        let top = Int(rows.lower[row])
        let source = x.floats + image * x.shape.image.count
        interpolateRow(
            source + top * x.shape.w * x.shape.c, source + rows.upper(top) * x.shape.w * x.shape.c,
            rows.fraction[row], columns, into: y.floats + (image * y.shape.h + row) * y.shape.w * y.shape.c,
            channels: x.shape.c)
    }
}

/// The gradient of `resizeBilinear`'s input: every pixel gathers from the pixels it was blended into.
package func resizeBilinearGradient(_ dy: Tensor, into dx: Tensor, workspace: Workspace, pool: ThreadPool) {
    precondition(dx.shape.n == dy.shape.n && dx.shape.c == dy.shape.c, "gradient \(dy.shape) into \(dx.shape)")
    let rows = AlignedAxis(source: dx.shape.h, target: dy.shape.h)
    let columns = AlignedAxis(source: dx.shape.w, target: dy.shape.w)
    let narrow = workspace.tensor(Shape(dy.shape.n, dy.shape.h, dx.shape.w, dx.shape.c))
    forEachRow(of: narrow.shape, pool) { image, row in
        let source = dy.floats + (image * dy.shape.h + row) * dy.shape.w * dy.shape.c
        let target = narrow.floats + (image * narrow.shape.h + row) * narrow.shape.w * narrow.shape.c
        gatherAxis(columns, source, into: target, stride: dy.shape.c, targetCount: dx.shape.w)
    }
    let rowCount = dx.shape.w * dx.shape.c
    pool.parallelFor(dx.shape.n * dx.shape.h) { index in
        let (image, row) = index.quotientAndRemainder(dividingBy: dx.shape.h)
        gather(
            rows, row, narrow.floats + image * narrow.shape.image.count, into: dx.floats + index * rowCount,
            stride: rowCount)
    }
}

private func interpolateRow(
    _ top: UnsafePointer<Float>, _ bottom: UnsafePointer<Float>, _ down: Float, _ columns: AlignedAxis,
    into y: UnsafeMutablePointer<Float>, channels: Int
) {
    columns.lower.withUnsafeBufferPointer { lower in
        columns.fraction.withUnsafeBufferPointer { fraction in
            for column in 0..<lower.count {
                let left = Int(lower[column]) * channels
                let right = columns.upper(Int(lower[column])) * channels
                let (along, result) = (fraction[column], y + column * channels)
                for c in 0..<channels {
                    let upper = (1 - along) * top[left + c] + along * top[right + c]
                    let below = (1 - along) * bottom[left + c] + along * bottom[right + c]
                    result[c] = (1 - down) * upper + down * below
                }
            }
        }
    }
}

private func gatherAxis(
    _ axis: AlignedAxis, _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, stride: Int,
    targetCount: Int
) {
    for position in 0..<targetCount {
        gather(axis, position, dy, into: dx + position * stride, stride: stride)
    }
}

/// Sums the vectors of `stride` floats that source position `position` was blended into.
private func gather(
    _ axis: AlignedAxis, _ position: Int, _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, stride: Int
) {
    dx.update(repeating: 0, count: stride)
    let before = axis.firstTarget[max(0, position - 1)]
    for target in before..<axis.firstTarget[position + 1] {
        let lower = Int(axis.lower[target])
        let lowerShare = lower == position ? 1 - axis.fraction[target] : 0
        let upperShare = axis.upper(lower) == position ? axis.fraction[target] : 0
        addScaled(dy + target * stride, by: lowerShare + upperShare, to: dx, count: stride)
    }
}
