import CSystem
import Kernels
import Testing

@Suite struct ProcessorTests {
    #if arch(x86_64)
        /// Fails where the compiler's flags were lost, which no result would show: products of vectors become library
        /// calls for every number.
        @Test func theKernelsUseTheProcessorsVectors() {
            let vectors = UInt32(bana_avx2 | bana_fma)
            #expect(instructionsNeeded() & vectors == vectors)
        }
    #endif

    @Test func thisProcessorHasWhatTheKernelsNeed() {
        #expect(instructionsNeeded() & ~bana_instructions_present() == 0)
    }
}
