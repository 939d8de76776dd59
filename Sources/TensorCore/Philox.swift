import Foundation

/// Random numbers as a function of where they are used, not of what was drawn before.
///
/// Philox4x32-10 (Salmon et al. 2011), keyed by seed and purpose; the counter is a position in the sample stream and an
/// index. A draw is the same whatever rank, thread or resumed run asks for it.
package struct RandomStream: Sendable {
    /// What the numbers are for; streams of different purposes are independent.
    package enum Purpose: UInt32, Sendable {
        case order = 1, augmentation, dropout, initialization, shapes
    }

    private let key: (UInt32, UInt32)
    private let position: UInt64

    /// The stream of numbers for one purpose at one position; seeds below 2^32 have streams of their own.
    package init(seed: UInt64, purpose: Purpose, position: UInt64) {
        key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32) ^ purpose.rawValue)
        self.position = position
    }

    /// The `index`-th 32 random bits.
    package func bits(_ index: Int) -> UInt32 {
        philox4x32(key: key, counter: (position, UInt64(index) >> 2))[index & 3]
    }

    /// The `index`-th number, uniform in [0, 1).
    package func uniform(_ index: Int) -> Double {
        Double(bits(index)) * 0x1p-32
    }

    /// The `index`-th number of a standard normal distribution (Box-Muller).
    package func normal(_ index: Int) -> Double {
        let radius = (-2 * log(1 - uniform(2 * index))).squareRoot()
        return radius * cos(2 * .pi * uniform(2 * index + 1))
    }

    /// An integer uniform in 0..<`bound`.
    package func integer(_ index: Int, below bound: Int) -> Int {
        precondition(bound > 0 && bound <= 1 << 32, "random integer below \(bound)")
        return Int((UInt64(bits(index)) * UInt64(bound)) >> 32)
    }
}

/// Ten rounds of Philox4x32 on a 128-bit counter (low word first).
package func philox4x32(key: (UInt32, UInt32), counter: (UInt64, UInt64)) -> SIMD4<UInt32> {
    var (k0, k1) = key
    var c0 = UInt32(truncatingIfNeeded: counter.0)
    var c1 = UInt32(truncatingIfNeeded: counter.0 >> 32)
    var c2 = UInt32(truncatingIfNeeded: counter.1)
    var c3 = UInt32(truncatingIfNeeded: counter.1 >> 32)
    for _ in 0..<10 {
        let (high0, low0) = (0xD251_1F53 as UInt32).multipliedFullWidth(by: c0)
        let (high1, low1) = (0xCD9E_8D57 as UInt32).multipliedFullWidth(by: c2)
        (c0, c1, c2, c3) = (high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0)
        k0 &+= 0x9E37_79B9
        k1 &+= 0xBB67_AE85
    }
    return SIMD4(c0, c1, c2, c3)
}
