/// A number of sixteen bits with the exponent of a float32: its upper half.
///
/// Public, because the compiler puts nothing of another room into a loop that is only `package`: with a call for each
/// number, a conversion takes ten times as long.
public struct BFloat16: BitwiseCopyable, Sendable {
    public let bits: UInt16

    @inlinable public init(bits: UInt16) { self.bits = bits }

    /// The nearest to a float32, of two that are equally near the even one; NaN stays NaN.
    @inlinable public init(_ value: Float) {
        let pattern = value.bitPattern
        let isNaN = pattern & 0x7FFF_FFFF > 0x7F80_0000
        // A NaN whose digits are all in the lower half would become infinite: one more digit keeps it.
        let rounded = pattern &+ 0x7FFF &+ (pattern >> 16 & 1)
        self.init(bits: UInt16(truncatingIfNeeded: (isNaN ? pattern | 0x40_0000 : rounded) >> 16))
    }

    /// The same number, exactly.
    @inlinable public var float: Float { Float(bitPattern: UInt32(bits) << 16) }
}
