/// Numbers by formula, the same here and in the fixtures' generator, so that no inputs or weights need storing.
///
///     u_k = (splitmix64(fnv1a64(name) + k) >> 11) * 2^-53,  value_k = offset + scale * (2 u_k - 1)
package enum Formula {
    /// u_k for k in 0..<`count`, in [0, 1).
    package static func uniform(_ name: String, count: Int) -> [Double] {
        let start = fnv1a64(name)
        return (0..<count).map { Double(splitmix64(start &+ UInt64($0)) >> 11) * 0x1p-53 }
    }

    /// value_k for k in 0..<`count`, rounded to single precision.
    package static func values(_ name: String, count: Int, scale: Double = 1, offset: Double = 0) -> [Float] {
        uniform(name, count: count).map { Float(offset + scale * (2 * $0 - 1)) }
    }

    /// Inner products of `change` with three formula vectors of scale 1, as fixtures store them.
    package static func projections(_ name: String, of change: [Double]) -> [Double] {
        (0..<3).map { index in
            zip(change, uniform("\(name)/projection\(index)", count: change.count)).reduce(0) {
                $0 + $1.0 * (2 * $1.1 - 1)
            }
        }
    }

    /// The 64-bit FNV-1a hash of the name's UTF-8 bytes.
    static func fnv1a64(_ name: String) -> UInt64 {
        name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// One output of SplitMix64 (Steele et al. 2014) from the state `x`.
    static func splitmix64(_ x: UInt64) -> UInt64 {
        var z = x &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
