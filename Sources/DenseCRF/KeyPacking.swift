import FileAccess

/// How the coordinates of a lattice vertex are packed into one integer.
///
/// All d+1 coordinates of a vertex are congruent to its remainder r modulo d+1, so they are (d+1) q_i + r, and r with
/// q_0 ... q_d says which vertex it is. They sum to 0, so d sums of the q_i suffice. The key is the number with these
/// sums as its digits, in mixed radix:
///
///     q_0 - q_1                          follows x alone, up to rounding
///     q_0 + q_1 - 2 q_2                  follows y alone
///     q_0 + q_1 + q_2, q_3 ... q_{d-1}   follow the colour
///
/// The key is linear in the q_i. So going to a neighbour adds a constant to it, and the neighbours of ascending keys
/// ascend too; and as position comes first, close keys belong to close pixels.
struct KeyPacking {
    /// What one step of each q_i adds to the key, modulo 2^64.
    let stride: [UInt64]
    /// The key of the vertex with all q_i = 0, modulo 2^64.
    let origin: UInt64
    /// Significant bits of a key.
    let bits: Int

    /// A packing for all vertices around points whose scaled features c_i are within 0...`maxima[i]`, and for the
    /// neighbours of those vertices.
    ///
    /// - Throws: `InputError` if coordinates are too large for single precision, or keys for 62 bits.
    init(maxima c: [Float]) throws(InputError) {
        let digits = KeyPacking.positionDigits(c) + (c.count > 2 ? KeyPacking.colorDigits(c) : [])
        var stride = Array(repeating: UInt64(0), count: c.count + 1)
        var (origin, count) = (UInt64(0), 1.0)
        for digit in digits.reversed() where count < KeyPacking.maxKeys {
            let unit = UInt64(count)
            let reach = Float(digit.coefficients.reduce(0) { $0 + abs($1) }) * KeyPacking.margin
            let lowest = (digit.range.lowerBound / Float(c.count + 1)).rounded(.down) - reach
            let highest = (digit.range.upperBound / Float(c.count + 1)).rounded(.up) + reach
            for (i, coefficient) in digit.coefficients.enumerated() {
                stride[i] &+= unit &* UInt64(bitPattern: Int64(coefficient))
            }
            origin &-= unit &* UInt64(bitPattern: Int64(lowest))
            count *= Double(highest - lowest + 1)
        }
        guard count < KeyPacking.maxKeys && c.allSatisfy({ $0 < KeyPacking.maxCoordinate }) else {
            throw InputError(
                "a standard deviation of the CRF is too small for an image of this size", remedy: "raise it")
        }
        (self.stride, self.origin) = (stride, origin)
        bits = 64 - UInt64(count).leadingZeroBitCount
    }

    /// What the key changes by from a vertex of remainder `remainder` to its neighbour (1, ..., 1) - (d+1) e_axis.
    ///
    /// That neighbour has the next remainder. Its coordinates are one more, which leaves every q_i as it is, or after
    /// the last remainder raises every q_i by one; except that q_axis is one less than that.
    func step(from remainder: Int, along axis: Int) -> UInt64 {
        let carry = remainder == stride.count - 1 ? stride.reduce(0, &+) : 0
        return carry &- stride[axis]
    }

    /// A sum of the q_i, and the range of the same sum of a point's coordinates e_i.
    private struct Digit {
        let coefficients: [Int]
        let range: ClosedRange<Float>
    }

    private static func positionDigits(_ c: [Float]) -> [Digit] {
        [Digit(coefficients: [1, -1], range: 0...2 * c[0]), Digit(coefficients: [1, 1, -2], range: 0...6 * c[1])]
    }

    private static func colorDigits(_ c: [Float]) -> [Digit] {
        let sum = Digit(coefficients: [1, 1, 1], range: 0...3 * c[2...].reduce(0, +))
        return [sum]
            + (3..<c.count).map { j in
                Digit(
                    coefficients: Array(repeating: 0, count: j) + [1],
                    range: -Float(j) * c[j - 1]...c[j...].reduce(0, +))
            }
    }

    /// The q_i of a vertex differ from a point's e_i over d+1 by less than 1 for rounding, by 1 for its correction, by
    /// 1 for the far corners of the simplex, and by 1 for a neighbour.
    private static let margin: Float = 4
    /// Up to here single precision tells the corners of a simplex apart.
    private static let maxCoordinate: Float = 0x1p16
    private static let maxKeys = 0x1p62
}
