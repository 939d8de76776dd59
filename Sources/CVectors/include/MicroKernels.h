#pragma once

/// Products of matrices stored as panels: [panel][row][16], sixteen columns of the matrix side by side.
///
/// C, because Swift has no way to compile one function for several processors and choose among them when the
/// program starts.

/// Panels `stride` floats apart.
typedef struct {
    float *data;
    long stride;
} bana_panels;

/// The products as one kind of processor computes them.
typedef struct {
    const char *processor;

    /// Rows that are computed at once; `multiply` needs a multiple of it.
    long rows;

    /// c = a b. a is rows x 16 a_panels, c is rows x 16 c_panels, and b has 16 a_panels rows.
    void (*multiply)(bana_panels a, bana_panels b, bana_panels c, long rows, long a_panels, long c_panels);

    /// c = transposed(a) b, or c += transposed(a) b, summed over `rows` rows of a and b. a has 16 a_panels columns,
    /// which are the rows of c; b and c have 16 c_panels columns.
    void (*multiply_transposed)(
        bana_panels a, bana_panels b, bana_panels c, long rows, long a_panels, long c_panels, int accumulate);

    /// The most arithmetic there is: `turns` times `operations_per_turn` floating-point operations on registers alone.
    float (*multiply_add)(long turns);
    long operations_per_turn;
} bana_micro_kernels;

/// The fastest first; null after the last this processor can run.
const bana_micro_kernels *bana_micro_kernels_at(int index);
