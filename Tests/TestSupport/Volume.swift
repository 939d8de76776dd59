package import TensorCore

/// A block of numbers in Double, channels last: what the naive twins compute with.
package struct Volume: Equatable {
    package let shape: Shape
    /// In NHWC order.
    package var values: [Double]

    /// Zeros.
    package init(_ shape: Shape) {
        self.init(shape, [Double](repeating: 0, count: shape.count))
    }

    /// The given numbers.
    package init(_ shape: Shape, _ values: [Double]) {
        precondition(values.count == shape.count, "\(values.count) numbers for \(shape)")
        (self.shape, self.values) = (shape, values)
    }

    /// A tensor's elements.
    package init(_ tensor: Tensor) {
        self.init(tensor.shape, tensor.elements.map { Double($0) })
    }

    /// Numbers in -`scale`..<`scale` that single precision can hold, made from `name`.
    package init(_ shape: Shape, formula name: String, scale: Double = 1, offset: Double = 0) {
        let values = Formula.values(name, count: shape.count, scale: scale, offset: offset)
        self.init(shape, values.map { Double($0) })
    }

    /// The numbers in single precision.
    package var floats: [Float] { values.map { Float($0) } }

    /// A tensor that holds the numbers in single precision.
    package func tensor(in workspace: Workspace) -> Tensor { workspace.tensor(shape, floats) }

    /// The numbers that bfloat16 can hold which are nearest.
    package var rounded: Volume { Volume(shape, floats.map { Double(BFloat16($0).float) }) }

    /// A tensor that holds the numbers as `type`.
    package func tensor(in workspace: Workspace, as type: Tensor.ElementType) -> Tensor {
        let tensor = workspace.tensor(shape, type)
        switch type {
        case .float32: tensor.floats.update(from: floats, count: shape.count)
        case .bfloat16: tensor.bfloat16s.update(from: floats.map { BFloat16($0) }, count: shape.count)
        }
        return tensor
    }

    package subscript(_ n: Int, _ y: Int, _ x: Int, _ c: Int) -> Double {
        get { values[((n * shape.h + y) * shape.w + x) * shape.c + c] }
        set { values[((n * shape.h + y) * shape.w + x) * shape.c + c] = newValue }
    }

    /// Whether row `y` and column `x` lie in the image.
    package func contains(_ y: Int, _ x: Int) -> Bool {
        (0..<shape.h).contains(y) && (0..<shape.w).contains(x)
    }

    /// The positions of all elements, in memory order.
    package var positions: [(n: Int, y: Int, x: Int, c: Int)] {
        (0..<shape.count).map { index in
            let (pixel, c) = index.quotientAndRemainder(dividingBy: shape.c)
            let (row, x) = pixel.quotientAndRemainder(dividingBy: shape.w)
            return (row / shape.h, row % shape.h, x, c)
        }
    }

    /// Images `range` alone.
    package func images(_ range: Range<Int>) -> Volume {
        let size = shape.image.count
        return Volume(
            Shape(range.count, shape.h, shape.w, shape.c),
            Array(values[range.lowerBound * size..<range.upperBound * size]))
    }
}
