/* Normal arms stand in for the runs: each chance is then a function of the true difference, and has
 * its interval. */
#include <math.h>

#include "stats/mislead.h"
#include "stats/quantile.h"

/* Noncentrality at which t with df degrees of freedom is the quantile p: falls as p grows. */
static double noncentrality_at(double t, double df, double p)
{
    double low = t, high = t;
    for (double step = 1; svi_noncentral_t_cdf(t, df, low) < p && step < 1e9; step *= 2)
        low -= step;
    for (double step = 1; svi_noncentral_t_cdf(t, df, high) > p && step < 1e9; step *= 2)
        high += step;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        *(svi_noncentral_t_cdf(t, df, middle) > p ? &low : &high) = middle;
    }
    return (low + high) / 2;
}

/* Chance that the test of n seeds finds arm a above b where it is by so many standard errors. */
static double power_upwards(const svi_power_question *runs, double n, double shift)
{
    double df = svi_power_df(runs, n), critical = svi_t_quantile(1 - runs->alpha / 2, df);
    return 1 - svi_noncentral_t_cdf(critical, df, shift);
}

static double power_both_ways(const svi_power_question *runs, double n, double shift)
{
    return power_upwards(runs, n, shift) + power_upwards(runs, n, -shift);
}

/* The plug-in chance of a pool that is not normal may lie outside; the interval is not to exclude
 * what stands beside it. */
static svi_interval with(svi_interval interval, double probability)
{
    return (svi_interval){fmin(interval.low, probability), fmax(interval.high, probability)};
}

/* true_difference: in standard errors of n seeds, above 0 where it has the sign of the pool's. */
static svi_interval verdict_interval(const svi_power_question *runs, svi_verdict verdict, double n,
                                     svi_interval true_difference)
{
    double low = true_difference.low, high = true_difference.high;
    if (verdict != SVI_VERDICT_UNDECIDED)
        return (svi_interval){1 - power_upwards(runs, n, high), 1 - power_upwards(runs, n, low)};
    double nearest = low > 0 ? low : high < 0 ? high : 0;
    return (svi_interval){power_both_ways(runs, n, nearest),
                          power_both_ways(runs, n, fmax(fabs(low), fabs(high)))};
}

sv_status svi_mislead_intervals(const svi_difference *difference, const svi_power_question *runs,
                                svi_verdict verdict, double margin, svi_mislead_point *points,
                                size_t n_points, sv_error *error)
{
    double one_seed;
    SVI_TRY(svi_power_error(runs, 1, &one_seed, error));
    if (!(difference->standard_error > 0 && one_seed > 0)) return SV_OK;
    double t = fabs(difference->difference) / difference->standard_error;
    double least = noncentrality_at(t, difference->df, 1 - runs->alpha / 2),
           most = noncentrality_at(t, difference->df, runs->alpha / 2);
    for (size_t i = 0; i < n_points; i++) {
        double n = (double)points[i].n, scale = difference->standard_error / one_seed * sqrt(n);
        svi_interval shift = {least * scale, most * scale};
        svi_interval sign = {svi_normal_cdf(-shift.high), svi_normal_cdf(-shift.low)};
        points[i].sign_interval = with(sign, points[i].sign.probability);
        if (n >= 2 && !(margin > 0))
            points[i].verdict_interval =
                with(verdict_interval(runs, verdict, n, shift), points[i].verdict.probability);
    }
    return SV_OK;
}
