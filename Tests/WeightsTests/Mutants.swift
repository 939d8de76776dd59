import Foundation

/// Damaged copies of a file: each with some bytes set, removed, repeated, or with a number in them made extreme; the same
/// for the same seed.
func mutants(of sound: Data, count: Int, seed: UInt64) -> some Sequence<Data> {
    var random = SplitMix(state: seed)
    return (0..<count).lazy.map { _ in
        var bytes = [UInt8](sound)
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty { change(&bytes, &random) }
        return Data(bytes)
    }
}

private func change(_ bytes: inout [UInt8], _ random: inout SplitMix) {
    let place = Int.random(in: bytes.indices, using: &random)
    let end = min(bytes.count, place + Int.random(in: 1...16, using: &random))
    switch Int.random(in: 0..<6, using: &random) {
    case 0: bytes[place] = .random(in: .min ... .max, using: &random)
    case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2: bytes.removeSubrange(place..<end)
    case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
    case 4: for index in place..<end { bytes[index] = [0, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0 }
    default:
        let source = Int.random(in: 0...bytes.count - (end - place), using: &random)
        bytes.replaceSubrange(place..<end, with: Array(bytes[source..<source + end - place]))
    }
}

/// Steele, Lea and Flood 2014.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
