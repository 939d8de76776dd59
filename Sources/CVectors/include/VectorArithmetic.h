#pragma once

/// Arithmetic on eight floats at a time.
///
/// C, because Swift hands the optimiser eight separate sums for a sum of vectors, and the optimiser does not always
/// put them together again. These functions are inlined; nothing is called.
typedef float bana_vector __attribute__((ext_vector_type(8)));

#define BANA_INLINE static inline __attribute__((always_inline))

BANA_INLINE bana_vector bana_repeat(float a) { return (bana_vector)a; }
BANA_INLINE bana_vector bana_add(bana_vector a, bana_vector b) { return a + b; }
BANA_INLINE bana_vector bana_subtract(bana_vector a, bana_vector b) { return a - b; }
BANA_INLINE bana_vector bana_multiply(bana_vector a, bana_vector b) { return a * b; }

/// a b + c, rounded once.
BANA_INLINE bana_vector bana_multiply_add(bana_vector a, bana_vector b, bana_vector c) {
    return __builtin_elementwise_fma(a, b, c);
}

/// The larger of each pair; b where one is not a number.
BANA_INLINE bana_vector bana_max(bana_vector a, bana_vector b) { return a > b ? a : b; }

/// x where `sign` is positive, else 0.
BANA_INLINE bana_vector bana_where_positive(bana_vector sign, bana_vector x) { return sign > 0 ? x : (bana_vector)0; }

/// Asks for the cache line at `address`, which will soon be read.
BANA_INLINE void bana_prefetch(const float *address) { __builtin_prefetch(address); }
