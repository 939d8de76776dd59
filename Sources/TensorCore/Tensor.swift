/// A block of numbers in NHWC order.
///
/// A tensor is a view: copies share the memory, which goes back to its `Workspace` with the last of them. Memory of a
/// `ParameterArena` lives as long as the arena.
package struct Tensor {
    /// How an element is stored.
    package enum ElementType: String, CaseIterable, Sendable {
        case float32
        /// The upper half of a float32: its range, with eight digits of precision in base two.
        case bfloat16

        /// Bytes of an element.
        package var size: Int {
            switch self {
            case .float32: MemoryLayout<Float>.stride
            case .bfloat16: MemoryLayout<BFloat16>.stride
            }
        }
    }

    /// Extents, channels last.
    package let shape: Shape
    package let type: ElementType
    @usableFromInline let memory: UnsafeMutableRawPointer
    private let block: Block?

    /// A tensor in memory that `block` keeps alive; nothing does if it is `nil`.
    init(_ shape: Shape, _ type: ElementType, at memory: UnsafeMutableRawPointer, in block: Block?) {
        (self.shape, self.type, self.memory, self.block) = (shape, type, memory, block)
    }

    /// A tensor of float32 in memory that the caller keeps alive.
    package static func borrowing(_ floats: UnsafeMutablePointer<Float>, _ shape: Shape) -> Tensor {
        Tensor(shape, .float32, at: UnsafeMutableRawPointer(floats), in: nil)
    }

    /// The first element of a tensor of float32.
    @inlinable package var floats: UnsafeMutablePointer<Float> {
        check(.float32)
        return memory.assumingMemoryBound(to: Float.self)
    }

    /// The first element of a tensor of bfloat16.
    @inlinable package var bfloat16s: UnsafeMutablePointer<BFloat16> {
        check(.bfloat16)
        return memory.assumingMemoryBound(to: BFloat16.self)
    }

    /// Number of elements.
    package var count: Int { shape.count }

    /// Images `range` of the block, sharing its memory.
    package func images(_ range: Range<Int>) -> Tensor {
        precondition(range.lowerBound >= 0 && range.upperBound <= shape.n, "images \(range) of \(shape)")
        let part = Shape(range.count, shape.h, shape.w, shape.c)
        return Tensor(part, type, at: memory + range.lowerBound * shape.image.count * type.size, in: block)
    }

    /// Sets every element of a tensor of float32 to `value`.
    package func fill(_ value: Float) {
        floats.update(repeating: value, count: count)
    }

    /// A copy of the elements of a tensor of float32.
    package var elements: [Float] { Array(UnsafeBufferPointer(start: floats, count: count)) }

    /// Stops where elements would be taken for others, in unchecked kernels too.
    @inlinable @inline(__always) func check(_ wanted: ElementType) {
        if type != wanted { refuse(wanted) }
    }

    @usableFromInline func refuse(_ wanted: ElementType) -> Never {
        preconditionFailure("elements of \(shape) are \(type), not \(wanted)")
    }
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
