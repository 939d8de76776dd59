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

typedef unsigned short bana_sixteen_halves __attribute__((ext_vector_type(16), aligned(2), may_alias));
typedef unsigned bana_words __attribute__((ext_vector_type(16)));

/// The sixteen bfloat16 from `address` on, exactly.
BANA_INLINE bana_vector bana_load_bfloat16(const void *address) {
    return (bana_vector)(__builtin_convertvector(*(const bana_sixteen_halves *)address, bana_words) << 16);
}

/// Sets the sixteen bfloat16 from `address` on to the nearest, of two that are equally near the even one; NaN stays NaN.
BANA_INLINE void bana_store_bfloat16(bana_vector x, void *address) {
    const bana_words pattern = (bana_words)x, rounded = pattern + 0x7FFF + (pattern >> 16 & 1);
    // A NaN whose digits are all in the lower half would become infinite: one more digit keeps it.
    const bana_words kept = x != x ? pattern | 0x400000 : rounded;
    *(bana_sixteen_halves *)address = __builtin_convertvector(kept >> 16, bana_sixteen_halves);
}

/// Sixteen pairs of the first, second, ... elements of two rows of sixteen.
BANA_INLINE void bana_interleave_halves(const void *first, const void *second, void *to) {
    const bana_sixteen_halves a = *(const bana_sixteen_halves *)first, b = *(const bana_sixteen_halves *)second;
    bana_sixteen_halves *pairs = (bana_sixteen_halves *)to;
    pairs[0] = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    pairs[1] = __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/// Writes the rows of a 16 x 16 matrix of sixteen bits as columns; `from_stride` and `to_stride` are the elements from row
/// to row.
static inline void bana_transpose_halves(
    const unsigned short *from, long from_stride, unsigned short *to, long to_stride) {
    bana_sixteen_halves x[16];
    for (int i = 0; i < 16; i++) x[i] = *(const bana_sixteen_halves *)(from + i * from_stride);
    // Squares of `side` change places across the diagonal, of larger squares and then of those within.
#define BANA_SWAP(side, first, second)                                                                               \
    for (int i = 0; i < 16; i++)                                                                                     \
        if (!(i & side)) {                                                                                           \
            const bana_sixteen_halves upper = x[i], lower = x[i + side];                                             \
            x[i] = __builtin_shufflevector(upper, lower, BANA_UNPACK first);                                         \
            x[i + side] = __builtin_shufflevector(upper, lower, BANA_UNPACK second);                                 \
        }
#define BANA_UNPACK(...) __VA_ARGS__
    BANA_SWAP(8, (0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
              (8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
    BANA_SWAP(4, (0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27),
              (4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31))
    BANA_SWAP(2, (0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29),
              (2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31))
    BANA_SWAP(1, (0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30),
              (1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31))
#undef BANA_UNPACK
#undef BANA_SWAP
    for (int i = 0; i < 16; i++) *(bana_sixteen_halves *)(to + i * to_stride) = x[i];
}

typedef float bana_eight_floats __attribute__((ext_vector_type(8)));

/// The eight bfloat16 from `address` on, exactly.
BANA_INLINE bana_eight_floats bana_load_eight_bfloat16(const void *address) {
    typedef unsigned short halves __attribute__((ext_vector_type(8), aligned(2), may_alias));
    typedef unsigned words __attribute__((ext_vector_type(8)));
    return (bana_eight_floats)(__builtin_convertvector(*(const halves *)address, words) << 16);
}

/// Asks for the cache line at `address`, which will soon be read.
BANA_INLINE void bana_prefetch(const float *address) { __builtin_prefetch(address); }
