import CSystem
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
