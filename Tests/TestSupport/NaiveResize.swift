package import TensorCore

/// Bilinear resizing straight from its definition, corners on corners (PyTorch's align_corners = true).
package enum NaiveResize {
    /// `x` at another size.
    package static func bilinear(_ x: Volume, height: Int, width: Int) -> Volume {
        var y = Volume(Shape(x.shape.n, height, width, x.shape.c))
        forEachTerm(x.shape, y) { input, share, output in y.values[output] += share * x.values[input] }
        return y
    }

    /// The gradient of the input, of shape `source`.
    package static func bilinearGradient(_ dy: Volume, source: Shape) -> Volume {
        var dx = Volume(source)
        forEachTerm(source, dy) { input, share, output in dx.values[input] += share * dy.values[output] }
        return dx
    }

    private static func forEachTerm(
        _ source: Shape, _ y: Volume, _ body: (_ input: Int, _ share: Double, _ output: Int) -> Void
    ) {
        for (output, place) in y.positions.enumerated() {
            for (row, down) in neighbours(place.y, source.h, y.shape.h) {
                for (column, along) in neighbours(place.x, source.w, y.shape.w) {
                    body(((place.n * source.h + row) * source.w + column) * source.c + place.c, down * along, output)
                }
            }
        }
    }

    /// The two source positions around a target position, with their shares.
    private static func neighbours(_ target: Int, _ source: Int, _ count: Int) -> [(position: Int, share: Double)] {
        let place = count > 1 ? Double(target * (source - 1)) / Double(count - 1) : 0
        let lower = min(Int(place), source - 1)
        let fraction = place - Double(lower)
        return [(lower, 1 - fraction), (min(lower + 1, source - 1), fraction)]
    }
}
