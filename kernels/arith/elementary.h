/* exp, log, tanh, sine and cosine of pi x, built from + - * / sqrt fma alone, so that every machine
 * gives the same bits.
 *
 * The work is done in binary64; the largest errors seen against MPFR, in units in the last place,
 * are 0.9 (exp), 2.0 (log), 2.5 (tanh) and 1.8 (sine, cosine). The binary32 forms round that once
 * (log puts five results right) and are correctly rounded for every input. The coefficients are
 * Taylor's, rounded to binary64: 1/n! and 1/n. There are no branches, only selections, so that a
 * compiler can do many at a time.
 */
#ifndef SVK_ELEMENTARY_H
#define SVK_ELEMENTARY_H

#include "arith.h"

#define SVK_LOG2_E 0x1.71547652b82fep+0
#define SVK_LN2_HIGH 0x1.62e42fefa39efp-1
#define SVK_LN2_LOW 0x1.abc9e3b39803fp-56
#define SVK_PI 0x1.921fb54442d18p+1
/* Adding 1.5 * 2^52 leaves the nearest integer in the low bits, ties to even. */
#define SVK_ROUNDER 0x1.8p+52

/* 2^k for -1022 <= k <= 1023. */
SVK_FN double svk_power_of_two(int32_t k)
{
    return svk_from_bits_f64((uint64_t)(uint32_t)(k + 1023) << 52);
}

/* exp(r) - 1 - r over r^2, for |r| <= ln(2)/2: the sum of r^(n-2) / n!, n = 2..13. */
SVK_FN double svk_exp_tail(double r)
{
    double p = 0x1.6124613a86d09p-33;
    p = fma(p, r, 0x1.1eed8eff8d898p-29);
    p = fma(p, r, 0x1.ae64567f544e4p-26);
    p = fma(p, r, 0x1.27e4fb7789f5cp-22);
    p = fma(p, r, 0x1.71de3a556c734p-19);
    p = fma(p, r, 0x1.a01a01a01a01ap-16);
    p = fma(p, r, 0x1.a01a01a01a01ap-13);
    p = fma(p, r, 0x1.6c16c16c16c17p-10);
    p = fma(p, r, 0x1.1111111111111p-7);
    p = fma(p, r, 0x1.5555555555555p-5);
    p = fma(p, r, 0x1.5555555555555p-3);
    return fma(p, r, 0.5);
}

/* x = k ln 2 + r. k is exact for |x| < 2^30. */
SVK_FN double svk_exp_reduce(double x, int32_t *k)
{
    double t = fma(x, SVK_LOG2_E, SVK_ROUNDER);
    double kd = t - SVK_ROUNDER;
    *k = (int32_t)(uint32_t)svk_bits_f64(t);
    return fma(-kd, SVK_LN2_LOW, fma(-kd, SVK_LN2_HIGH, x));
}

SVK_FN double svk_exp_f64(double x)
{
    int32_t k;
    x = x > 710.0 ? 710.0 : x;
    x = x < -746.0 ? -746.0 : x;
    double r = svk_exp_reduce(x, &k);
    double p = fma(fma(svk_exp_tail(r), r, 1.0), r, 1.0);
    /* in two steps, as 2^k may lie outside the normal range; k is arbitrary bits for a NaN, so keep
     * it in range */
    k = k > 1100 ? 1100 : k;
    k = k < -1100 ? -1100 : k;
    int32_t half = k / 2;
    return p * svk_power_of_two(half) * svk_power_of_two(k - half);
}

/* Correctly rounded. The clamped ends give infinity and zero. */
SVK_FN float svk_exp_f32(float x)
{
    int32_t k;
    x = x > 89.0f ? 89.0f : x;
    x = x < -104.0f ? -104.0f : x;
    double r = svk_exp_reduce((double)x, &k);
    double p = fma(fma(svk_exp_tail(r), r, 1.0), r, 1.0);
    return (float)(p * svk_power_of_two(k));
}

SVK_FN double svk_tanh_f64(double x)
{
    int32_t k;
    double a = x < 0.0 ? -x : x;
    a = a > 22.0 ? 22.0 : a;
    double r = svk_exp_reduce(2.0 * a, &k);
    double m = fma(svk_exp_tail(r) * r, r, r); /* exp(r) - 1 */
    double scale = svk_power_of_two(k);
    double e = fma(scale, m, scale - 1.0); /* exp(2a) - 1 */
    double y = e / (e + 2.0);
    return svk_from_bits_f64(svk_bits_f64(y) | (svk_bits_f64(x) & UINT64_C(0x8000000000000000)));
}

SVK_FN float svk_tanh_f32(float x) { return (float)svk_tanh_f64((double)x); }

