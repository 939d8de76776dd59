import Communication
import Foundation
import TensorCore

let communicationChecks = [
    Check("doubles add up") { ranks in
        for count in [0, 1, 7, 1000] {
            let mine = (0..<count).map { Double($0 * (ranks.world.rank + 1)) }
            let ranksAdded = ranks.world.size * (ranks.world.size + 1) / 2
            let sums = try ranks.world.allReduce(mine)
            ranks.expect(sums == (0..<count).map { Double($0 * ranksAdded) }, "\(count) sums")
        }
    },
    Check("gradients add up as they become final") { ranks in
        // Three buckets; the tensors are told from the last to the first, one of them by nobody.
        let tensors = [10..<900_000, 900_016..<1_500_000, 1_500_000..<1_500_007, 2_000_000..<2_500_003]
        let count = 2_600_000
        let gradients = UnsafeMutablePointer<Float>.allocate(capacity: count)
        defer { gradients.deallocate() }
        let reduction = GradientReduction(gradients, learned: tensors, over: ranks.world, as: .float32)
        let (size, rank) = (ranks.world.size, ranks.world.rank)
        for step in 0..<3 {
            for index in 0..<count { gradients[index] = Float((index + step) % 1000 + 1000 * rank) }
            reduction.begin()
            for index in [3, 1, 0] {
                reduction.ready(tensors[index])
                reduction.poll()
            }
            try reduction.finish()
            let wrong = (0..<count).first { index in
                let mine = Float((index + step) % 1000 + 1000 * rank)
                let all = Float((index + step) % 1000 * size + 1000 * size * (size - 1) / 2)
                return gradients[index] != ((10..<2_500_003).contains(index) ? all : mine)
            }
            ranks.expect(wrong == nil, "step \(step), element \(wrong ?? 0)")
        }
    },
    Check("gradients that travel as bfloat16 are rounded twice, and the same bits on all ranks") { ranks in
        // Three buckets, the last of fewer numbers than there are ranks.
        let count = (2 << 20) + 3
        var gradients = [Float](repeating: 0, count: count)
        try gradients.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            let reduction = GradientReduction(start, learned: [0..<count], over: ranks.world, as: .bfloat16)
            for step in 0..<2 {
                for index in 0..<count { start[index] = noise(index + step, ranks.world.rank) }
                reduction.begin()
                reduction.ready(0..<count)
                reduction.poll()
                try reduction.finish()
                ranks.expectRoundedSums(buffer) { noise($0 + step, $1) }
                try ranks.expectSame(UnsafeRawBufferPointer(buffer))
            }
        }
    },
    Check("bfloat16 is half the bytes") { ranks in
        let count = 3_000_000
        var gradients = [Float](repeating: 1, count: count)
        let sent = try Tensor.ElementType.allCases.map { format in
            try gradients.withUnsafeMutableBufferPointer { buffer in
                guard let start = buffer.baseAddress else { return 0 }
                let reduction = GradientReduction(start, learned: [0..<count], over: ranks.world, as: format)
                reduction.ready(0..<count)
                try reduction.finish()
                return reduction.bytesSent
            }
        }
        let least = 2 * (ranks.world.size - 1) * count * 2 / ranks.world.size
        ranks.expect(abs(sent[1] - least) < 100 && abs(sent[0] - 2 * least) < 100, "\(sent), at least \(least)")
    },
    Check("rounded sums in pairs do not depend on the number of ranks") { ranks in
        let size = ranks.world.size
        guard [1, 2, 4].contains(size) else { return }
        let count = (1 << 20) + 7
        let rounded = { (value: Float) in BFloat16(value).float }
        // Four summands; each rank has added up its own in pairs.
        let sums = { (index: Int) in
            var sums = (0..<4).map { noise(index, $0) }
            var levels = [sums]
            while sums.count > 1 {
                sums = stride(from: 0, to: sums.count, by: 2).map { rounded(sums[$0]) + rounded(sums[$0 + 1]) }
                levels.append(sums)
            }
            return levels
        }
        var mine = (0..<count).map { sums($0).first { $0.count == size }?[ranks.world.rank] ?? .nan }
        try mine.withUnsafeMutableBufferPointer { try ranks.world.allReduceRoundedInPairs($0) }
        let wrong = mine.indices.first { mine[$0] != sums($0).last?[0] }
        ranks.expect(wrong == nil, "element \(wrong ?? 0) is \(mine[wrong ?? 0])")
    },
    Check("sums in pairs do not depend on the number of ranks") { ranks in
        let size = ranks.world.size
        guard [1, 2, 4, 8].contains(size) else { return }
        // Eight summands; each rank has added up its own in pairs.
        var sums = (0..<8).map { 1 / Double(3 + $0) }
        let whole = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
        while sums.count > size { sums = stride(from: 0, to: sums.count, by: 2).map { sums[$0] + sums[$0 + 1] } }
        let sum = try ranks.world.allReduceInPairs([sums[ranks.world.rank], 1])
        ranks.expect(sum == [whole, Double(size)], "\(sum), not \(whole)")
    },
    Check("the first rank hands out bytes and numbers") { ranks in
        var bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * (ranks.world.rank + 3)) }
        try bytes.withUnsafeMutableBytes { try ranks.world.broadcast($0) }
        ranks.expect(bytes == (0..<5000).map { UInt8(truncatingIfNeeded: $0 * 3) }, "\(bytes.prefix(9))")
        let number = try ranks.world.broadcast(Double(ranks.world.rank) + 0.1)
        ranks.expect(number == 0.1, "\(number)")
    },
    Check("slices cover a batch once, evenly and in order") { ranks in
        for count in 0...11 {
            let slice = ranks.world.slice(of: count)
            let owners = try ranks.world.allReduce((0..<count).map { slice.contains($0) ? 1 : 0 })
            ranks.expect(owners.allSatisfy { $0 == 1 }, "\(count) items are owned \(owners) times")
            var bounds = [Double](repeating: 0, count: 2 * ranks.world.size)
            bounds[2 * ranks.world.rank] = Double(slice.lowerBound)
            bounds[2 * ranks.world.rank + 1] = Double(slice.upperBound)
            bounds = try ranks.world.allReduce(bounds)
            ranks.expect(bounds == bounds.sorted(), "slices of \(count) are out of order: \(bounds)")
            let largest = ranks.world.largestSlice(of: count)
            let isEven = slice.count == largest || slice.count == largest - 1
            ranks.expect(isEven, "a slice of \(slice.count) of \(count), the largest \(largest)")
            ranks.expect(!ranks.world.isRoot || slice.count == largest, "rank 0 has \(slice.count) of \(count)")
        }
    },
]

