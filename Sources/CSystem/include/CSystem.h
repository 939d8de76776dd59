#pragma once

/// What Swift cannot reach of the system: macros and functions behind feature flags.

/// Number of processors the calling process may run on (its affinity mask where the system has one); at least 1.
int bana_available_cores(void);

/// Sets of instructions that a program may be compiled for, a bit each.
enum {
    bana_avx2 = 1 << 0,
    bana_fma = 1 << 1,
    bana_bmi = 1 << 2,
    bana_bmi2 = 1 << 3,
    bana_avx512f = 1 << 4,
    bana_avx512bw = 1 << 5,
    bana_avx512dq = 1 << 6,
    bana_avx512vl = 1 << 7,
};

/// Those that this processor and its system have; 0 where they are not asked for, as on Arm.
unsigned bana_instructions_present(void);

/// Those for which the module that includes this is compiled.
static inline unsigned bana_instructions_needed(void) {
    unsigned needed = 0;
#ifdef __AVX2__
    needed |= bana_avx2;
#endif
#ifdef __FMA__
    needed |= bana_fma;
#endif
#ifdef __BMI__
    needed |= bana_bmi;
#endif
#ifdef __BMI2__
    needed |= bana_bmi2;
#endif
#ifdef __AVX512F__
    needed |= bana_avx512f;
#endif
#ifdef __AVX512BW__
    needed |= bana_avx512bw;
#endif
#ifdef __AVX512DQ__
    needed |= bana_avx512dq;
#endif
#ifdef __AVX512VL__
    needed |= bana_avx512vl;
#endif
    return needed;
}

/// Bytes of addresses the process may have (`ulimit -v`); -1 for any number.
long bana_address_space_limit(void);

/// Whether something printed could not be written, other than to a reader that has gone.
int bana_standard_output_lost(void);

/// Bytes of the heap that are in use; -1 where the system does not say.
long bana_heap_bytes(void);
