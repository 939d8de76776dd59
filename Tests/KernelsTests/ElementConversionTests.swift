import Foundation
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite struct ElementConversionTests {
    private static let rounded: [(value: Float, bits: UInt16)] = [
        (1, 0x3F80), (-2.5, 0xC020), (0, 0), (-0.0, 0x8000),
        // Halfway between two: the even one; a little more, or less: the nearer one.
        (0x1.01p0, 0x3F80), (0x1.03p0, 0x3F82), (0x1.01001p0, 0x3F81), (0x1.00FFFp0, 0x3F80),
        (.infinity, 0x7F80), (-.infinity, 0xFF80),
        // Rounding reaches beyond the largest; the smallest are exact.
        (.greatestFiniteMagnitude, 0x7F80), (0x1p-133, 1), (0x1p-135, 0),
    ]

    @Test(arguments: rounded)
    func floatsAreRoundedToTheNearestEven(_ value: Float, _ bits: UInt16) {
        #expect(BFloat16(value).bits == bits)
    }

    /// The naive twin: of the two bfloat16 around a number the nearer one, of two as near the even one.
    private func nearest(to value: Float) -> UInt16 {
        let below = UInt16(value.bitPattern >> 16)
        // Away from zero, the bit patterns of one sign are in order; beyond the largest is what would come next.
        let size = { (bits: UInt16) in bits & 0x7FFF == 0x7F80 ? 0x1p128 : abs(Double(BFloat16(bits: bits).float)) }
        guard value.isFinite else { return value.isNaN ? below | 0x40 : below }
        let (down, up) = (abs(Double(value)) - size(below), size(below + 1) - abs(Double(value)))
        return down < up || (down == up && below % 2 == 0) ? below : below + 1
    }

    /// At, beside and halfway between all bfloat16: denormals, infinities and NaN of every payload among them.
    @Test(arguments: [0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF as UInt32])
    func everyNumberIsRoundedAsByTheNaiveTwin(_ rest: UInt32) {
        let values = (0...UInt32(UInt16.max)).map { Float(bitPattern: $0 << 16 | rest) }
        var rounded = [BFloat16](repeating: BFloat16(bits: 0), count: values.count)
        convert(values, into: &rounded, count: values.count)
        let wrong = values.indices.first { rounded[$0].bits != nearest(to: values[$0]) }
        #expect(wrong == nil, "\(values[wrong ?? 0]) becomes \(rounded[wrong ?? 0].float)")
    }

    @Test func everyBFloat16IsWidenedExactly() {
        let all = (0...UInt16.max).map { BFloat16(bits: $0) }
        var wide = [Float](repeating: 0, count: all.count)
        convert(all, into: &wide, count: all.count)
        #expect(all.indices.allSatisfy { wide[$0].bitPattern == UInt32($0) << 16 })
    }

    /// Any number of elements, aligned or not; what is beside them stays.
    @Test(arguments: 0...70)
    func anyLengthIsConverted(_ count: Int) {
        let rounded = UnsafeMutablePointer<BFloat16>.allocate(capacity: count + 2)
        defer { rounded.deallocate() }
        rounded.initialize(repeating: BFloat16(bits: 7), count: count + 2)
        let values = (0..<count).map { Float(sin(Double($0))) }
        var (wide, sum) = ([Float](repeating: 7, count: count + 1), [Float](repeating: 7, count: count + 1))
        convert(values, into: rounded + 1, count: count)
        convert(rounded + 1, into: &wide, count: count)
        add(rounded + 1, to: &sum, count: count)
        #expect(rounded[0].bits == 7 && rounded[count + 1].bits == 7)
        let twins = values.map { BFloat16(bits: nearest(to: $0)).float }
        #expect(wide == twins + [7])
        #expect(sum == twins.map { 7 + $0 } + [7])
    }

    @Test(arguments: [0x7FC0_0000 as UInt32, 0x7F80_0001, 0xFF80_0001, 0x7FFF_FFFF, 0xFFFF_FFFF])
    func whatIsNaNStaysNaN(_ pattern: UInt32) {
        #expect(BFloat16(Float(bitPattern: pattern)).float.isNaN)
    }

    @Test func everyBFloat16ComesBack() {
        let all = (0...UInt16.max).map { BFloat16(bits: $0) }
        #expect(all.allSatisfy { $0.float.isNaN || BFloat16($0.float).bits == $0.bits })
    }

    @Test func tensorsAreConvertedBothWays() {
        let context = makeContext()
        let x = Volume(Shape(2, 67, 71, 13), formula: "x").tensor(in: context.workspace)
        let narrow = context.workspace.tensor(x.shape, .bfloat16)
        let wide = context.workspace.tensor(x.shape)
        convert(x, into: narrow, pool: context.pool)
        convert(narrow, into: wide, pool: context.pool)
        #expect(wide.elements == x.elements.map { BFloat16($0).float })
        #expect(narrow.images(1..<2).bfloat16s[5].bits == BFloat16(x.images(1..<2).floats[5]).bits)
    }
}
