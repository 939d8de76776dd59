/// Reused memory for everything a step computes.
///
/// Blocks are cut from one reservation by best fit, and go back to it when the last tensor that looks at them is gone.
/// The same sequence of requests gets the same addresses, so after its first step a training run touches no new memory.
///
/// One thread owns a workspace.
package final class Workspace {
    private let reservation: Reservation
    /// Free ranges in order of address; neighbours are merged.
    private var free: [Range<Int>]
    /// Bytes in use.
    package private(set) var inUse = 0
    /// Bytes there are.
    package var byteCount: Int { reservation.byteCount }
    /// Most bytes that were ever in use at once.
    package private(set) var highWater = 0

    /// A workspace of at most `byteCount` bytes; by default what the machine has.
    package init(byteCount: Int = physicalMemory()) {
        reservation = Reservation(upTo: byteCount)
        free = [0..<reservation.byteCount]
    }

    /// A tensor of undefined contents.
    package func tensor(_ shape: Shape, _ type: Tensor.ElementType = .float32) -> Tensor {
        let block = allocate(shape.count * type.size)
        return Tensor(shape, type, at: block.address, in: block)
    }

    /// A tensor of undefined contents that outlives the step: it lies at the far end, where it cuts up no memory that
    /// steps use over and over.
    package func lastingTensor(_ shape: Shape, _ type: Tensor.ElementType = .float32) -> Tensor {
        let block = allocate(shape.count * type.size, isLasting: true)
        return Tensor(shape, type, at: block.address, in: block)
    }

    /// A tensor of zeros.
    package func zeros(_ shape: Shape, _ type: Tensor.ElementType = .float32) -> Tensor {
        let tensor = tensor(shape, type)
        // All bits of a zero are zero, in every type.
        tensor.memory.initializeMemory(as: UInt8.self, repeating: 0, count: shape.count * type.size)
        return tensor
    }

    /// A tensor of float32 that holds a copy of `elements`.
    package func tensor(_ shape: Shape, _ elements: [Float]) -> Tensor {
        precondition(elements.count == shape.count, "\(elements.count) elements for \(shape)")
        let tensor = tensor(shape)
        tensor.floats.update(from: elements, count: elements.count)
        return tensor
    }

    /// Room for `count` elements of undefined contents.
    package func buffer<Element: BitwiseCopyable>(of type: Element.Type, count: Int) -> Buffer<Element> {
        let block = allocate(count * MemoryLayout<Element>.stride)
        return Buffer(block.address.assumingMemoryBound(to: type), count: count, in: block)
    }

    private func allocate(_ byteCount: Int, isLasting: Bool = false) -> Block {
        let size = max(1, (byteCount + Workspace.granule - 1) / Workspace.granule) * Workspace.granule
        let fitting = free.indices.filter { free[$0].count >= size }
        let best = isLasting ? fitting.last : fitting.min { free[$0].count < free[$1].count }
        guard let best else {
            outOfMemory("\(size >> 20) MB wanted, \(inUse >> 20) MB of \(reservation.byteCount >> 20) MB in use")
        }
        let range = cut(size, from: best, atEnd: isLasting)
        inUse += size
        highWater = max(highWater, inUse)
        return Block(range, at: reservation.base + range.lowerBound, of: self)
    }

    /// Takes `size` bytes of a free range.
    private func cut(_ size: Int, from index: Int, atEnd: Bool) -> Range<Int> {
        let (lower, upper) = (free[index].lowerBound, free[index].upperBound)
        let range = atEnd ? upper - size..<upper : lower..<lower + size
        if range == free[index] {
            free.remove(at: index)
        } else {
            free[index] = atEnd ? lower..<range.lowerBound : range.upperBound..<upper
        }
        return range
    }

    fileprivate func release(_ range: Range<Int>) {
        inUse -= range.count
        let next = free.firstIndex { $0.lowerBound >= range.upperBound } ?? free.endIndex
        var merged = range
        if next < free.endIndex && free[next].lowerBound == merged.upperBound {
            merged = merged.lowerBound..<free.remove(at: next).upperBound
        }
        if next > 0 && free[next - 1].upperBound == merged.lowerBound {
            free[next - 1] = free[next - 1].lowerBound..<merged.upperBound
        } else {
            free.insert(merged, at: next)
        }
    }

    /// Blocks start on cache lines and are large enough that vector code may read a little past their end.
    private static let granule = 256
}

/// A piece of a workspace; released with its last reference.
final class Block {
    let address: UnsafeMutableRawPointer
    private let range: Range<Int>
    private let workspace: Workspace

    init(_ range: Range<Int>, at address: UnsafeMutableRawPointer, of workspace: Workspace) {
        self.range = range
        self.address = address
        self.workspace = workspace
    }

    deinit { workspace.release(range) }
}
