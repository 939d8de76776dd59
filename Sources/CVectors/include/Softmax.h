#pragma once

#include "VectorArithmetic.h"

#include <math.h>

#pragma clang diagnostic push
// How vectors are passed does not matter where every function is inlined.
#pragma clang diagnostic ignored "-Wpsabi"

/// The softmax of a few numbers, sixteen at a time.
///
/// C for the same reason as the arithmetic beside it.
typedef int bana_integers __attribute__((ext_vector_type(16)));

/// e^x for x <= 0, to two units in the last place; below e^-87, where numbers become denormal, e^-87. What is no number
/// stays none.
BANA_INLINE bana_vector bana_exponential(bana_vector x) {
    bana_vector limited = x < -87 ? (bana_vector)-87 : x;
    // x = n ln 2 + r with |r| <= ln 2 / 2; adding `shifter` rounds to an integer, which the low bits then are.
    const bana_vector shifter = 0x1.8p23f;
    bana_vector shifted = bana_multiply_add(limited, 1.44269504f, shifter);
    bana_vector n = shifted - shifter;
    // ln 2 in two parts; the first has few enough digits for an exact product with n.
    bana_vector r = bana_multiply_add(n, 2.1219444e-4f, bana_multiply_add(n, -0.693359375f, limited));
    // The Taylor series of e^r, whose next term is below half a unit in the last place.
    bana_vector power = bana_multiply_add(1.0f / 5040, r, 1.0f / 720);
    power = bana_multiply_add(power, r, 1.0f / 120);
    power = bana_multiply_add(power, r, 1.0f / 24);
    power = bana_multiply_add(power, r, 1.0f / 6);
    power = bana_multiply_add(power, r, 1.0f / 2);
    power = bana_multiply_add(power, r, 1);
    power = bana_multiply_add(power, r, 1);
    bana_integers exponent = ((bana_integers)shifted + 127) << 23;
    return power * (bana_vector)exponent;
}

typedef float bana_sixteen __attribute__((ext_vector_type(16), aligned(4)));

BANA_INLINE float bana_greatest(bana_vector x) {
    typedef float eight __attribute__((ext_vector_type(8)));
    typedef float four __attribute__((ext_vector_type(4)));
    eight a = x.lo > x.hi ? x.lo : x.hi;
    four b = a.lo > a.hi ? a.lo : a.hi;
    float c = b.x > b.y ? b.x : b.y, d = b.z > b.w ? b.z : b.w;
    return c > d ? c : d;
}

BANA_INLINE float bana_total(bana_vector x) {
    typedef float eight __attribute__((ext_vector_type(8)));
    typedef float four __attribute__((ext_vector_type(4)));
    eight a = x.lo + x.hi;
    four b = a.lo + a.hi;
    return (b.x + b.y) + (b.z + b.w);
}

/// `p = softmax(temperature z)` of sixteen numbers or more; returns the logarithm of the sum of exponentials.
///
/// What is left behind whole vectors is in the vector that ends at the last number; what it shares with the one before
/// is left out of the sum.
BANA_INLINE float bana_softmax(const float *z, float temperature, long count, float *p) {
    const long last = count - 16, whole = count / 16 * 16;
    const bana_vector factor = temperature;
    bana_vector greatest = factor * *(const bana_sixteen *)(z + last);
    for (long c = 0; c < whole; c += 16) greatest = bana_max(factor * *(const bana_sixteen *)(z + c), greatest);
    const float top = bana_greatest(greatest);
    const bana_integers lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    bana_vector rest = bana_exponential(bana_multiply_add(factor, *(const bana_sixteen *)(z + last), -top));
    bana_vector sum = lane >= 16 - (int)(count - whole) ? rest : (bana_vector)0;
    for (long c = 0; c < whole; c += 16) {
        bana_vector e = bana_exponential(bana_multiply_add(factor, *(const bana_sixteen *)(z + c), -top));
        *(bana_sixteen *)(p + c) = e;
        sum += e;
    }
    if (whole < count) *(bana_sixteen *)(p + last) = rest;
    const float total = bana_total(sum);
    const bana_vector share = 1 / total;
    for (long c = 0; c < whole; c += 16) *(bana_sixteen *)(p + c) *= share;
    for (long c = whole; c < count; c++) p[c] *= share.x;
    return top + logf(total);
}

#pragma clang diagnostic pop
