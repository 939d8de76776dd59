import CSystem
import ProcessorCheck
import Testing

/// What a user is told whose processor lacks instructions.
@Suite struct ProcessorTests {
    private func problem(needed: Int, present: Int) -> String? {
        processorProblem(needed: UInt32(needed), present: UInt32(present))
    }

    @Test func itSaysWhichAreMissingAndWhatToDo() {
        let text = problem(needed: bana_avx2 | bana_fma | bana_bmi2, present: bana_bmi2 | bana_avx512f)
        #expect(text?.contains("compiled for: AVX2, FMA;") == true, "\(text ?? "nothing")")
        #expect(text?.contains("BANA_MARCH=native") == true)
        let all = problem(needed: 255, present: 0)
        #expect(all?.contains("AVX-512DQ, AVX-512VL;") == true, "\(all ?? "nothing")")
    }

    @Test func nothingWhereAllAreThere() {
        #expect(problem(needed: bana_avx2, present: bana_avx2 | bana_fma) == nil)
        #expect(problem(needed: 0, present: 0) == nil)
    }
}
