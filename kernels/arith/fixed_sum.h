/* A sum in 64-bit integers, which does not depend on the order of its terms: each term is a whole
 * number of grains of 2^-fraction_bits, rounded to nearest, ties to even.
 *
 * A term beyond +-2^42 grains is deposited as that bound and NaN as +2^42; the sum is then marked
 * as saturated. So 2^20 terms stay below 2^62 and the sum itself cannot overflow, whatever its
 * order.
 */
#ifndef SVK_FIXED_SUM_H
#define SVK_FIXED_SUM_H

#include "binned_sum.h"

#define SVK_FIXED_LIMIT 0x1p+42

/* The default of numerics.scale, and its range. */
enum { SVK_FIXED_SCALE = 30, SVK_FIXED_SCALE_MIN = 0, SVK_FIXED_SCALE_MAX = 100 };

/* What a sum needs to know: grains to a unit, and the largest magnitude of a term. Both are powers
 * of two. */
SVK_FN double svk_fixed_factor(int32_t fraction_bits)
{
    return svk_from_bits_f64((uint64_t)(uint32_t)(fraction_bits + 1023) << 52);
}

SVK_FN double svk_fixed_range(int32_t fraction_bits)
{
    return SVK_FIXED_LIMIT / svk_fixed_factor(fraction_bits);
}

/* The grains of a term within the range. Adding 1.5 * 2^52 leaves the nearest whole number in the
 * low bits; the product is exact, so fma rounds once, to a whole number. */
SVK_FN int64_t svk_fixed_grains(double term, double factor)
{
    const double rounder = 0x1.8p+52;
    return (int64_t)(svk_bits_f64(fma(term, factor, rounder)) - svk_bits_f64(rounder));
}

/* The grains of a term, to be added to the sum. range: svk_fixed_range, as binary32. Sets
 * *is_saturated to 1 when the term lies outside, else leaves it. */
SVK_FN int64_t svk_fixed_deposit_f32(float term, float range, double factor, int32_t *is_saturated)
{
    *is_saturated |= fabsf(term) <= range ? 0 : 1;
    term = term < range ? term : range;
    term = term > -range ? term : -range;
    return svk_fixed_grains((double)term, factor);
}

SVK_FN int64_t svk_fixed_deposit_f64(double term, double range, double factor,
                                     int64_t *is_saturated)
{
    *is_saturated |= fabs(term) <= range ? 0 : 1;
    term = term < range ? term : range;
    term = term > -range ? term : -range;
    return svk_fixed_grains(term, factor);
}

/* inverse: 2^-fraction_bits. Rounded once, as the multiplication is exact. */
SVK_FN float svk_fixed_total_f32(int64_t sum, float inverse) { return (float)sum * inverse; }

SVK_FN double svk_fixed_total_f64(int64_t sum, double inverse) { return (double)sum * inverse; }

#endif
