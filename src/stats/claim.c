/* Is a reported value what a search over seeds finds anyway? */
#include <math.h>

#include "stats/best_of.h"
#include "stats/quantile.h"
#include "stats/sample_summary.h"

static double chance_of_best(double share, uint64_t k) { return -expm1((double)k * log1p(-share)); }

/* From 1 upwards; infinite where no run reaches the value. */
static double seeds_for_even_odds(double share)
{
    if (share >= 1) return 1;
    return fmax(1, log(0.5) / log1p(-share));
}

static void finish(svi_claim *claim, uint64_t k)
{
    svi_interval share = claim->share_interval;
    claim->p = chance_of_best(claim->share, k);
    claim->p_interval = (svi_interval){chance_of_best(share.low, k), chance_of_best(share.high, k)};
    claim->n_seeds = seeds_for_even_odds(claim->share);
    claim->n_seeds_interval =
        (svi_interval){seeds_for_even_odds(share.high), seeds_for_even_odds(share.low)};
}

static sv_status check_claim(double x, uint64_t k, double level, sv_error *error)
{
    SVI_TRY(svi_level_check(level, error));
    if (isfinite(x) && k >= 1) return SV_OK;
    return svi_fail(error, SV_ERR_USAGE,
                    "a claim of %g as the best of %llu seeds: give a finite value and at least one "
                    "seed",
                    x, (unsigned long long)k);
}

sv_status svi_claim_of_pool(const double *values, size_t n_values, double n_independent, double x,
                            bool is_more_better, uint64_t k, double level, svi_claim *out,
                            sv_error *error)
{
    SVI_TRY(check_claim(x, k, level, error));
    SVI_TRY(svi_sample_check(values, n_values, 1, "runs to hold a claim against", error));
    *out = (svi_claim){.n = n_values, .n_independent = n_independent};
    for (size_t i = 0; i < n_values; i++)
        out->n_reaching += is_more_better ? values[i] >= x : values[i] <= x;
    out->share = (double)out->n_reaching / (double)n_values;
    /* multiplied first, so that counts stay whole */
    double n_hits = (double)out->n_reaching * n_independent / (double)n_values;
    out->share_interval = svi_share_interval(n_hits, n_independent, level);
    finish(out, k);
    return SV_OK;
}

/* The distance d in SDs at which a sample at t = sqrt(n) z is at quantile p of the noncentral t
 * with noncentrality sqrt(n) d: falls as p grows. */
static double distance_at(double t, double n, double p)
{
    double low = -40, high = 40;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        *(svi_noncentral_t_cdf(t, n - 1, sqrt(n) * middle) > p ? &low : &high) = middle;
    }
    return (low + high) / 2;
}

sv_status svi_claim_of_normal(double mean, double sd, uint64_t n, double x, bool is_more_better,
                              uint64_t k, double level, svi_claim *out, sv_error *error)
{
    SVI_TRY(check_claim(x, k, level, error));
    if (!isfinite(mean) || !(sd > 0) || !isfinite(sd) || n < 2) {
        return svi_fail(error, SV_ERR_USAGE,
                        "mean %g, SD %g of %llu runs: give a finite mean, an SD above 0 and at "
                        "least 2 runs",
                        mean, sd, (unsigned long long)n);
    }
    double z = (is_more_better ? x - mean : mean - x) / sd, count = (double)n;
    double t = sqrt(count) * z, tail = (1 - level) / 2;
    *out = (svi_claim){.n = n, .n_independent = count, .share = svi_normal_cdf(-z)};
    out->share_interval = (svi_interval){svi_normal_cdf(-distance_at(t, count, tail)),
                                         svi_normal_cdf(-distance_at(t, count, 1 - tail))};
    finish(out, k);
    return SV_OK;
}