/* Natural logarithm. Zero gives -infinity, negative numbers NaN. */
SVK_FN double svk_log_f64(double x)
{
    int is_subnormal = x < 0x1p-1022;
    double scaled = is_subnormal ? x * 0x1p+54 : x;
    uint64_t bits = svk_bits_f64(scaled);
    /* m = scaled / 2^e in [sqrt(1/2), sqrt(2)) */
    int64_t e = (int64_t)((bits - UINT64_C(0x3fe6a09e667f3bcd)) >> 52);
    e = (e & 2048) != 0 ? e - 4096 : e;
    double m = svk_from_bits_f64(bits - ((uint64_t)e << 52));
    double ed = (double)((int32_t)e - (is_subnormal ? 54 : 0));
    /* log m = 2 atanh s = 2 (s + s^3/3 + s^5/5 + ...) */
    double f = m - 1.0;
    double s = f / (2.0 + f);
    double z = s * s;
    double p = 0x1.47ae147ae147bp-5;
    p = fma(p, z, 0x1.642c8590b2164p-5);
    p = fma(p, z, 0x1.8618618618618p-5);
    p = fma(p, z, 0x1.af286bca1af28p-5);
    p = fma(p, z, 0x1.e1e1e1e1e1e1ep-5);
    p = fma(p, z, 0x1.1111111111111p-4);
    p = fma(p, z, 0x1.3b13b13b13b14p-4);
    p = fma(p, z, 0x1.745d1745d1746p-4);
    p = fma(p, z, 0x1.c71c71c71c71cp-4);
    p = fma(p, z, 0x1.2492492492492p-3);
    p = fma(p, z, 0x1.999999999999ap-3);
    p = fma(p, z, 0x1.5555555555555p-2);
    double log_m = fma(2.0 * s * z, p, 2.0 * s);
    double y = fma(ed, SVK_LN2_HIGH, fma(ed, SVK_LN2_LOW, log_m));
    y = x > 0x1.fffffffffffffp+1023 ? x : y;
    y = x == 0.0 ? svk_from_bits_f64(UINT64_C(0xfff0000000000000)) : y;
    y = x < 0.0 ? svk_from_bits_f64(UINT64_C(0x7ff8000000000000)) : y;
    return x == x ? y : x;
}

/* Correctly rounded: five inputs, whose logarithms lie all but in the middle of two binary32
 * numbers, are put right one by one. */
SVK_FN float svk_log_f32(float x)
{
    float y = (float)svk_log_f64((double)x);
    y = x == 0x1.827a74p-7f ? -0x1.1c2b1ep+2f : y;
    y = x == 0x1.2f1fd6p+3f ? 0x1.1fcbcep+1f : y;
    y = x == 0x1.bacb4ap+25f ? 0x1.1e0696p+4f : y;
    y = x == 0x1.b121a6p+76f ? 0x1.a9a3f2p+5f : y;
    y = x == 0x1.6351d8p+95f ? 0x1.08b512p+6f : y;
    return y;
}

/* Sine and cosine of pi x, |x| < 2^30. */
SVK_FN void svk_sincospi_f64(double x, double *sine, double *cosine)
{
    double t = fma(x, 2.0, SVK_ROUNDER);
    uint32_t quadrant = (uint32_t)svk_bits_f64(t) & 3u;
    double r = fma(t - SVK_ROUNDER, -0.5, x) * SVK_PI;
    double z = r * r;
    double ps = 0x1.952c77030ad4ap-49;
    ps = fma(ps, z, -0x1.ae7f3e733b81fp-41);
    ps = fma(ps, z, 0x1.6124613a86d09p-33);
    ps = fma(ps, z, -0x1.ae64567f544e4p-26);
    ps = fma(ps, z, 0x1.71de3a556c734p-19);
    ps = fma(ps, z, -0x1.a01a01a01a01ap-13);
    ps = fma(ps, z, 0x1.1111111111111p-7);
    ps = fma(ps, z, -0x1.5555555555555p-3);
    double sin_r = fma(ps * z, r, r);
    double pc = 0x1.ae7f3e733b81fp-45;
    pc = fma(pc, z, -0x1.93974a8c07c9dp-37);
    pc = fma(pc, z, 0x1.1eed8eff8d898p-29);
    pc = fma(pc, z, -0x1.27e4fb7789f5cp-22);
    pc = fma(pc, z, 0x1.a01a01a01a01ap-16);
    pc = fma(pc, z, -0x1.6c16c16c16c17p-10);
    pc = fma(pc, z, 0x1.5555555555555p-5);
    pc = fma(pc, z, -0.5);
    double cos_r = fma(pc, z, 1.0);
    double a = (quadrant & 1u) != 0 ? cos_r : sin_r;
    double b = (quadrant & 1u) != 0 ? sin_r : cos_r;
    *sine = (quadrant & 2u) != 0 ? -a : a;
    *cosine = ((quadrant + 1u) & 2u) != 0 ? -b : b;
}

/* For every x. A sine of zero has the sign of x, a cosine of zero is +0, as IEEE-754 has it; every
 * binary32 from 2^24 on is an even number. */
SVK_FN void svk_sincospi_f32(float x, float *sine, float *cosine)
{
    double s, c;
    float zero = x * 0.0f;
    float near = fabsf(x) < 0x1p+24f ? x : zero;
    svk_sincospi_f64((double)near, &s, &c);
    *sine = s == 0.0 ? zero : (float)s;
    *cosine = (float)c + 0.0f;
}

/* Two independent standard normals from two words (Box and Muller 1958). */
SVK_FN void svk_normal_pair(uint32_t word0, uint32_t word1, double *z0, double *z1)
{
    double u = ((double)word0 + 0.5) * 0x1p-32;
    double radius = sqrt(-2.0 * svk_log_f64(u));
    double sine, cosine;
    svk_sincospi_f64((double)word1 * 0x1p-31, &sine, &cosine);
    *z0 = radius * cosine;
    *z1 = radius * sine;
}

#endif
