import CSystem
import Kernels
import Testing

@Suite struct ProcessorTests {
    /// Fails where the compiler's flags were lost, which no result would show.
    @Test func theKernelsUseTheProcessorsVectors() {
        #expect(isCompiledForVectors())
    }

    /// What a user is told, if anything.
    private func explanation(needed: Int, present: Int) -> String? {
        var text = [CChar](repeating: 0, count: 400)
        let isMissing = bana_explain_missing_instructions(UInt32(needed), UInt32(present), &text, text.count)
        guard isMissing != 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    @Test func aProcessorThatLacksInstructionsIsToldWhichAndWhatToDo() {
        let needed = bana_avx2 | bana_fma | bana_bmi2
        let text = explanation(needed: needed, present: bana_bmi2 | bana_avx512f)
        #expect(text?.contains("compiled for: AVX2, FMA;") == true, "\(text ?? "nothing")")
        #expect(text?.contains("BANA_MARCH=native") == true)
        let all = explanation(needed: 255, present: 0)
        #expect(all?.hasSuffix("or run it on another") == true, "\(all ?? "nothing")")
    }

    @Test func aProcessorThatHasThemAllIsToldNothing() {
        #expect(explanation(needed: bana_avx2, present: bana_avx2 | bana_fma) == nil)
        #expect(explanation(needed: 0, present: 0) == nil)
    }

    @Test func thisProcessorHasWhatTheKernelsNeed() {
        #expect(instructionsNeeded() & ~bana_instructions_present() == 0)
    }
}
