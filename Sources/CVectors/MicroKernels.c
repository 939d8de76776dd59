#include "MicroKernels.h"

#include <stddef.h>

#define INLINE static inline __attribute__((always_inline))

/// One row of a panel.
typedef float row __attribute__((vector_size(64), aligned(4)));

/// A block of c: `rows` rows of `panels` panels, held in registers over the whole sum.
///
/// The elements of a that meet one row of b lie `row_step` floats apart, those that meet the next row `inner_step`
/// further on; after `inner` rows of b comes the next panel of a. The first four arguments are constants wherever this
/// is inlined, so that the loops over them unroll.
INLINE void multiply_block(
    const int rows, const int panels, const long row_step, const long inner_step,
    bana_panels a, long a_panels, long inner, bana_panels b, bana_panels c, int accumulate) {
    row sum[rows][panels];
    for (int r = 0; r < rows; r++)
        for (int p = 0; p < panels; p++) sum[r][p] = (row){0};
    const float *b_row = b.data;
    for (long panel = 0; panel < a_panels; panel++) {
        const float *factors = a.data + panel * a.stride;
        // One step is too short to hide the counting of the loop.
#pragma clang loop unroll_count(4)
        for (long i = 0; i < inner; i++, b_row += 16, factors += inner_step) {
            row x[panels];
            for (int p = 0; p < panels; p++) x[p] = *(const row *)(b_row + p * b.stride);
#pragma unroll
            for (int r = 0; r < rows; r++)
                for (int p = 0; p < panels; p++) sum[r][p] += factors[r * row_step] * x[p];
        }
    }
#pragma unroll
    for (int r = 0; r < rows; r++)
        for (int p = 0; p < panels; p++) {
            row *target = (row *)(c.data + p * c.stride + r * 16);
            *target = accumulate ? *target + sum[r][p] : sum[r][p];
        }
}

/// The panels from `panel` on, without their first `floats` floats.
INLINE bana_panels from(bana_panels x, long panel, long floats) {
    x.data += panel * x.stride + floats;
    return x;
}

/// Rows of b that are summed at once: 16 KB of its panels stay in the first cache while all rows of a pass by.
#define summed_at_once(block_panels) (256 / (block_panels))

INLINE void multiply(
    const int block_rows, const int block_panels,
    bana_panels a, bana_panels b, bana_panels c, long rows, long a_panels, long c_panels) {
    // Of few rows too: a row's sum is the same whichever rows are multiplied with it.
    const long at_once = summed_at_once(block_panels) / 16;
    for (long first = 0; first < a_panels; first += at_once) {
        long inner = a_panels - first < at_once ? a_panels - first : at_once;
        for (long p = 0; p < c_panels; p += block_panels)
            for (long r = 0; r < rows; r += block_rows) {
                bana_panels a_part = from(a, first, r * 16), b_part = from(b, p, first * 256);
                bana_panels c_part = from(c, p, r * 16);
                if (p + block_panels <= c_panels)
                    multiply_block(block_rows, block_panels, 16, 1, a_part, inner, 16, b_part, c_part, first > 0);
                else
                    multiply_block(block_rows, 1, 16, 1, a_part, inner, 16, b_part, c_part, first > 0);
            }
    }
}

/// The sixteen rows of c that come of one panel of a, in blocks of at most `most_rows` that are as equal as can be: in
/// a small one an addition waits for the last to the same row.
INLINE void multiply_panel(
    const int most_rows, const int panels, bana_panels a, long inner, bana_panels b, bana_panels c, int accumulate) {
    const int blocks = (16 + most_rows - 1) / most_rows, rows = 16 / blocks, larger = 16 % blocks;
    for (int r = 0; r < larger * (rows + 1); r += rows + 1)
        multiply_block(rows + 1, panels, 1, 16, from(a, 0, r), 1, inner, b, from(c, 0, r * 16), accumulate);
    for (int r = larger * (rows + 1); r < 16; r += rows)
        multiply_block(rows, panels, 1, 16, from(a, 0, r), 1, inner, b, from(c, 0, r * 16), accumulate);
}

