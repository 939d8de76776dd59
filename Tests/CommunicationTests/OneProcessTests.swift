import Communication
import TensorCore
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

    @Test(arguments: Tensor.ElementType.allCases)
    func gradientsStayWhatTheyAre(_ format: Tensor.ElementType) throws {
        let start: [Float] = [1, 2, 1 / 3, 4, 5]
        var gradients = start
        try gradients.withUnsafeMutableBufferPointer { buffer in
            let start = try #require(buffer.baseAddress)
            let reduction = GradientReduction(start, learned: [1..<4], over: alone, as: format)
            reduction.ready(1..<4)
            reduction.poll()
            try reduction.finish()
            try alone.allReduceRoundedInPairs(buffer)
            #expect(reduction.bytesSent == 0)
        }
        #expect(gradients == start)
    }

    @Test func bfloat16KeepsASecondCopyAndWhatOthersSend() {
        let bytes = { GradientReduction.byteCount(for: 1000, ranks: $0, as: $1) }
        #expect(bytes(4, .float32) == 0 && bytes(1, .bfloat16) == 0)
        #expect(bytes(2, .bfloat16) == 3000 && bytes(4, .bfloat16) == 3500)
    }
}
