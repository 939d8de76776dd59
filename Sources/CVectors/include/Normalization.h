#pragma once

#include "VectorArithmetic.h"

/// The passes of batch norm over pixels, each of which is a row of `channels` floats.
///
/// C, because only `restrict` tells the optimiser that the rows do not overlap, without which it does one channel at a
/// time.

/// What is done to each channel: `normalized = inverse x + shift`, then `weight normalized + bias`.
typedef struct {
    const float *inverse, *shift, *weight, *bias;
} bana_normalization;

BANA_INLINE float bana_normalized(bana_normalization rows, long c, float x) {
    return __builtin_fmaf(rows.inverse[c], x, rows.shift[c]);
}

BANA_INLINE float bana_scaled(bana_normalization rows, long c, float normalized) {
    return __builtin_fmaf(rows.weight[c], normalized, rows.bias[c]);
}

/// One pixel: `y = weight normalized + bias + term`, `lowest` where less; what is no number stays none. `term` may be
/// null.
BANA_INLINE void bana_normalize(
    const float *restrict x, const float *restrict term, bana_normalization rows, float lowest, long channels,
    float *restrict y) {
    if (term) {
#pragma clang loop vectorize(assume_safety)
        for (long c = 0; c < channels; c++) {
            float value = bana_scaled(rows, c, bana_normalized(rows, c, x[c])) + term[c];
            y[c] = value < lowest ? lowest : value;
        }
    } else {
#pragma clang loop vectorize(assume_safety)
        for (long c = 0; c < channels; c++) {
            float value = bana_scaled(rows, c, bana_normalized(rows, c, x[c]));
            y[c] = value < lowest ? lowest : value;
        }
    }
}

/// Pixels that are summed in registers before the sums in memory are touched.
#define BANA_SUMMED_PIXELS 8

/// Adds the values and the squares of `pixels` pixels to the sums.
BANA_INLINE void bana_add_moments(
    const int pixels, const float *restrict x, long channels, double *restrict sums, double *restrict squares) {
#pragma clang loop vectorize(assume_safety) vectorize_width(8)
    for (long c = 0; c < channels; c++) {
        double sum = 0, square = 0;
#pragma unroll
        for (int i = 0; i < pixels; i++) {
            double value = x[i * channels + c];
            sum += value;
            square += value * value;
        }
        sums[c] += sum;
        squares[c] += square;
    }
}

/// The gradient of a normalised value; with `relu`, that of `weight normalized + bias` through a ReLU.
BANA_INLINE float bana_passed_gradient(const int relu, bana_normalization rows, long c, float normalized, float dy) {
    return !relu || bana_scaled(rows, c, normalized) > 0 ? dy : 0;
}

/// Does for either `relu` what it says with it as a constant, which the loops need to become vectors.
#define BANA_FOR_CONSTANT(relu, statement) \
    if (relu) { \
        const int constant = 1; \
        statement; \
    } else { \
        const int constant = 0; \
        statement; \
    }

BANA_INLINE void bana_add_gradients_constant(
    const int pixels, const int relu, const float *restrict dy, const float *restrict x, bana_normalization rows,
    long channels, double *restrict sums, double *restrict products) {
#pragma clang loop vectorize(assume_safety) vectorize_width(8)
    for (long c = 0; c < channels; c++) {
        double sum = 0, product = 0;
#pragma unroll
        for (int i = 0; i < pixels; i++) {
            float normalized = bana_normalized(rows, c, x[i * channels + c]);
            float gradient = bana_passed_gradient(relu, rows, c, normalized, dy[i * channels + c]);
            sum += gradient;
            product += (double)gradient * normalized;
        }
        sums[c] += sum;
        products[c] += product;
    }
}

/// Adds the gradients of `pixels` pixels, and their products with the normalised values, to the sums.
BANA_INLINE void bana_add_gradients(
    const int pixels, int relu, const float *dy, const float *x, bana_normalization rows, long channels, double *sums,
    double *products) {
    BANA_FOR_CONSTANT(relu, bana_add_gradients_constant(pixels, constant, dy, x, rows, channels, sums, products))
}

BANA_INLINE void bana_normalization_gradient_constant(
    const int relu, const float *dy, const float *restrict x, bana_normalization rows, const float *restrict factor,
    const float *restrict mean_gradient, const float *restrict mean_product, long channels, float *dx) {
#pragma clang loop vectorize(assume_safety)
    for (long c = 0; c < channels; c++) {
        float normalized = bana_normalized(rows, c, x[c]);
        float gradient = bana_passed_gradient(relu, rows, c, normalized, dy[c]);
        dx[c] = factor[c] * (gradient - mean_gradient[c] - normalized * mean_product[c]);
    }
}

/// One pixel: `dx = factor (dy - mean_gradient - normalized mean_product)`; `dx` may be `dy`.
BANA_INLINE void bana_normalization_gradient(
    int relu, const float *dy, const float *x, bana_normalization rows, const float *factor,
    const float *mean_gradient, const float *mean_product, long channels, float *dx) {
    BANA_FOR_CONSTANT(relu, bana_normalization_gradient_constant(
        constant, dy, x, rows, factor, mean_gradient, mean_product, channels, dx))
}
