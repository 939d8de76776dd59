#define _GNU_SOURCE
#include "TileKernels.h"

#include <stddef.h>
#include <string.h>

static void nothing(void) {}

#define KERNELS(symbol, name, native, rows, begin, end)                                                              \
    static const bana_tile_kernels symbol##_kernels = {                                                              \
        name, native, rows, begin, end, multiply_##symbol, multiply_add_##symbol};

// MARK: - On vectors

typedef float sums __attribute__((vector_size(64)));
typedef unsigned words __attribute__((vector_size(64)));

/// One row of sums += a pair of elements times a row of pairs.
#define VECTOR_MULTIPLY(c, a, b)                                                                                     \
    for (int pair = 0; pair < 16; pair++) {                                                                          \
        VECTOR_ROW y = VECTOR_LOAD(b_tile[b] + pair * 32);                                                           \
        _Pragma("unroll") for (int r = 0; r < ROWS; r++) {                                                           \
            unsigned x;                                                                                              \
            memcpy(&x, a_tile[a] + r * a_tile_stride + pair * 2, sizeof x);                                          \
            sum[c][r] = VECTOR_ADD_PAIRS(sum[c][r], x, y);                                                           \
        }                                                                                                            \
    }

/// The factors stay where they are; their strides are the same for both tiles.
#define VECTOR_TILES(type)                                                                                           \
    type sum[4][ROWS];                                                                                               \
    const bana_bfloat16 *a_tile[2], *b_tile[2];                                                                      \
    long a_tile_stride;
#define VECTOR_LOAD_A(t, from, stride)                                                                               \
    a_tile[t] = (from);                                                                                              \
    a_tile_stride = (stride);
#define VECTOR_LOAD_B(t, from) b_tile[t] = (from);
#define VECTOR_STORE(c, to)                                                                                          \
    for (int r = 0; r < ROWS; r++) memcpy((to) + r * 32, &sum[c][r], sizeof sum[c][r]);

// MARK: - Any processor

typedef unsigned unaligned_words __attribute__((vector_size(64), aligned(2), may_alias));

static inline __attribute__((always_inline)) float upper_half(unsigned x) {
    float value;
    unsigned bits = x & 0xFFFF0000u;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#define VECTOR_ROW words
#define VECTOR_LOAD(from) (*(const unaligned_words *)(from))
/// The products of elements are exact in float32.
#define VECTOR_ADD_PAIRS(sum, x, y)                                                                                  \
    ((sum) + upper_half((x) << 16) * (sums)((y) << 16) + upper_half(x) * (sums)((y) & 0xFFFF0000u))

/// As AMX has them.
#define NAME(x) x##_portable
#define ATTRIBUTES
#define ROWS 16
#define TILES VECTOR_TILES(sums)
#define ZERO(c) for (int r = 0; r < ROWS; r++) sum[c][r] = (sums){0};
#define LOAD_A VECTOR_LOAD_A
#define LOAD_B VECTOR_LOAD_B
#define MULTIPLY VECTOR_MULTIPLY
#define STORE VECTOR_STORE
#include "TileBlock.inc"
KERNELS(portable, "generic", 0, 16, nothing, nothing)

/// As AVX-512 has them.
#define NAME(x) x##_portable6
#define ATTRIBUTES
#define ROWS 6
#define TILES VECTOR_TILES(sums)
#define ZERO(c) for (int r = 0; r < ROWS; r++) sum[c][r] = (sums){0};
#define LOAD_A VECTOR_LOAD_A
#define LOAD_B VECTOR_LOAD_B
#define MULTIPLY VECTOR_MULTIPLY
#define STORE VECTOR_STORE
#include "TileBlock.inc"
KERNELS(portable6, "generic in six rows", 0, 6, nothing, nothing)

#undef VECTOR_ROW
#undef VECTOR_LOAD
#undef VECTOR_ADD_PAIRS

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

// MARK: - AVX-512 with bfloat16

#define AVX512 __attribute__((target("avx512f,avx512vl,avx512bw,avx512bf16")))

AVX512 static inline __attribute__((always_inline)) __m512bh load_pairs(const bana_bfloat16 *from) {
    return (__m512bh)_mm512_loadu_si512(from);
}

AVX512 static inline __attribute__((always_inline)) __m512 add_pairs_avx512(__m512 sum, unsigned x, __m512bh y) {
    return _mm512_dpbf16_ps(sum, (__m512bh)_mm512_set1_epi32((int)x), y);
}

#define VECTOR_ROW __m512bh
#define VECTOR_LOAD load_pairs
#define VECTOR_ADD_PAIRS add_pairs_avx512

#define NAME(x) x##_avx512
#define ATTRIBUTES AVX512
#define ROWS 6
#define TILES VECTOR_TILES(__m512)
#define ZERO(c) for (int r = 0; r < ROWS; r++) sum[c][r] = _mm512_setzero_ps();
#define LOAD_A VECTOR_LOAD_A
#define LOAD_B VECTOR_LOAD_B
#define MULTIPLY VECTOR_MULTIPLY
#define STORE VECTOR_STORE
#include "TileBlock.inc"
KERNELS(avx512, "avx512", 1, 6, nothing, nothing)

// MARK: - AMX

#define AMX __attribute__((target("amx-tile,amx-bf16")))

/// Which tiles there are: bytes of a row and rows of each.
typedef struct {
    unsigned char palette, start_row, reserved[14];
    unsigned short row_bytes[16];
    unsigned char rows[16];
} tile_configuration;

AMX static void begin_amx(void) {
    tile_configuration configuration = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) configuration.row_bytes[tile] = 64, configuration.rows[tile] = 16;
    _tile_loadconfig(&configuration);
}

