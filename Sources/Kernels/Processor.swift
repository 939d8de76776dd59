import CSystem

/// Whether the kernels are compiled for vector instructions with fused multiply-add; without, they are some hundred
/// times slower.
package func isCompiledForVectors() -> Bool { bana_compiled_for_vectors() != 0 }

/// The instruction sets the kernels are compiled for, as bits of `CSystem`.
///
/// A constant: it can be asked for on a processor that has none of them.
package func instructionsNeeded() -> UInt32 { bana_instructions_needed() }
