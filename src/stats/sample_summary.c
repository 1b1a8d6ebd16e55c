#include "stats/sample_summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/quantile.h"
#include "stats/sorting.h"

static const double probabilities[] = {
#define PROBABILITY(probability) probability,
    SVI_SUMMARY_QUANTILES(PROBABILITY)
#undef PROBABILITY
};

static sv_status check_moments(const svi_moments *moments, double level, sv_error *error)
{
    SVI_TRY(svi_level_check(level, error));
    if (moments->n >= 2) return SV_OK;
    return svi_fail(error, SV_ERR_DATA, "interval of a mean or an SD: 2 values are needed");
}

sv_status svi_mean_interval(const svi_moments *moments, double level, svi_interval *interval,
                            sv_error *error)
{
    SVI_TRY(check_moments(moments, level, error));
    double n = (double)moments->n;
    double half = svi_t_quantile((1 + level) / 2, n - 1) * svi_moments_sd(moments) / sqrt(n);
    *interval = (svi_interval){moments->mean - half, moments->mean + half};
    return SV_OK;
}

sv_status svi_sd_interval(const svi_moments *moments, double level, svi_interval *interval,
                          sv_error *error)
{
    SVI_TRY(check_moments(moments, level, error));
    double df = (double)moments->n - 1;
    interval->low = sqrt(moments->m2 / svi_chi2_quantile((1 + level) / 2, df));
    interval->high = sqrt(moments->m2 / svi_chi2_quantile((1 - level) / 2, df));
    return SV_OK;
}

double svi_sorted_quantile(const double *sorted, size_t n, double probability)
{
    double place = probability * (double)(n - 1);
    size_t below = (size_t)place;
    if (below + 1 >= n) return sorted[n - 1];
    return sorted[below] + (place - (double)below) * (sorted[below + 1] - sorted[below]);
}

/* P(fewer than k of n are below the quantile). */
static double binomial_below(size_t k, size_t n, double probability)
{
    if (k == 0) return 0;
    if (k > n) return 1;
    return svi_beta_cdf(1 - probability, (double)(n - k + 1), (double)k);
}

/* The smallest k of 0..n+1 with P(fewer than k below) >= share. */
static size_t binomial_rank(size_t n, double probability, double share)
{
    size_t low = 0, high = n + 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (binomial_below(middle, n, probability) >= share) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/* At most (1 - level) / 2 of the chance beyond each end. No value is below the first with a chance
 * of 0, so that the rank of a positive share is 1 or more. */
void svi_quantile_ranks(size_t n, double probability, double level, size_t *lower, size_t *upper)
{
    *lower = binomial_rank(n, probability, nextafter((1 - level) / 2, 1)) - 1;
    *upper = binomial_rank(n, probability, (1 + level) / 2);
}

static svi_interval quantile_interval(const double *sorted, size_t n, double probability,
                                      double level)
{
    size_t lower, upper;
    svi_interval interval = {-INFINITY, INFINITY};
    svi_quantile_ranks(n, probability, level, &lower, &upper);
    if (lower > 0) interval.low = sorted[lower - 1];
    if (upper <= n) interval.high = sorted[upper - 1];
    return interval;
}

static double interquartile_mean(const double *sorted, size_t n)
{
    size_t cut = n / 4;
    return svi_moments_of(sorted + cut, n - 2 * cut).mean;
}

static void describe_order(const double *sorted, size_t n, double level, svi_summary *summary)
{
    summary->interquartile_mean = interquartile_mean(sorted, n);
    for (size_t i = 0; i < SVI_N_SUMMARY_QUANTILES; i++) {
        summary->quantiles[i] = (svi_summary_quantile){
            .probability = probabilities[i],
            .value = svi_sorted_quantile(sorted, n, probabilities[i]),
            .interval = quantile_interval(sorted, n, probabilities[i], level),
        };
    }
}

static void count_equal(const double *sorted, size_t n, svi_summary *summary)
{
    summary->n_distinct = 1;
    for (size_t i = 1; i < n; i++) summary->n_distinct += sorted[i] != sorted[i - 1];
    for (size_t i = 0; i < n && sorted[i] == sorted[0]; i++) summary->n_min++;
    for (size_t i = n; i > 0 && sorted[i - 1] == sorted[n - 1]; i--) summary->n_max++;
}

sv_status svi_summarize(const double *values, size_t n, double level, svi_summary *summary,
                        sv_error *error)
{
    SVI_TRY(svi_sample_check(values, n, 2, "values to summarize", error));
    svi_moments moments = svi_moments_of(values, n);
    *summary = (svi_summary){
        .n = n,
        .mean = moments.mean,
        .sd = svi_moments_sd(&moments),
        .min = moments.min,
        .max = moments.max,
        .skewness = svi_moments_skewness(&moments),
        .excess_kurtosis = svi_moments_kurtosis(&moments),
        .bimodality = svi_moments_bimodality(&moments),
    };
    SVI_TRY(svi_mean_interval(&moments, level, &summary->mean_interval, error));
    SVI_TRY(svi_sd_interval(&moments, level, &summary->sd_interval, error));
    double *sorted = malloc(n * sizeof *sorted);
    if (sorted == NULL) return svi_fail_memory(error, n * sizeof *sorted, "sorted values");
    memcpy(sorted, values, n * sizeof *sorted);
    svi_sort(sorted, n);
    describe_order(sorted, n, level, summary);
    count_equal(sorted, n, summary);
    free(sorted);
    return SV_OK;
}

static svi_interval interval_of(double hits, double misses, double level)
{
    double tail = (1 - level) / 2;
    return (svi_interval){hits >= 1 ? svi_beta_quantile(tail, hits, misses + 1) : 0,
                          misses >= 1 ? svi_beta_quantile(1 - tail, hits + 1, misses) : 1};
}

svi_interval svi_share_interval(double n_hits, double n, double level)
{
    return interval_of(n_hits, n - n_hits, level);
}

sv_status svi_rate_interval(uint64_t n_hits, uint64_t n, double level, svi_interval *interval,
                            sv_error *error)
{
    SVI_TRY(svi_level_check(level, error));
    if (n == 0 || n_hits > n) {
        return svi_fail(error, SV_ERR_DATA,
                        "rate of %llu in %llu: give 1 or more trials and no more hits",
                        (unsigned long long)n_hits, (unsigned long long)n);
    }
    *interval = interval_of((double)n_hits, (double)(n - n_hits), level);
    return SV_OK;
}
