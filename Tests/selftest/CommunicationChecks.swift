import Communication

let communicationChecks = [
    Check("doubles add up") { ranks in
        for count in [0, 1, 7, 1000] {
            let mine = (0..<count).map { Double($0 * (ranks.world.rank + 1)) }
            let ranksAdded = ranks.world.size * (ranks.world.size + 1) / 2
            let sums = try ranks.world.sum(mine)
            ranks.expect(sums == (0..<count).map { Double($0 * ranksAdded) }, "\(count) sums")
        }
    },
    Check("gradients add up, bucket by bucket") { ranks in
        var values = (0..<100).map { Float($0 + 100 * ranks.world.rank) }
        let buckets = GradientBuckets(10..<93, bucketSize: 16)
        try values.withUnsafeMutableBufferPointer { buffer in
            if let start = buffer.baseAddress { try buckets.sum(start, over: ranks.world) }
        }
        let (size, rank) = (ranks.world.size, ranks.world.rank)
        let wanted = (0..<100).map { index in
            (10..<93).contains(index) ? Float(index * size + 100 * size * (size - 1) / 2) : Float(index + 100 * rank)
        }
        ranks.expect(values == wanted, "\(values)")
    },
    Check("the first rank hands out bytes and numbers") { ranks in
        var bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * (ranks.world.rank + 3)) }
        try bytes.withUnsafeMutableBytes { try ranks.world.broadcast($0) }
        ranks.expect(bytes == (0..<5000).map { UInt8(truncatingIfNeeded: $0 * 3) }, "\(bytes.prefix(9))")
        let number = try ranks.world.rootSays(Double(ranks.world.rank) + 0.1)
        ranks.expect(number == 0.1, "\(number)")
    },
    Check("slices cover a batch once, evenly and in order") { ranks in
        for count in 0...11 {
            let slice = ranks.world.slice(of: count)
            let owners = try ranks.world.sum((0..<count).map { slice.contains($0) ? 1 : 0 })
            ranks.expect(owners.allSatisfy { $0 == 1 }, "\(count) items are owned \(owners) times")
            var bounds = [Double](repeating: 0, count: 2 * ranks.world.size)
            bounds[2 * ranks.world.rank] = Double(slice.lowerBound)
            bounds[2 * ranks.world.rank + 1] = Double(slice.upperBound)
            bounds = try ranks.world.sum(bounds)
            ranks.expect(bounds == bounds.sorted(), "slices of \(count) are out of order: \(bounds)")
            let largest = ranks.world.largestSlice(of: count)
            let isEven = slice.count == largest || slice.count == largest - 1
            ranks.expect(isEven, "a slice of \(slice.count) of \(count), the largest \(largest)")
            ranks.expect(!ranks.world.isRoot || slice.count == largest, "rank 0 has \(slice.count) of \(count)")
        }
    },
]
