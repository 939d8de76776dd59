import Kernels
import Testing

@Suite struct TileProductsTests {
    /// Portable primitives of AMX's tiles and of AVX-512's stand in for those that this processor lacks.
    @Test func thePortableOnesAreThereAndNeverChosen() {
        let portable = TileProducts.available.suffix(2)
        #expect(portable.count == 2 && portable.allSatisfy { !$0.isNative })
        #expect(TileProducts.chosen?.isNative ?? true)
    }

    /// What is chosen is among what there is; tiles that were refused are said so.
    @Test func instructionsAreNamed() {
        #expect(Instructions.available.contains(Instructions.chosen))
        #expect(Instructions.available.last == "generic")
        #expect(Instructions.description.hasPrefix(Instructions.chosen))
        #expect(Instructions.description.contains("refuses") == Instructions.areTilesRefused)
        #expect(!Instructions.haveTiles || TileProducts.chosen?.processor == "amx")
    }

    @Test func aPeakIsMeasured() {
        for products in TileProducts.available { #expect(products.measuredPeak() > 1e8) }
    }
}