INLINE void multiply_transposed(
    const int block_rows, const int block_panels,
    bana_panels a, bana_panels b, bana_panels c, long rows, long a_panels, long c_panels, int accumulate) {
    const long at_once = summed_at_once(block_panels);
    for (long first = 0; first < rows; first += at_once, accumulate = 1) {
        long inner = rows - first < at_once ? rows - first : at_once;
        for (long p = 0; p < c_panels; p += block_panels)
            for (long panel = 0; panel < a_panels; panel++) {
                bana_panels a_part = from(a, panel, first * 16), b_part = from(b, p, first * 16);
                bana_panels c_part = from(c, p, panel * 256);
                if (p + block_panels <= c_panels)
                    multiply_panel(block_rows, block_panels, a_part, inner, b_part, c_part, accumulate);
                else
                    multiply_panel(block_rows, 1, a_part, inner, b_part, c_part, accumulate);
            }
    }
}

/// Rows that can be summed side by side in registers: enough for an addition to end before the next to the same row.
#define peak_sums(block_panels) (6 * (block_panels))

/// `turns` multiply-adds of each of `sums` independent rows, without touching memory.
INLINE float multiply_add(const int sums, long turns) {
    // Different numbers, unknown before: of what is the same the compiler would compute only one.
    const row lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, factor = (row){0} + 0.5f;
    row sum[sums];
    for (int i = 0; i < sums; i++) sum[i] = lanes + (float)(turns + 16 * i);
    for (long turn = 0; turn < turns; turn++) {
#pragma unroll
        for (int i = 0; i < sums; i++) sum[i] = sum[i] * factor + factor;
    }
    float total = 0;
    for (int i = 0; i < sums; i++)
        for (int lane = 0; lane < 16; lane++) total += sum[i][lane];
    return total;
}

/// All for one kind of processor, in blocks that fill its registers.
#define MICRO_KERNELS(name, attributes, block_rows, transposed_block_rows, block_panels)                             \
    attributes static void multiply_##name(                                                                          \
        bana_panels a, bana_panels b, bana_panels c, long rows, long a_panels, long c_panels) {                      \
        multiply(block_rows, block_panels, a, b, c, rows, a_panels, c_panels);                                       \
    }                                                                                                                \
    attributes static void multiply_transposed_##name(                                                               \
        bana_panels a, bana_panels b, bana_panels c, long rows, long a_panels, long c_panels, int accumulate) {      \
        multiply_transposed(transposed_block_rows, block_panels, a, b, c, rows, a_panels, c_panels, accumulate);     \
    }                                                                                                                \
    attributes static float multiply_add_##name(long turns) { return multiply_add(peak_sums(block_panels), turns); }     \
    static const bana_micro_kernels name = {                                                                         \
        #name, block_rows, multiply_##name, multiply_transposed_##name, multiply_add_##name,                         \
        2 * 16 * peak_sums(block_panels)};

MICRO_KERNELS(generic, , 6, 4, 1)

#ifdef __x86_64__
MICRO_KERNELS(avx2, __attribute__((target("avx2,fma"))), 6, 6, 1)
MICRO_KERNELS(avx512, __attribute__((target("avx512f,avx512vl,fma"))), 14, 8, 2)

const bana_micro_kernels *bana_micro_kernels_at(int index) {
    const bana_micro_kernels *fit[3];
    int count = 0;
    if (__builtin_cpu_supports("avx512vl")) fit[count++] = &avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) fit[count++] = &avx2;
    fit[count++] = &generic;
    return index < count ? fit[index] : NULL;
}
#else
const bana_micro_kernels *bana_micro_kernels_at(int index) { return index == 0 ? &generic : NULL; }
#endif
