internal import CSystem

/// Whether the kernels are compiled for vector instructions with fused multiply-add; without, they are some hundred
/// times slower.
package func isCompiledForVectors() -> Bool { bana_compiled_for_vectors() != 0 }
