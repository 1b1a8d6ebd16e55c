/* Each chance as a function of the true difference, which has an interval. */
#include <math.h>

#include "stats/mislead.h"
#include "stats/quantile.h"

enum { N_POOL_WITH_SHAPE = 20 }; /* smaller pools show too little of how their runs are spread */

/* Draws with a repeated seed have too small an SD: the pool's own chances of a test are used where
 * they are rarer. */
static const double share_of_repeats = 0.01;

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

/* The shift at which that chance is p; infinite at 0 and 1, which the chance reaches only by
 * rounding. */
static double shift_at(const svi_power_question *runs, double n, double p)
{
    if (p <= 0) return -INFINITY;
    if (p >= 1) return INFINITY;
    double low = -60, high = 60;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        *(power_upwards(runs, n, middle) < p ? &low : &high) = middle;
    }
    return (low + high) / 2;
}

/* Where the chances of n seeds stand, in standard errors of n seeds: that of a mean difference with
 * the pool's sign, that of a test that says so, and that of one that says the opposite. */
typedef struct anchors {
    double sign, toward, against;
} anchors;

/* Rarer is what fewer runs of the pool than these would do: it has not seen enough of it. */
static double nearest_seen(double share, double n_pool)
{
    double least = fmin(5 / n_pool, 0.5);
    return fmin(fmax(share, least), 1 - least);
}

/* The place of a share of the draws; of one too rare, that of normal runs as far as it lies between
 * what is told and what is seen. */
static double between(double told, double seen, double of_normal_runs)
{
    return fmin(fmax(of_normal_runs, fmin(told, seen)), fmax(told, seen));
}

/* The places of the pool's own draws; at: those of normal runs with the pool's SDs. */
static anchors anchors_of_pool(const svi_power_question *runs, const svi_mislead_point *point,
                               bool is_a_higher, double n_pool, anchors at)
{
    double n = (double)point->n, sign = 1 - point->sign.probability,
           toward = is_a_higher ? point->a_higher : point->b_higher,
           against = is_a_higher ? point->b_higher : point->a_higher;
    if (n_pool >= N_POOL_WITH_SHAPE)
        at.sign = between(svi_normal_quantile(sign),
                          svi_normal_quantile(nearest_seen(sign, n_pool)), at.sign);
    if (n < 2 || n * (n - 1) / 2 > share_of_repeats * n_pool) return at;
    at.toward = between(shift_at(runs, n, toward), shift_at(runs, n, nearest_seen(toward, n_pool)),
                        at.toward);
    at.against = between(shift_at(runs, n, against),
                         shift_at(runs, n, nearest_seen(against, n_pool)), at.against);
    return at;
}

/* The chance of another verdict if the true difference is by so much above the observed one. */
static double other_verdict(const svi_power_question *runs, svi_verdict verdict, double n,
                            const anchors *at, double offset)
{
    double toward = power_upwards(runs, n, at->toward + offset);
    if (verdict != SVI_VERDICT_UNDECIDED) return 1 - toward;
    return toward + power_upwards(runs, n, at->against - offset);
}

/* offset: the interval of the true difference, less the observed one, shift. Of an undecided pool
 * the chance is least where there is no difference. */
static svi_interval verdict_interval(const svi_power_question *runs, svi_verdict verdict, double n,
                                     const anchors *at, svi_interval offset, double shift)
{
    double middle = fmin(fmax(-shift, offset.low), offset.high);
    double at_low = other_verdict(runs, verdict, n, at, offset.low),
           at_middle = other_verdict(runs, verdict, n, at, middle),
           at_high = other_verdict(runs, verdict, n, at, offset.high);
    return (svi_interval){fmin(at_middle, fmin(at_low, at_high)),
                          fmax(at_middle, fmax(at_low, at_high))};
}

/* The draws themselves know a chance near 0 or 1 no better than the rule of three. */
static svi_interval with(svi_interval interval, double probability)
{
    double least = 3.0 / SVI_MISLEAD_N_DRAWS;
    return (svi_interval){fmin(fmin(interval.low, probability), 1 - least),
                          fmax(fmax(interval.high, probability), least)};
}

sv_status svi_mislead_intervals(const svi_mislead_options *options,
                                const svi_difference *difference, const svi_power_question *runs,
                                svi_mislead_point *points, sv_error *error)
{
    double one_seed;
    SVI_TRY(svi_power_error(runs, 1, &one_seed, error));
    if (!(difference->standard_error > 0 && one_seed > 0)) return SV_OK;
    bool is_a_higher = difference->difference > 0;
    double n_pool = options->is_paired ? difference->df + 1 : difference->df / 2 + 1;
    double t = fabs(difference->difference) / difference->standard_error;
    double least = noncentrality_at(t, difference->df, 1 - runs->alpha / 2),
           most = noncentrality_at(t, difference->df, runs->alpha / 2);
    for (size_t i = 0; i < options->n_max; i++) {
        svi_mislead_point *point = &points[i];
        double n = (double)point->n, scale = difference->standard_error / one_seed * sqrt(n);
        double shift = t * scale;
        svi_interval offset = {(least - t) * scale, (most - t) * scale};
        anchors at =
            anchors_of_pool(runs, point, is_a_higher, n_pool, (anchors){shift, shift, -shift});
        svi_interval sign = {svi_normal_cdf(-at.sign - offset.high),
                             svi_normal_cdf(-at.sign - offset.low)};
        point->sign_interval = with(sign, point->sign.probability);
        if (n < 2 || options->margin > 0) continue;
        svi_interval verdict = verdict_interval(runs, options->verdict, n, &at, offset, shift);
        point->verdict_interval = with(verdict, point->verdict.probability);
    }
    return SV_OK;
}
