import FileAccess
import Foundation
import Kernels

/// Looks whether the instructions that the environment's `BANA_INSTRUCTIONS` names are there, and keeps OpenBLAS to them.
///
/// OpenBLAS chooses its kernels when it is loaded, by an environment variable of its own, so the program starts once more
/// with that.
///
/// - Throws: `InputError` where this processor has none of that name.
func limitInstructions() throws {
    let environment = ProcessInfo.processInfo.environment
    guard let wanted = Instructions.requested else { return }
    if wanted == Instructions.chosen {
        guard wanted == "avx2", environment["OPENBLAS_CORETYPE"] == nil else { return }
        setenv("OPENBLAS_CORETYPE", "Haswell", 1)
        execv("/proc/self/exe", CommandLine.unsafeArgv)
        throw InputError("OpenBLAS cannot be kept to AVX2", remedy: "set OPENBLAS_CORETYPE=Haswell")
    }
    let names = Instructions.available.joined(separator: ", ")
    let isRefused = wanted == "amx" && Instructions.areTilesRefused
    let lack = isRefused ? "the system does not grant" : "this processor does not have"
    throw InputError("BANA_INSTRUCTIONS is '\(wanted)', which \(lack)", remedy: "choose one of \(names)")
}
