#pragma once

/// Products of bfloat16 with sums in float32, a tile at a time.
///
/// A tile of a is some rows of 32 elements: pixels and their channels, or filters and pixels. A tile of b is sixteen
/// columns of as many rows, in pairs of rows: [row / 2][column][2], 1 KB. A block is two tiles of rows by two of columns,
/// whose sums stay in registers until the last product.

typedef unsigned short bana_bfloat16;

/// Elements in a tile of b.
#define BANA_TILE_PAIRS 512

/// What is multiplied in some steps, 32 columns of a and rows of b each, one behind the other.
typedef struct {
    const bana_bfloat16 *a, *b;
} bana_tile_factors;

/// The products as one kind of processor computes them.
typedef struct {
    const char *processor;

    /// Whether the processor has instructions for them.
    int is_native;

    /// Rows of a tile.
    long rows;

    /// To be called on a thread before its first product and after its last.
    void (*begin)(void);
    void (*end)(void);

    /// c = the sum over `count` pairs of factors, of `steps` steps each. c is [row_tiles * rows][32]; the rows of a are
    /// `a_stride` elements apart, the columns of b from the sixteenth on `b_stride` elements behind the others.
    void (*multiply)(
        const bana_tile_factors *factors, long count, long steps, long a_stride, long b_stride, int row_tiles,
        float *c);

    /// The most arithmetic there is: `turns` times 8 * 16 * 32 * rows operations on the 16 x 32 elements of a and the
    /// 512 of b; the sums go to c.
    void (*multiply_add)(long turns, const bana_bfloat16 *a, const bana_bfloat16 *b, float *c);
} bana_tile_kernels;

/// The fastest first; null after the last this processor can run. The last ones run on any.
const bana_tile_kernels *bana_tile_kernels_at(int index);

/// What became of the tiles of AMX.
typedef enum { bana_tiles_absent, bana_tiles_refused, bana_tiles_granted } bana_tile_state;

/// Asks Linux for the tiles, once.
bana_tile_state bana_amx_state(void);
