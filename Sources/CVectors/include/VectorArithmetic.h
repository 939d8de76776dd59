#pragma once

/// Arithmetic on sixteen floats at a time: one cache line, in as many registers as the processor needs.
///
/// C, because Swift hands the optimiser sixteen separate operations for one on vectors, and the optimiser does not always
/// put them together again: of softmax it makes a loop that takes twenty times as long with Swift's own shifts and
/// comparisons, and as long as C (1.0 to 1.1 times) with these. They are inlined; nothing is called.
typedef float bana_vector __attribute__((ext_vector_type(16)));

#define BANA_INLINE static inline __attribute__((always_inline))

BANA_INLINE bana_vector bana_repeat(float a) { return (bana_vector)a; }
BANA_INLINE bana_vector bana_add(bana_vector a, bana_vector b) { return a + b; }
BANA_INLINE bana_vector bana_subtract(bana_vector a, bana_vector b) { return a - b; }
BANA_INLINE bana_vector bana_multiply(bana_vector a, bana_vector b) { return a * b; }

/// a b + c, rounded once.
BANA_INLINE bana_vector bana_multiply_add(bana_vector a, bana_vector b, bana_vector c) {
    return __builtin_elementwise_fma(a, b, c);
}

/// The larger of each pair; b where one is NaN.
BANA_INLINE bana_vector bana_max(bana_vector a, bana_vector b) { return a > b ? a : b; }

/// x where `sign` is positive, else 0.
BANA_INLINE bana_vector bana_where_positive(bana_vector sign, bana_vector x) { return sign > 0 ? x : (bana_vector)0; }

/// x, but 0 where `value` is less than `limit`.
BANA_INLINE bana_vector bana_zero_where_less(bana_vector value, bana_vector limit, bana_vector x) {
    return value < limit ? (bana_vector)0 : x;
}

typedef int bana_integers __attribute__((ext_vector_type(16)));

/// x 2^n for integers n in -126...127, given as n + 1.5 2^23, whose low bits they are.
BANA_INLINE bana_vector bana_times_power_of_two(bana_vector x, bana_vector shifted) {
    return x * (bana_vector)(((bana_integers)shifted + 127) << 23);
}

typedef unsigned char bana_bytes __attribute__((ext_vector_type(16), aligned(1)));

/// x where the byte of its lane, from `bytes` on, is `wanted`, else 0.
///
/// With Swift's comparison of widened bytes the gradient of max pooling takes twenty times as long (AVX2, 343 ms against
/// 16 ms of a VGG-16 step).
BANA_INLINE bana_vector bana_where_byte_is(const unsigned char *bytes, int wanted, bana_vector x) {
    return __builtin_convertvector(*(const bana_bytes *)bytes, bana_integers) == wanted ? x : (bana_vector)0;
}

/// The last `count` lanes, the others 0.
BANA_INLINE bana_vector bana_last_lanes(bana_vector x, int count) {
    const bana_integers lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return lane >= 16 - count ? x : (bana_vector)0;
}

/// Writes the rows of an 8 x 8 matrix as columns; `from_stride` and `to_stride` are the floats from row to row.
static inline void bana_transpose_8x8(const float *from, long from_stride, float *to, long to_stride) {
    typedef float row __attribute__((ext_vector_type(8), aligned(4)));
    row x[8], pairs[8], fours[8];
    for (int i = 0; i < 8; i++) x[i] = *(const row *)(from + i * from_stride);
    for (int i = 0; i < 8; i += 2) {
        pairs[i] = __builtin_shufflevector(x[i], x[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
        pairs[i + 1] = __builtin_shufflevector(x[i], x[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
    for (int i = 0; i < 8; i += 4)
        for (int j = i; j < i + 2; j++) {
            fours[j] = __builtin_shufflevector(pairs[j], pairs[j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            fours[j + 2] = __builtin_shufflevector(pairs[j], pairs[j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    for (int i = 0; i < 4; i++) {
        *(row *)(to + i * to_stride) = __builtin_shufflevector(fours[i], fours[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        *(row *)(to + (i + 4) * to_stride) =
            __builtin_shufflevector(fours[i], fours[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

/// Asks for the cache line at `address`, which will soon be read.
BANA_INLINE void bana_prefetch(const float *address) { __builtin_prefetch(address); }
