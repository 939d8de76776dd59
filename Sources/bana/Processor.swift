import CSystem
import FileAccess
import Foundation
import Kernels

/// What is wrong with this processor; `nil` if it can run the kernels.
///
/// To be asked before anything else: this file and `CSystem` are compiled for any processor, the kernels are not.
func processorProblem() -> String? {
    var text = [CChar](repeating: 0, count: 400)
    let isProblem = bana_explain_missing_instructions(
        instructionsNeeded(), bana_instructions_present(), &text, text.count)
    guard isProblem != 0 else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Keeps to the instructions that the environment's `BANA_INSTRUCTIONS` names, if it does.
///
/// OpenBLAS chooses its kernels when it is loaded, by an environment variable of its own, so the program starts once more
/// with that.
///
/// - Throws: `InputError` where this processor has none of that name.
func limitInstructions() throws {
    let environment = ProcessInfo.processInfo.environment
    guard let wanted = environment["BANA_INSTRUCTIONS"], !wanted.isEmpty else { return }
    if PanelProducts.use(only: wanted) {
        guard wanted == "avx2", environment["OPENBLAS_CORETYPE"] == nil else { return }
        setenv("OPENBLAS_CORETYPE", "Haswell", 1)
        execv("/proc/self/exe", CommandLine.unsafeArgv)
        throw InputError("OpenBLAS cannot be kept to AVX2", remedy: "set OPENBLAS_CORETYPE=Haswell")
    }
    let names = PanelProducts.available.map(\.processor).joined(separator: ", ")
    throw InputError(
        "BANA_INSTRUCTIONS is '\(wanted)', which this processor does not have", remedy: "choose one of \(names)")
}
