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
