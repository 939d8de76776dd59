/// A block of floats in NHWC order.
///
/// A tensor is a view: copies share the memory, which goes back to its `Workspace` with the last of them. Memory of a
/// `ParameterArena` lives as long as the arena.
package struct Tensor {
    /// Extents, channels last.
    package let shape: Shape
    /// The first element.
    package let data: UnsafeMutablePointer<Float>
    private let block: Block?

    /// A tensor in memory that `block` keeps alive; nothing does if it is `nil`.
    init(_ shape: Shape, at data: UnsafeMutablePointer<Float>, in block: Block?) {
        self.shape = shape
        self.data = data
        self.block = block
    }

    /// A tensor in memory that the caller keeps alive.
    package static func borrowing(_ data: UnsafeMutablePointer<Float>, _ shape: Shape) -> Tensor {
        Tensor(shape, at: data, in: nil)
    }

    /// Number of elements.
    package var count: Int { shape.count }

    /// The same memory under another shape of equally many elements.
    package func reshaped(_ shape: Shape) -> Tensor {
        precondition(shape.count == count, "cannot view \(self.shape) as \(shape)")
        return Tensor(shape, at: data, in: block)
    }

    /// Images `range` of the block, sharing its memory.
    package func images(_ range: Range<Int>) -> Tensor {
        precondition(range.lowerBound >= 0 && range.upperBound <= shape.n, "images \(range) of \(shape)")
        let part = Shape(range.count, shape.h, shape.w, shape.c)
        return Tensor(part, at: data + range.lowerBound * shape.image.count, in: block)
    }

    /// Sets every element to `value`.
    package func fill(_ value: Float) {
        data.update(repeating: value, count: count)
    }

    /// A copy of the elements.
    package var elements: [Float] { Array(UnsafeBufferPointer(start: data, count: count)) }
}

/// Reused memory for elements that are not activations: pooling indices, masks, sums in `Double`.
package struct Buffer<Element: BitwiseCopyable> {
    /// The first element.
    package let data: UnsafeMutablePointer<Element>
    /// Number of elements.
    package let count: Int
    private let block: Block

    init(_ data: UnsafeMutablePointer<Element>, count: Int, in block: Block) {
        self.data = data
        self.count = count
        self.block = block
    }
}
