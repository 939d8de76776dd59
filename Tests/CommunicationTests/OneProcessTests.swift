import Communication
import Testing

/// A process alone: everything is what it was. What several ranks do is checked by `selftest`.
@Suite struct OneProcessTests {
    private let alone = Communicator()

    @Test func sumsAreWhatWasGiven() throws {
        #expect(try alone.allReduce([1.5, -2, 1e300]) == [1.5, -2, 1e300])
        #expect(try alone.allReduce([Double]()) == [])
        #expect(try alone.allReduceInPairs([3, 0.25]) == [3, 0.25])
    }

    @Test func itIsTheFirstAndHasTheLastWord() throws {
        #expect(alone.isRoot)
        #expect(try alone.broadcast(0.1) == 0.1)
        try alone.barrier()
    }

    @Test(arguments: [0, 1, 20])
    func itTakesTheWholeBatch(_ count: Int) {
        #expect(alone.slice(of: count) == 0..<count)
    }

    @Test func gradientsStayWhatTheyAre() throws {
        var gradients: [Float] = [1, 2, 3, 4, 5]
        try gradients.withUnsafeMutableBufferPointer { buffer in
            let start = try #require(buffer.baseAddress)
            let reduction = GradientReduction(start, learned: [1..<4], over: alone)
            reduction.ready(1..<4)
            reduction.poll()
            try reduction.finish()
        }
        #expect(gradients == [1, 2, 3, 4, 5])
    }
}
