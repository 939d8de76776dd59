import CMPI
import Kernels
package import TensorCore

/// Sums in pairs, then pairs of pairs: in the one order that does not depend on how many ranks share the summands, as long
/// as they are 1, 2, 4, ...
extension Communicator {
    /// The sums of the ranks' numbers.
    package func allReduceInPairs(_ values: [Double]) throws -> [Double] {
        var reduced = values
        try reduced.withUnsafeMutableBufferPointer { try allReduceInPairs($0) }
        return reduced
    }

    /// Adds up the ranks' elements in place.
    package func allReduceInPairs<Element: BinaryFloatingPoint>(_ values: UnsafeMutableBufferPointer<Element>) throws {
        let theirs = UnsafeMutablePointer<Element>.allocate(capacity: min(values.count, largestPart))
        defer { theirs.deallocate() }
        try forEachPartner(values.count) { part, partner in
            let mine = UnsafeMutableBufferPointer(rebasing: values[part])
            try exchange(mine.baseAddress, theirs, part.count, with: partner)
            for index in mine.indices { mine[index] += theirs[index] }
        }
    }

    /// Adds up the ranks' floats in place; both summands of each pair are rounded to bfloat16, which is what travels.
    package func allReduceRoundedInPairs(_ values: UnsafeMutableBufferPointer<Float>) throws {
        let most = min(values.count, largestPart)
        let mine = UnsafeMutablePointer<BFloat16>.allocate(capacity: 2 * most)
        defer { mine.deallocate() }
        let theirs = mine + most
        try forEachPartner(values.count) { part, partner in
            guard let sum = values.baseAddress.map({ $0 + part.lowerBound }) else { return }
            convert(sum, into: mine, count: part.count)
            try exchange(mine, theirs, part.count, with: partner)
            convert(mine, into: sum, count: part.count)
            add(theirs, to: sum, count: part.count)
        }
    }

    /// Elements of a message.
    private var largestPart: Int { 1 << 20 }

    /// Calls `body` for each rank to pair with, the nearest first, and each part of `count` elements.
    private func forEachPartner(_ count: Int, _ body: (_ part: Range<Int>, _ partner: Int) throws -> Void) throws {
        precondition(size & (size - 1) == 0, "sums in pairs over \(size) ranks")
        var distance = 1
        while distance < size {
            for start in stride(from: 0, to: count, by: largestPart) {
                try body(start..<min(count, start + largestPart), rank ^ distance)
            }
            distance *= 2
        }
    }

    private func exchange<Element>(
        _ sent: UnsafePointer<Element>?, _ received: UnsafeMutablePointer<Element>, _ count: Int, with partner: Int
    ) throws {
        guard let mpi, let sent else { return }
        let bytes = Int32(count * MemoryLayout<Element>.stride)
        try mpi.check(mpi.functions.exchange(sent, received, bytes, Int32(partner)), "summing in pairs")
    }
}
