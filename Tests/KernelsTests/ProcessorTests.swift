import Kernels
import Testing

@Suite struct ProcessorTests {
    /// Fails where the compiler's flags were lost, which no result would show.
    @Test func theKernelsUseTheProcessorsVectors() {
        #expect(isCompiledForVectors())
    }
}
