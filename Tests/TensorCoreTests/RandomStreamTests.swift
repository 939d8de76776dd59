import Foundation
import TensorCore
import Testing

/// Philox's known answers, as its authors publish them (Random123, `kat_vectors`, philox4x32-10).
struct KnownAnswer: Sendable {
    let counter: (UInt64, UInt64)
    let key: (UInt32, UInt32)
    let words: [UInt32]

    static let all = [
        KnownAnswer(counter: (0, 0), key: (0, 0), words: [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8]),
        KnownAnswer(
            counter: (.max, .max), key: (.max, .max), words: [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD]),
        KnownAnswer(
            counter: (0x85A3_08D3_243F_6A88, 0x0370_7344_1319_8A2E), key: (0xA409_3822, 0x299F_31D0),
            words: [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1]),
    ]
}

@Suite struct RandomStreamTests {
    @Test(arguments: KnownAnswer.all) func philoxGivesThePublishedWords(_ answer: KnownAnswer) {
        let words = philox4x32(key: answer.key, counter: answer.counter)
        #expect((0..<4).map { words[$0] } == answer.words)
    }

    /// The seed is the key, the purpose is mixed into its high half; position and index make the counter.
    @Test func streamsArePhiloxKeyedBySeedAndPurpose() {
        let answer = KnownAnswer.all[2]
        let high = answer.key.1 ^ RandomStream.Purpose.dropout.rawValue
        let stream = RandomStream(
            seed: UInt64(high) << 32 | UInt64(answer.key.0), purpose: .dropout, position: answer.counter.0)
        let first = Int(answer.counter.1) << 2
        #expect((0..<4).map { stream.bits(first + $0) } == answer.words)
    }

    @Test func drawsDoNotDependOnWhatWasDrawn() {
        let stream = RandomStream(seed: 13, purpose: .order, position: 4)
        let forward = (0..<100).map(stream.bits)
        #expect((0..<100).reversed().map(stream.bits) == forward.reversed())
    }

    @Test func seedsPurposesAndPositionsAreIndependent() {
        let seeds: [UInt64] = [0, 1, 13, 1 << 31, 0xFFFF_FFFF]
        var seen = Set<UInt32>()
        var count = 0
        for seed in seeds {
            for purpose in [RandomStream.Purpose.order, .augmentation, .dropout, .initialization, .shapes] {
                for position in [0, 1, 2, UInt64.max] {
                    let stream = RandomStream(seed: seed, purpose: purpose, position: position)
                    seen.formUnion((0..<50).map(stream.bits))
                    count += 50
                }
            }
        }
        // 5000 draws of 2^32: one coincidence in 340 such tests.
        #expect(seen.count >= count - 1)
    }

    @Test func uniformNumbersAreUniform() {
        let numbers = (0..<100_000).map(RandomStream(seed: 13, purpose: .augmentation, position: 0).uniform)
        #expect(numbers.allSatisfy { 0 <= $0 && $0 < 1 })
        let mean = numbers.reduce(0, +) / 1e5
        let variance = numbers.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / 1e5
        #expect(abs(mean - 0.5) < 4 * (1 / 12.0 / 1e5).squareRoot())
        #expect(abs(variance - 1 / 12.0) < 1e-3)
        var bins = [Double](repeating: 0, count: 20)
        for number in numbers { bins[Int(number * 20)] += 1 }
        let chiSquare = bins.reduce(0) { $0 + ($1 - 5000) * ($1 - 5000) / 5000 }
        #expect(chiSquare < 45, "19 degrees of freedom: 0.1 % lie above 43.8")
    }

    @Test func neighboursInStreamAndPositionAreUncorrelated() {
        func correlation(_ a: [Double], _ b: [Double]) -> Double {
            12 * zip(a, b).reduce(0) { $0 + ($1.0 - 0.5) * ($1.1 - 0.5) } / Double(a.count)
        }
        let numbers = (0..<20_000).map(RandomStream(seed: 13, purpose: .dropout, position: 7).uniform)
        let next = (0..<20_000).map(RandomStream(seed: 13, purpose: .dropout, position: 8).uniform)
        let other = (0..<20_000).map(RandomStream(seed: 13, purpose: .augmentation, position: 7).uniform)
        #expect(abs(correlation(numbers.dropLast(), Array(numbers.dropFirst()))) < 0.03)
        #expect(abs(correlation(numbers, next)) < 0.03)
        #expect(abs(correlation(numbers, other)) < 0.03)
    }

    @Test func normalNumbersAreNormal() {
        let numbers = (0..<100_000).map(RandomStream(seed: 1, purpose: .initialization, position: 3).normal)
        func moment(_ power: Double) -> Double { numbers.reduce(0) { $0 + pow($1, power) } / 1e5 }
        #expect(abs(moment(1)) < 0.013)
        #expect(abs(moment(2) - 1) < 0.02)
        #expect(abs(moment(3)) < 0.05)
        #expect(abs(moment(4) - 3) < 0.15)
        let within = numbers.filter { abs($0) < 1 }.count
        #expect(abs(Double(within) / 1e5 - 0.682689) < 0.006)
    }

    @Test(arguments: [1, 2, 3, 7, 1000]) func integersReachAllAndOnlyWhatIsBelowTheBound(_ bound: Int) {
        let stream = RandomStream(seed: 5, purpose: .order, position: 0)
        let numbers = Set((0..<20_000).map { stream.integer($0, below: bound) })
        #expect(numbers == Set(0..<bound))
    }
}
