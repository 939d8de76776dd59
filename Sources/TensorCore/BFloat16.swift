/// A number of sixteen bits with the exponent of a float32: its upper half.
package struct BFloat16: BitwiseCopyable, Sendable {
    package let bits: UInt16

    package init(bits: UInt16) { self.bits = bits }

    /// The nearest to a float32, of two that are equally near the even one; NaN stays NaN.
    @inlinable package init(_ value: Float) {
        let pattern = value.bitPattern
        // A NaN whose digits are all in the lower half would become infinite: one more digit keeps it.
        let rounded = pattern &+ 0x7FFF &+ (pattern >> 16 & 1)
        self.init(bits: UInt16(truncatingIfNeeded: (value.isNaN ? pattern | 0x40_0000 : rounded) >> 16))
    }

    /// The same number, exactly.
    @inlinable package var float: Float { Float(bitPattern: UInt32(bits) << 16) }
}
