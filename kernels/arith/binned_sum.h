/* A sum that does not depend on the order of its terms, nor on how they are cut into parts: the
 * binned sum of Ahrens, Demmel and Nguyen (Algorithms for efficient reproducible floating point
 * summation, ACM TOMS 46(3), 2020).
 *
 * The real line is cut into bins at fixed places: bin i holds multiples of its grain 2^(32 i -
 * 1047). A sum keeps the bin of its largest term and the n_bins - 1 below it: two in binary32,
 * three in binary64, each a binary64. A term is cut into slices, one a bin: the multiple of the
 * highest bin's grain that is nearest to it, then the same of the rest with the next bin's. What is
 * left below the lowest bin is dropped.
 *
 * Why the order does not matter. A slice depends on the term alone: what is nearest is found beside
 * an anchor of 1.5 * 2^52 grains, whose last bit is even, so ties go to the even multiple; and a
 * term of lower bins has slices of zero in higher ones, as it is at most half a grain of theirs. A
 * slice is at most 2^31 grains, so that 2^20 of them stay below 2^51 and every addition to a bin is
 * exact. (An even 2^22 would be.) When a larger term comes, bins move down and the lowest are
 * dropped, which is what they would have been had that term come first.
 *
 * Error: for n terms of at most m in magnitude, n * m * 2^-32 in binary32 and n * m * 2^-64 in
 * binary64 (or n * 2^-1048 if that is more) for what was dropped, and the rounding of the result.
 * A chain of n additions errs by up to n * 2^-24 (n * 2^-53) of the sum of the magnitudes.
 *
 * A term that is infinite, NaN or, in binary64, 2^1000 or more in magnitude makes the result NaN,
 * in any order. */
#ifndef SVK_BINNED_SUM_H
#define SVK_BINNED_SUM_H

#include "arith.h"

/* The most terms that a binned or a fixed-point sum takes. */
#define SVK_MAX_DEPOSITS (UINT32_C(1) << 20)

enum { SVK_BINS_FP32 = 2, SVK_BINS_FP64 = 3, SVK_BIN_WIDTH = 32, SVK_BIN_NAN = 64 };

/* The bin of a term, 0 .. SVK_BIN_NAN. A sum's highest bin is that of its largest term, at least
 * n_bins - 1. Taken of the larger magnitude, it is monotone: the bin of the largest is the largest
 * bin. */
SVK_FN int32_t svk_bin_of_f64(double x)
{
    return ((int32_t)(svk_bits_f64(x) >> 52 & 2047u) + 25) / SVK_BIN_WIDTH;
}

/* The same as svk_bin_of_f64((double)x), but that zero gets the bin of the smallest number,
 * infinity and NaN that of the largest: their slices are zero, respectively NaN, in any bin. */
SVK_FN int32_t svk_bin_of_f32(float x)
{
    return ((int32_t)(svk_bits_f32(x) >> 23 & 255u) + 25) / SVK_BIN_WIDTH + 28;
}

/* The least bit pattern of a magnitude in a bin, modulo 2^32, and how many a bin has. */
#define SVK_BIN_PATTERNS_F32 (32 << 23)
SVK_FN uint32_t svk_first_of_bin_f32(int32_t bin)
{
    return (uint32_t)(SVK_BIN_WIDTH * (bin - 28) - 25) << 23;
}

/* The grain of a bin below SVK_BIN_NAN, and how many of them make one. */
SVK_FN double svk_bin_grain(int32_t bin)
{
    return svk_from_bits_f64((uint64_t)(uint32_t)(SVK_BIN_WIDTH * bin - 24) << 52);
}

SVK_FN double svk_bin_factor(int32_t bin)
{
    return svk_from_bits_f64((uint64_t)(uint32_t)(2070 - SVK_BIN_WIDTH * bin) << 52);
}

/* 1.5 * 2^52 grains of bin 0 .. SVK_BIN_NAN - 1; NaN for SVK_BIN_NAN. */
SVK_FN double svk_bin_anchor(int32_t bin)
{
    int32_t exponent = SVK_BIN_WIDTH * bin + 28;
    exponent = exponent > 2047 ? 2047 : exponent;
    return svk_from_bits_f64((uint64_t)(uint32_t)exponent << 52 | UINT64_C(1) << 51);
}

/* Takes from *rest its multiple of the grain and returns it. */
SVK_FN double svk_bin_slice(double *rest, double anchor)
{
    double slice = (*rest + anchor) - anchor;
    *rest -= slice;
    return slice;
}

/* The bins of a sum and their anchors stand highest first, stride values apart; all bins start at
 * +0. The term's bin must not be above the sum's highest.
 *
 * Where the largest term is known beforehand (a first pass over the terms), this and
 * svk_binned_total are all that is needed. */
SVK_FN void svk_binned_deposit(double *bin, const double *anchor, int stride, int n_bins,
                               double term)
{
    for (int k = 0; k < n_bins; k++) bin[k * stride] += svk_bin_slice(&term, anchor[k * stride]);
}

/* Moves the bins of a sum whose highest was `from` to where the highest is `to`, to >= from. */
SVK_FN void svk_binned_raise(double *bin, int stride, int n_bins, int32_t from, int32_t to)
{
    for (int k = n_bins - 1; k >= 0; k--) {
        double moved = 0.0;
        for (int j = 0; j <= k; j++) moved = k - j == to - from ? bin[j * stride] : moved;
        bin[k * stride] = moved;
    }
}

/* high + middle is split into what it rounds to and the error of that, so that a middle bin that
 * cancels the highest loses nothing. */
SVK_FN double svk_binned_total_f64(double high, double middle, double low)
{
    double sum = high + middle;
    double from_middle = sum - high;
    double error = (high - (sum - from_middle)) + (middle - from_middle);
    return sum + (error + low);
}

SVK_FN float svk_binned_total_f32(double high, double low) { return (float)(high + low); }

/* A sum as one value, for terms that come one at a time. */
typedef struct svk_binned {
    double bin[SVK_BINS_FP64]; /* highest first */
    int32_t n_bins, top;       /* of the highest */
} svk_binned;

/* n_bins: SVK_BINS_FP32 or SVK_BINS_FP64. */
SVK_FN void svk_binned_clear(svk_binned *sum, int n_bins)
{
    for (int k = 0; k < SVK_BINS_FP64; k++) sum->bin[k] = 0.0;
    sum->n_bins = n_bins;
    sum->top = n_bins - 1;
}

SVK_FN void svk_binned_raise_to(svk_binned *sum, int32_t top)
{
    top = top > sum->top ? top : sum->top;
    svk_binned_raise(sum->bin, 1, sum->n_bins, sum->top, top);
    sum->top = top;
}

SVK_FN void svk_binned_add(svk_binned *sum, double term)
{
    double anchor[SVK_BINS_FP64];
    svk_binned_raise_to(sum, svk_bin_of_f64(term));
    for (int k = 0; k < sum->n_bins; k++) anchor[k] = svk_bin_anchor(sum->top - k);
    svk_binned_deposit(sum->bin, anchor, 1, sum->n_bins, term);
}

/* Adds another sum with as many bins. Exact. */
SVK_FN void svk_binned_merge(svk_binned *sum, svk_binned other)
{
    svk_binned_raise_to(sum, other.top);
    svk_binned_raise_to(&other, sum->top);
    for (int k = 0; k < sum->n_bins; k++) sum->bin[k] += other.bin[k];
}

#endif
