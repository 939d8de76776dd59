#pragma once

/// What Swift cannot reach of the system: macros and functions behind feature flags.

/// Number of processors the calling process may run on (its affinity mask where the system has one); at least 1.
int bana_available_cores(void);

/// 1 where the module that includes this is compiled for fused multiply-add on vectors of eight floats (on Arm: of
/// four), else 0. Without it a product of vectors becomes a library call for every number.
static inline int bana_compiled_for_vectors(void) {
#if defined(__aarch64__) || (defined(__AVX2__) && defined(__FMA__))
    return 1;
#else
    return 0;
#endif
}
