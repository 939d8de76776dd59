#pragma once

#include "VectorArithmetic.h"

/// Maxima over windows, sixteen channels at a time held in registers while a window passes by.
///
/// C for the same reason as the arithmetic beside it.
typedef int bana_taps __attribute__((ext_vector_type(16)));
typedef unsigned char bana_tap_bytes __attribute__((ext_vector_type(16), aligned(1)));
typedef float bana_unaligned_vector __attribute__((ext_vector_type(16), aligned(4)));

/// Pixels of a window: `rows` x `columns`, `row_stride` and `column_stride` channels apart.
typedef struct {
    long rows, columns, row_stride, column_stride;
} bana_window;

/// For each of `channels` channels the greatest of a window's pixels, from `x` on, and the number of the first that has
/// it: `first_tap`, one more from column to column, `kernel` more from row to row. `taps` may be null.
BANA_INLINE void bana_max_over_window(
    const float *x, bana_window window, long channels, int first_tap, int kernel, float *y, unsigned char *taps) {
    long c = 0;
    for (; c + 16 <= channels; c += 16) {
        bana_vector greatest = *(const bana_unaligned_vector *)(x + c);
        bana_taps winner = first_tap;
        for (long i = 0; i < window.rows; i++)
            for (long j = 0; j < window.columns; j++) {
                const float *pixel = x + i * window.row_stride + j * window.column_stride + c;
                bana_vector value = *(const bana_unaligned_vector *)pixel;
                bana_taps is_greater = value > greatest;
                greatest = is_greater ? value : greatest;
                winner = is_greater ? (bana_taps)(first_tap + (int)i * kernel + (int)j) : winner;
            }
        *(bana_unaligned_vector *)(y + c) = greatest;
        if (taps) *(bana_tap_bytes *)(taps + c) = __builtin_convertvector(winner, bana_tap_bytes);
    }
    for (; c < channels; c++) {
        float greatest = x[c];
        int winner = first_tap;
        for (long i = 0; i < window.rows; i++)
            for (long j = 0; j < window.columns; j++) {
                float value = x[i * window.row_stride + j * window.column_stride + c];
                if (!(value > greatest)) continue;
                greatest = value;
                winner = first_tap + (int)i * kernel + (int)j;
            }
        y[c] = greatest;
        if (taps) taps[c] = (unsigned char)winner;
    }
}

/// For each of `channels` channels of a pixel the sum of the gradients of those windows around it that it won.
///
/// `dy` and `taps` are those of the first window, in which the pixel has the number `first_tap`; it is one of
/// `window.rows` x `window.columns`, from which to the next the number falls by `stride`, or by `stride` rows.
BANA_INLINE void bana_sum_over_won_windows(
    const float *dy, const unsigned char *taps, bana_window window, long channels, int first_tap, int kernel,
    int stride, float *dx) {
    long c = 0;
    for (; c + 16 <= channels; c += 16) {
        bana_vector sum = 0;
        for (long i = 0; i < window.rows; i++)
            for (long j = 0; j < window.columns; j++) {
                long place = i * window.row_stride + j * window.column_stride + c;
                bana_taps tap = first_tap - (int)i * kernel * stride - (int)j * stride;
                bana_taps winner = __builtin_convertvector(*(const bana_tap_bytes *)(taps + place), bana_taps);
                sum += winner == tap ? (bana_vector) * (const bana_unaligned_vector *)(dy + place) : (bana_vector)0;
            }
        *(bana_unaligned_vector *)(dx + c) = sum;
    }
    for (; c < channels; c++) {
        float sum = 0;
        for (long i = 0; i < window.rows; i++)
            for (long j = 0; j < window.columns; j++) {
                long place = i * window.row_stride + j * window.column_stride + c;
                int tap = first_tap - (int)i * kernel * stride - (int)j * stride;
                sum += taps[place] == tap ? dy[place] : 0;
            }
        dx[c] = sum;
    }
}
