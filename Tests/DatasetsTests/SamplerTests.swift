import Datasets
import Testing

@Suite struct SamplerTests {
    private func epoch(_ number: Int, of sampler: Sampler) -> [Int] {
        (0..<sampler.count).map { sampler.index(at: number * sampler.count + $0) }
    }

    @Test(arguments: [1, 2, 7, 311])
    func everyEpochHasEverySampleOnce(count: Int) {
        let sampler = Sampler(count: count, seed: 13, shuffle: true)
        for number in [0, 1, 2, 1000] {
            #expect(epoch(number, of: sampler).sorted() == Array(0..<count))
        }
    }

    @Test func epochsAndSeedsHaveOrdersOfTheirOwn() {
        let sampler = Sampler(count: 50, seed: 13, shuffle: true)
        #expect(epoch(0, of: sampler) != epoch(1, of: sampler))
        #expect(epoch(0, of: sampler) == epoch(0, of: Sampler(count: 50, seed: 13, shuffle: true)))
        #expect(epoch(0, of: sampler) != epoch(0, of: Sampler(count: 50, seed: 14, shuffle: true)))
    }

    @Test func withoutShufflingTheListRepeats() {
        let sampler = Sampler(count: 3, seed: 13, shuffle: false)
        #expect((0..<8).map(sampler.index) == [0, 1, 2, 0, 1, 2, 0, 1])
    }

    /// An order once given must stay, or resumed runs would not go on as they began.
    @Test func theOrderIsFrozen() {
        let sampler = Sampler(count: 10, seed: 13, shuffle: true)
        #expect(epoch(0, of: sampler) == [8, 7, 9, 6, 5, 1, 2, 4, 0, 3])
        #expect(epoch(1, of: sampler) == [8, 1, 2, 0, 4, 9, 6, 5, 3, 7])
    }

    @Test func everyPlaceIsEquallyLikely() {
        let sampler = Sampler(count: 4, seed: 1, shuffle: true)
        var counts = [Int](repeating: 0, count: 16)
        for position in 0..<16_000 { counts[position % 4 * 4 + sampler.index(at: position)] += 1 }
        #expect(counts.allSatisfy { (880...1120).contains($0) }, "\(counts)")
    }
}
