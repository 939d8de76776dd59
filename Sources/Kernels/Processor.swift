import CSystem

/// The instruction sets the kernels are compiled for, as bits of `CSystem`.
///
/// A constant: it can be asked for on a processor that has none of them.
package func instructionsNeeded() -> UInt32 { bana_instructions_needed() }
