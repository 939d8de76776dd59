import CSystem

/// What is wrong with this processor; `nil` if it has all the instructions of `needed`, bits of `CSystem`.
///
/// To be asked before anything else: this room and `CSystem` are compiled for any processor, the kernels are not.
package func processorProblem(needed: UInt32, present: UInt32 = bana_instructions_present()) -> String? {
    let missing = needed & ~present
    let names = instructionNames.enumerated().filter { missing >> $0.offset & 1 != 0 }.map(\.element)
    guard !names.isEmpty else { return nil }
    return "this processor lacks instructions that bana is compiled for: \(names.joined(separator: ", ")); build it on "
        + "this machine with BANA_MARCH=native, or run it on another"
}

/// In the order of `CSystem`'s bits.
private let instructionNames = [
    "AVX2", "FMA", "BMI", "BMI2", "AVX-512F", "AVX-512BW", "AVX-512DQ", "AVX-512VL",
]
