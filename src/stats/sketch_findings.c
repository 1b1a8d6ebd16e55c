#include "stats/sketch_findings.h"

#include <math.h>
#include <stdlib.h>

#include "stats/quantile.h"

static const double probabilities[] = {
#define PROBABILITY(probability) probability,
    SVI_SUMMARY_QUANTILES(PROBABILITY)
#undef PROBABILITY
};

static svi_summary_quantile quantile_of(const svi_sketch *sketch, double probability, double level)
{
    size_t n = sketch->n, lower, upper;
    svi_summary_quantile quantile = {.probability = probability,
                                     .value = svi_sketch_quantile(sketch, probability),
                                     .interval = {-INFINITY, INFINITY}};
    svi_quantile_ranks(n, probability, level, &lower, &upper);
    if (lower > 0) quantile.interval.low = svi_sketch_at_rank(sketch, lower - 1);
    if (upper <= n) quantile.interval.high = svi_sketch_at_rank(sketch, upper - 1);
    return quantile;
}

/* Of the values from number n/4 to number n - n/4 - 1. */
static double interquartile_mean(const svi_value_count *values, size_t n_values, uint64_t n)
{
    uint64_t first = n / 4, end = n - n / 4, below = 0;
    double sum = 0;
    for (size_t i = 0; i < n_values; i++) {
        uint64_t up_to = below + values[i].count;
        uint64_t from = below > first ? below : first, to = up_to < end ? up_to : end;
        if (to > from) sum += (double)(to - from) * values[i].value;
        below = up_to;
    }
    return sum / (double)(end - first);
}

sv_status svi_sketch_summarize(svi_sketch *sketch, double level, svi_summary *summary,
                               sv_error *error)
{
    double sd = svi_sketch_sd(sketch), n = (double)sketch->n;
    svi_moments moments = {
        .n = sketch->n, .mean = svi_sketch_mean(sketch), .m2 = sd * sd * (n - 1)};
    svi_value_count *values;
    size_t n_values;
    *summary = (svi_summary){.n = sketch->n,
                             .mean = moments.mean,
                             .sd = sd,
                             .min = svi_sketch_min(sketch),
                             .max = svi_sketch_max(sketch),
                             .skewness = NAN,
                             .excess_kurtosis = NAN,
                             .bimodality = NAN};
    SVI_TRY(svi_mean_interval(&moments, level, &summary->mean_interval, error));
    SVI_TRY(svi_sd_interval(&moments, level, &summary->sd_interval, error));
    SVI_TRY(svi_sketch_values(sketch, &values, &n_values, error));
    summary->interquartile_mean = interquartile_mean(values, n_values, sketch->n);
    free(values);
    for (size_t q = 0; q < SVI_N_SUMMARY_QUANTILES; q++)
        summary->quantiles[q] = quantile_of(sketch, probabilities[q], level);
    return SV_OK;
}

/* ---- the best of n ---- */

/* Values from the worst to the best; count: how many look worse or equal. */
typedef struct search {
    svi_value_count *values;
    size_t n_values;
    double n, sign;
} search;

static void order_by_worth(search *s)
{
    uint64_t up_to = 0;
    for (size_t i = 0; s->sign < 0 && i < s->n_values / 2; i++) {
        svi_value_count worst = s->values[i];
        s->values[i] = s->values[s->n_values - 1 - i];
        s->values[s->n_values - 1 - i] = worst;
    }
    for (size_t i = 0; i < s->n_values; i++) s->values[i].count = up_to += s->values[i].count;
}

static double worth(const search *s, size_t i) { return s->sign * s->values[i].value; }

/* Chance that n draws are all among the `up_to` worst. */
static double chance_within(const search *s, uint64_t up_to, double n)
{
    return pow((double)up_to / s->n, n);
}

/* The same without replacement: C(up_to, size) / C(n, size). */
static double chance_of_subset(const search *s, uint64_t up_to, size_t size)
{
    double chance = 1;
    for (size_t i = 0; i < size && chance > 0; i++) {
        if (i >= up_to) return 0;
        chance *= ((double)up_to - (double)i) / (s->n - (double)i);
    }
    return chance;
}

static void find_means(const search *s, size_t size, double *plug_in, double *unbiased)
{
    double drawn_below = 0, subset_below = 0;
    *plug_in = *unbiased = 0;
    for (size_t i = 0; i < s->n_values; i++) {
        double drawn = chance_within(s, s->values[i].count, (double)size);
        double subset = chance_of_subset(s, s->values[i].count, size);
        *plug_in += (drawn - drawn_below) * worth(s, i);
        *unbiased += (subset - subset_below) * worth(s, i);
        drawn_below = drawn;
        subset_below = subset;
    }
}

/* The infinitesimal jackknife of best_of.c; equal values have equal leverage. */
static double jackknife_error(const search *s, double size)
{
    double change = 0, mean = 0, squares = 0;
    if (s->n < 2) return NAN;
    for (size_t i = s->n_values; i-- > 0;) {
        uint64_t below = i > 0 ? s->values[i - 1].count : 0;
        double count = (double)(s->values[i].count - below);
        if (i + 1 < s->n_values)
            change -= size * chance_within(s, s->values[i].count, size - 1) *
                      (worth(s, i + 1) - worth(s, i));
        mean += change * count / s->n;
        squares += change * change * count;
    }
    return sqrt(fmax(0, squares - s->n * mean * mean) / (s->n * (s->n - 1)));
}

static svi_interval ordered(double a, double b) { return (svi_interval){fmin(a, b), fmax(a, b)}; }

/* Of values that are better where they are less, the p-th quantile from the worst is the (1 - p)-th
 * from below. */
static double quantile_of_worth(const svi_sketch *sketch, double sign, double probability)
{
    return svi_sketch_quantile(sketch, sign > 0 ? probability : 1 - probability);
}

static svi_best_of best_of(const svi_sketch *sketch, const search *s, size_t size, double level)
{
    const double low = 0.05, high = 0.95;
    double plug_in, unbiased, n = (double)size;
    find_means(s, size, &plug_in, &unbiased);
    double error = jackknife_error(s, n);
    double half = svi_t_quantile((1 + level) / 2, s->n - 1) * error;
    return (svi_best_of){.plug_in = s->sign * plug_in,
                         .unbiased = s->sign * unbiased,
                         .standard_error = error,
                         .interval =
                             ordered(s->sign * (unbiased - half), s->sign * (unbiased + half)),
                         .spread = ordered(quantile_of_worth(sketch, s->sign, pow(low, 1 / n)),
                                           quantile_of_worth(sketch, s->sign, pow(high, 1 / n)))};
}

sv_status svi_sketch_best(svi_sketch *sketch, bool is_more_better, const size_t *sizes,
                          size_t n_sizes, double level, svi_best_of *out, sv_error *error)
{
    search s = {.n = (double)sketch->n, .sign = is_more_better ? 1 : -1};
    SVI_TRY(svi_level_check(level, error));
    SVI_TRY(svi_sketch_values(sketch, &s.values, &s.n_values, error));
    order_by_worth(&s);
    for (size_t i = 0; i < n_sizes; i++) out[i] = best_of(sketch, &s, sizes[i], level);
    free(s.values);
    return SV_OK;
}