AMX static void end_amx(void) { _tile_release(); }

#define NAME(x) x##_amx
#define ATTRIBUTES AMX
#define ROWS 16
#define TILES
#define ZERO(c) _tile_zero(c);
#define LOAD_A(a, from, stride) _tile_loadd(4 + a, from, (stride) * 2);
#define LOAD_B(b, from) _tile_loadd(6 + b, from, 64);
#define MULTIPLY(c, a, b) _tile_dpbf16ps(c, 4 + a, 6 + b);
#define STORE(c, to) _tile_stored(c, to, 128);
#include "TileBlock.inc"
KERNELS(amx, "amx", 1, 16, begin_amx, end_amx)

/// Whether CPUID names a feature: a bit of leaf 7.
static int has(unsigned subleaf, int of_edx, unsigned bit) {
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, subleaf, &a, &b, &c, &d)) return 0;
    return (of_edx ? d : a) >> bit & 1;
}

static bana_tile_state ask_for_tiles(void) {
    const long request_permission = 0x1023, tile_data = 18;
    const unsigned tiles = 24, tiles_of_bfloat16 = 22;
    if (!has(0, 1, tiles) || !has(0, 1, tiles_of_bfloat16)) return bana_tiles_absent;
    return syscall(SYS_arch_prctl, request_permission, tile_data) == 0 ? bana_tiles_granted : bana_tiles_refused;
}

bana_tile_state bana_amx_state(void) {
    static const bana_tile_state unknown = (bana_tile_state)-1;
    static _Atomic bana_tile_state state = (bana_tile_state)-1;
    if (state == unknown) state = ask_for_tiles();
    return state;
}

static int has_avx512(void) {
    const unsigned bfloat16 = 5;
    return __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") && has(1, 0, bfloat16);
}

const bana_tile_kernels *bana_tile_kernels_at(int index) {
    const bana_tile_kernels *fit[4];
    int count = 0;
    if (bana_amx_state() == bana_tiles_granted) fit[count++] = &amx_kernels;
    if (has_avx512()) fit[count++] = &avx512_kernels;
    fit[count++] = &portable_kernels;
    fit[count++] = &portable6_kernels;
    return index < count ? fit[index] : NULL;
}
#else
bana_tile_state bana_amx_state(void) { return bana_tiles_absent; }

const bana_tile_kernels *bana_tile_kernels_at(int index) {
    return index == 0 ? &portable_kernels : index == 1 ? &portable6_kernels : NULL;
}
#endif
