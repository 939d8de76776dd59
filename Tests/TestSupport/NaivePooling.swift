package import Kernels
package import TensorCore

/// Max and average pooling straight from their definitions, as PyTorch has them.
package struct NaivePooling {
    let geometry: PoolingGeometry

    package init(_ geometry: PoolingGeometry) { self.geometry = geometry }

    /// The maximum of each window, and the index of the element that won (the first of equals, row by row).
    package func maximum(_ x: Volume) -> (y: Volume, winners: [Int]) {
        var y = Volume(outputShape(x.shape))
        var winners = [Int](repeating: -1, count: y.values.count)
        forEachTerm(x, y) { input, output in
            if winners[output] < 0 || x.values[input] > x.values[winners[output]] { winners[output] = input }
        }
        for (output, winner) in winners.enumerated() { y.values[output] = x.values[winner] }
        return (y, winners)
    }

    /// The gradient of the input of `maximum`.
    package func maximumGradient(_ x: Volume, _ dy: Volume) -> Volume {
        var dx = Volume(x.shape)
        for (output, winner) in maximum(x).winners.enumerated() { dx.values[winner] += dy.values[output] }
        return dx
    }

    /// The mean of each window; padding counts as zeros.
    package func average(_ x: Volume) -> Volume {
        var y = Volume(outputShape(x.shape))
        forEachTerm(x, y) { input, output in y.values[output] += x.values[input] / area }
        return y
    }

    /// The gradient of the input of `average`.
    package func averageGradient(_ x: Volume, _ dy: Volume) -> Volume {
        var dx = Volume(x.shape)
        forEachTerm(x, dy) { input, output in dx.values[input] += dy.values[output] / area }
        return dx
    }

    private var area: Double { Double(geometry.kernel * geometry.kernel) }

    /// Windows are laid until one does not fit in the padded image; in ceil mode until one reaches its end, if it
    /// still starts before the trailing padding.
    package func outputShape(_ x: Shape) -> Shape {
        func windows(_ size: Int) -> Int {
            var count = 0
            var start = -geometry.padding
            while geometry.ceil ? start < size : start + geometry.kernel <= size + geometry.padding {
                count += 1
                if start + geometry.kernel >= size + geometry.padding { break }
                start += geometry.stride
            }
            return count
        }
        return Shape(x.n, windows(x.h), windows(x.w), x.c)
    }

    private func forEachTerm(_ x: Volume, _ y: Volume, _ body: (_ input: Int, _ output: Int) -> Void) {
        for (output, place) in y.positions.enumerated() {
            for tap in 0..<geometry.kernel * geometry.kernel {
                let row = place.y * geometry.stride - geometry.padding + tap / geometry.kernel
                let column = place.x * geometry.stride - geometry.padding + tap % geometry.kernel
                guard x.contains(row, column) else { continue }
                body(((place.n * x.shape.h + row) * x.shape.w + column) * x.shape.c + place.c, output)
            }
        }
    }
}
