/* Binary32 values rounded to fewer bits, to nearest, ties to even, and kept as binary32: IEEE
 * binary16 (11 significant bits, 2^-24 .. 65504), bfloat16 (8 bits, the exponents of binary32) and
 * the operands of NVIDIA's TF32 (11 bits, the exponents of binary32). Subnormal numbers are kept,
 * what is too large becomes infinite, NaN becomes 0x7fc00000. */
#ifndef SVK_ROUNDING_H
#define SVK_ROUNDING_H

#include "arith.h"

/* The default of numerics.loss_scale: with it binary16 holds deltas from 2^-32 to almost 2^8. */
enum { SVK_LOSS_SCALE = 256 };

/* Drops n_bits of the significand. A carry runs into the exponent, at the end to infinity. */
SVK_FN uint32_t svk_round_bits(float x, int n_bits)
{
    uint32_t bits = svk_bits_f32(x);
    uint32_t is_odd = bits >> n_bits & 1u;
    uint32_t rounded = (bits + ((1u << (n_bits - 1)) - 1u) + is_odd) >> n_bits << n_bits;
    return x == x ? rounded : 0x7fc00000u;
}

SVK_FN float svk_round_bf16(float x) { return svk_from_bits_f32(svk_round_bits(x, 16)); }

SVK_FN float svk_round_tf32(float x) { return svk_from_bits_f32(svk_round_bits(x, 13)); }

SVK_FN float svk_round_fp16(float x)
{
    uint32_t sign = svk_bits_f32(x) & 0x80000000u;
    float size = fabsf(svk_from_bits_f32(svk_round_bits(x, 13)));
    size = size > 65504.0f ? svk_from_bits_f32(0x7f800000u) : size;
    /* below 2^-14 the unit is 2^-24, as it is of a binary32 from 0.5 to 1 */
    float subnormal = (fabsf(x) + 0.5f) - 0.5f;
    size = fabsf(x) < 0x1p-14f ? subnormal : size;
    return x == x ? svk_from_bits_f32(svk_bits_f32(size) | sign) : size;
}

#endif
