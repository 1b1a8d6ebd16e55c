#include "stats/histogram.h"

#include <math.h>

#include "stats/sample_summary.h"

/* More steps than this from end to end are no steps that anyone would see. */
static const double most_steps = 4096;

typedef struct range {
    double low, high;
} range;

/* Of the values at one end those farther than five interquartile ranges from the quartiles, but not
 * more than one in twenty, or one: a larger group is no outlier. */
static void count_far(const double *sorted, size_t n, size_t *n_low, size_t *n_high)
{
    size_t most = n / 20 > 1 ? n / 20 : 1;
    range quartiles = {svi_sorted_quantile(sorted, n, 0.25), svi_sorted_quantile(sorted, n, 0.75)};
    double reach = 5 * (quartiles.high - quartiles.low);
    *n_low = *n_high = 0;
    if (n < 4) return;
    while (*n_low < most && sorted[*n_low] < quartiles.low - reach) ++*n_low;
    while (*n_high < most && sorted[n - 1 - *n_high] > quartiles.high + reach) ++*n_high;
}

/* From end to end, or without the far values of an end where their distance to the rest is more
 * than that of the rest from end to end. */
static range range_of(const double *sorted, size_t n)
{
    size_t n_low, n_high;
    count_far(sorted, n, &n_low, &n_high);
    range all = {sorted[0], sorted[n - 1]}, inner = {sorted[n_low], sorted[n - 1 - n_high]};
    double spread = inner.high - inner.low;
    if (!(spread > 0)) return all;
    if (inner.low - all.low > spread) all.low = inner.low;
    if (all.high - inner.high > spread) all.high = inner.high;
    return all;
}

/* The least distance between neighbours that differ; 0: they are not multiples of one. */
static double step_of(const double *sorted, size_t n, range r)
{
    double step = 0;
    for (size_t i = 1; i < n; i++) {
        double gap = sorted[i] - sorted[i - 1];
        if (gap > 0 && (step == 0 || gap < step)) step = gap;
    }
    return step > 0 && (r.high - r.low) / step <= most_steps ? step : 0;
}

svi_bins svi_bins_choose(const double *sorted, size_t n)
{
    range r = range_of(sorted, n);
    double spread = r.high - r.low;
    if (!(spread > 0) || !isfinite(spread)) return (svi_bins){r.low - 0.5, 1, 1};
    size_t target = n < 100 ? 20 : n < 1000 ? 32 : 48;
    double step = step_of(sorted, n, r);
    if (step == 0) /* half a bin of room at either end */
        return (svi_bins){r.low - spread / (double)(2 * target),
                          spread / (double)target * (1 + 1e-9), target + 1};
    double n_steps = round(spread / step), steps_a_bin = ceil((n_steps + 1) / (double)target);
    return (svi_bins){r.low - step / 2, steps_a_bin * step,
                      (size_t)floor(n_steps / steps_a_bin) + 1};
}

void svi_bins_count(const svi_bins *bins, const double *values, size_t n, uint64_t *counts,
                    uint64_t *n_below, uint64_t *n_above)
{
    for (size_t i = 0; i < n; i++) {
        double place = floor((values[i] - bins->low) / bins->width);
        if (place < 0)
            ++*n_below;
        else if (place >= (double)bins->n_bins)
            ++*n_above;
        else
            counts[(size_t)place]++;
    }
}
