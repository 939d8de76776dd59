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
    private var inUse = 0
    /// Most bytes that were ever in use at once.
    package private(set) var highWater = 0

    /// A workspace of at most `byteCount` bytes; by default what the machine has.
    package init(byteCount: Int = physicalMemory()) {
        reservation = Reservation(upTo: byteCount)
        free = [0..<reservation.byteCount]
    }

    /// A tensor of undefined contents.
    package func tensor(_ shape: Shape) -> Tensor {
        let block = allocate(shape.count * MemoryLayout<Float>.stride)
        return Tensor(shape, at: block.address.assumingMemoryBound(to: Float.self), in: block)
    }

    /// A tensor of zeros.
    package func zeros(_ shape: Shape) -> Tensor {
        let tensor = tensor(shape)
        tensor.fill(0)
        return tensor
    }

    /// A tensor that holds a copy of `elements`.
    package func tensor(_ shape: Shape, _ elements: [Float]) -> Tensor {
        precondition(elements.count == shape.count, "\(elements.count) elements for \(shape)")
        let tensor = tensor(shape)
        tensor.data.update(from: elements, count: elements.count)
        return tensor
    }

    /// Room for `count` elements of undefined contents.
    package func buffer<Element: BitwiseCopyable>(of type: Element.Type, count: Int) -> Buffer<Element> {
        let block = allocate(count * MemoryLayout<Element>.stride)
        return Buffer(block.address.assumingMemoryBound(to: type), count: count, in: block)
    }

    private func allocate(_ byteCount: Int) -> Block {
        let size = max(1, (byteCount + Workspace.granule - 1) / Workspace.granule) * Workspace.granule
        guard let best = free.indices.filter({ free[$0].count >= size }).min(by: { free[$0].count < free[$1].count })
        else {
            outOfMemory("\(size >> 20) MB wanted, \(inUse >> 20) MB of \(reservation.byteCount >> 20) MB in use")
        }
        let start = free[best].lowerBound
        if free[best].count == size {
            free.remove(at: best)
        } else {
            free[best] = (start + size)..<free[best].upperBound
        }
        inUse += size
        highWater = max(highWater, inUse)
        return Block(start..<start + size, at: reservation.base + start, of: self)
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