/// A rank's number at an index: of both signs, and with more digits than bfloat16 has.
private func noise(_ index: Int, _ rank: Int) -> Float {
    let bits = UInt32(truncatingIfNeeded: index &+ 1) &* 2_654_435_761 ^ UInt32(rank) &* 0x9E37_79B9
    return Float(Int32(bitPattern: bits)) * (rank % 2 == 0 ? 0x1p-31 : 0x1p-34)
}

extension Ranks {
    /// Each sum must be that of the others' rounded summands and of one rank's whole one, rounded; alone, nothing is.
    fileprivate func expectRoundedSums(
        _ sums: UnsafeMutableBufferPointer<Float>, of summand: (_ index: Int, _ rank: Int) -> Float
    ) {
        let all = 0..<world.size
        let wrong = sums.indices.first { index in
            let summands = all.map { summand(index, $0) }
            guard all.count > 1 else { return sums[index] != summands[0] }
            return !all.contains { owner in
                let sum = all.filter { $0 != owner }.reduce(summands[owner]) { $0 + BFloat16(summands[$1]).float }
                return BFloat16(sum).float == sums[index]
            }
        }
        expect(wrong == nil, "element \(wrong ?? 0) is \(sums[wrong ?? 0])")
    }

    fileprivate func expectSame(_ bytes: UnsafeRawBufferPointer) throws {
        var first = Array(bytes)
        try first.withUnsafeMutableBytes { try world.broadcast($0) }
        expect(first.elementsEqual(bytes), "other bits than the first rank's")
    }
}
