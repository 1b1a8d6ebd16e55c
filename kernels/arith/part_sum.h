/* How the parts of a minibatch gradient are combined on the butterfly and compensated paths.
 *
 * part: [n_parts][n_lanes], overwritten; bit p of present: part p is not empty. Empty parts are not
 * added. The result stands in part[0 .. n_lanes-1]; at least one part is present. Every loop over
 * the lanes is element by element. */
#ifndef SVK_PART_SUM_H
#define SVK_PART_SUM_H

#include "arith.h"

SVK_FN void svk_take_part_f32(float *SVK_RESTRICT sum, const float *SVK_RESTRICT part, int n_lanes,
                              int is_first)
{
    for (int l = 0; l < n_lanes; l++) {
        float before = sum[l], term = part[l]; /* both read in any case: else no vectors */
        sum[l] = is_first ? term : before + term;
    }
}

/* In round `half` = n_parts/2, n_parts/4, ..., 1, part p < half takes part p + half; of a pair of
 * which one is empty the other stands alone. These are the sums that lane 0 of a warp makes when
 * every lane adds __shfl_xor_sync(..., value, half) to its own value: the other lanes make the same
 * sums with the operands the other way round. n_parts is a power of two, at most 32. */
SVK_FN void svk_combine_butterfly_f32(float *part, int n_parts, int n_lanes, uint32_t present)
{
    for (int half = n_parts / 2; half > 0; half /= 2) {
        for (int p = 0; p < half; p++) {
            int is_first = (present >> p & 1u) == 0;
            if ((present >> (p + half) & 1u) != 0)
                svk_take_part_f32(part + p * n_lanes, part + (p + half) * n_lanes, n_lanes,
                                  is_first);
        }
        present |= present >> half;
    }
}

SVK_FN void svk_take_part_f64(double *SVK_RESTRICT sum, const double *SVK_RESTRICT part,
                              int n_lanes, int is_first)
{
    for (int l = 0; l < n_lanes; l++) {
        double before = sum[l], term = part[l]; /* both read in any case: else no vectors */
        sum[l] = is_first ? term : before + term;
    }
}

SVK_FN void svk_combine_butterfly_f64(double *part, int n_parts, int n_lanes, uint32_t present)
{
    for (int half = n_parts / 2; half > 0; half /= 2) {
        for (int p = 0; p < half; p++) {
            int is_first = (present >> p & 1u) == 0;
            if ((present >> (p + half) & 1u) != 0)
                svk_take_part_f64(part + p * n_lanes, part + (p + half) * n_lanes, n_lanes,
                                  is_first);
        }
        present |= present >> half;
    }
}

/* One addition after Neumaier (1974): *sum takes the term, *lost what the rounding lost. */
SVK_FN void svk_neumaier_f32(float *sum, float *lost, float term)
{
    float total = *sum + term;
    int is_term_small = fabsf(*sum) >= fabsf(term);
    float large = is_term_small ? *sum : term;
    float small = is_term_small ? term : *sum;
    *lost += (large - total) + small;
    *sum = total;
}

SVK_FN void svk_neumaier_f64(double *sum, double *lost, double term)
{
    double total = *sum + term;
    int is_term_small = fabs(*sum) >= fabs(term);
    double large = is_term_small ? *sum : term;
    double small = is_term_small ? term : *sum;
    *lost += (large - total) + small;
    *sum = total;
}

/* The parts ascending, from the first that is present; what was lost is added at the end. lost:
 * [n_lanes], overwritten. */
SVK_FN void svk_combine_compensated_f32(float *part, int n_parts, int n_lanes, uint32_t present,
                                        float *lost)
{
    int first = 0;
    while ((present >> first & 1u) == 0) first++;
    for (int l = 0; l < n_lanes; l++) part[l] = part[first * n_lanes + l];
    for (int l = 0; l < n_lanes; l++) lost[l] = 0.0f;
    for (int p = first + 1; p < n_parts; p++) {
        if ((present >> p & 1u) == 0) continue;
        for (int l = 0; l < n_lanes; l++)
            svk_neumaier_f32(&part[l], &lost[l], part[p * n_lanes + l]);
    }
    for (int l = 0; l < n_lanes; l++) part[l] += lost[l];
}

SVK_FN void svk_combine_compensated_f64(double *part, int n_parts, int n_lanes, uint32_t present,
                                        double *lost)
{
    int first = 0;
    while ((present >> first & 1u) == 0) first++;
    for (int l = 0; l < n_lanes; l++) part[l] = part[first * n_lanes + l];
    for (int l = 0; l < n_lanes; l++) lost[l] = 0.0;
    for (int p = first + 1; p < n_parts; p++) {
        if ((present >> p & 1u) == 0) continue;
        for (int l = 0; l < n_lanes; l++)
            svk_neumaier_f64(&part[l], &lost[l], part[p * n_lanes + l]);
    }
    for (int l = 0; l < n_lanes; l++) part[l] += lost[l];
}

#endif
