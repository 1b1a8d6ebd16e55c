#include "stats/arm_compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/moments.h"
#include "stats/quantile.h"
#include "stats/rank_sum.h"
#include "stats/sorting.h"

/* Values of the other arm below each value, equal ones counted half: exact in binary64, so that a
 * spread of 0 is seen. */
typedef struct placements {
    double *of_a, *of_b, *sorted; /* [n_a], [n_b], room for the longer arm */
} placements;

static void place(double *count, const double *values, size_t n, const double *reference,
                  size_t n_reference, double *sorted)
{
    memcpy(sorted, reference, n_reference * sizeof *sorted);
    svi_sort(sorted, n_reference);
    svi_placements(values, n, sorted, n_reference, count);
}

/* Every pair says the same: all won, all lost or all tied. That outcome's rate is at least `rate`,
 * whatever the others are. Of paired arms only every other pair (a[0], b[1]), (a[2], b[3]), ... is
 * independent. */
static svi_interval unanimous(double probability, size_t n_independent, double level)
{
    double rate = pow((1 - level) / 2, 1 / (double)n_independent);
    double low = rate * probability;
    return (svi_interval){low, low + (1 - rate)};
}

static void independent_error(const placements *p, size_t n_a, size_t n_b, svi_superiority *out)
{
    svi_moments of_a = svi_moments_of(p->of_a, n_a), of_b = svi_moments_of(p->of_b, n_b);
    double df_a = (double)n_a - 1, df_b = (double)n_b - 1;
    double pairs = (double)n_a * (double)n_b;
    double v_a = of_a.m2 / df_a * (double)n_a, v_b = of_b.m2 / df_b * (double)n_b;
    out->standard_error = sqrt(v_a + v_b) / pairs;
    out->df = svi_welch_df(v_a, df_a, v_b, df_b);
}

/* Leaves the differences in p->of_a. */
static void paired_error(placements *p, size_t n, svi_superiority *out)
{
    for (size_t i = 0; i < n; i++) p->of_a[i] -= p->of_b[i];
    svi_moments differences = svi_moments_of(p->of_a, n);
    if (!(differences.m2 > 0)) return;
    out->standard_error = svi_moments_sd(&differences) / ((double)n * sqrt((double)n));
    out->df = (double)n - 1;
}

static void fill_interval(size_t n_independent, double level, svi_superiority *out)
{
    if (!(out->standard_error > 0)) {
        out->interval = unanimous(out->probability, n_independent, level);
        out->p = NAN;
        return;
    }
    double half = svi_t_quantile((1 + level) / 2, out->df) * out->standard_error;
    double t = (out->probability - 0.5) / out->standard_error;
    out->interval.low = fmax(0, out->probability - half);
    out->interval.high = fmin(1, out->probability + half);
    out->p = 2 * svi_t_cdf(-fabs(t), out->df);
}

static sv_status check(const double *a, size_t n_a, const double *b, size_t n_b, bool is_paired,
                       double level, sv_error *error)
{
    SVI_TRY(svi_level_check(level, error));
    SVI_TRY(svi_sample_check(a, n_a, 2, "first arm of P(A > B)", error));
    SVI_TRY(svi_sample_check(b, n_b, 2, "second arm of P(A > B)", error));
    if (!is_paired || n_a == n_b) return SV_OK;
    return svi_fail(error, SV_ERR_USAGE,
                    "P(A > B) of pairs: %zu values against %zu; pair them first", n_a, n_b);
}

sv_status svi_compare_superiority(const double *a, size_t n_a, const double *b, size_t n_b,
                                  bool is_paired, double level, svi_superiority *out,
                                  sv_error *error)
{
    SVI_TRY(check(a, n_a, b, n_b, is_paired, level, error));
    size_t n_longer = n_a > n_b ? n_a : n_b, n_shorter = n_a > n_b ? n_b : n_a;
    double *space = malloc((n_a + n_b + n_longer) * sizeof *space);
    if (space == NULL) return svi_fail_memory(error, 3 * n_longer * sizeof *space, "placements");
    placements p = {space, space + n_a, space + n_a + n_b};
    place(p.of_a, a, n_a, b, n_b, p.sorted);
    place(p.of_b, b, n_b, a, n_a, p.sorted);
    out->probability = svi_moments_of(p.of_a, n_a).mean / (double)n_b;
    independent_error(&p, n_a, n_b, out);
    if (is_paired) paired_error(&p, n_a, out);
    fill_interval(is_paired ? n_shorter / 2 : n_shorter, level, out);
    free(space);
    return SV_OK;
}
