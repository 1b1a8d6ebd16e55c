#include "stats/test_rates.h"

#include <math.h>
#include <stdlib.h>

#include "stats/draw_streams.h"
#include "stats/moments.h"
#include "stats/rank_tests.h"
#include "stats/resampling_tests.h"
#include "stats/t_rejection.h"

static const char *const names[] = {
#define TEST_NAME(id, name, help) name,
    SVI_TESTS(TEST_NAME)
#undef TEST_NAME
};

const char *svi_test_name(svi_test test) { return names[test]; }

/* What the tests of n seeds an arm need, and where they are drawn from. */
typedef struct bench {
    const double *a, *b; /* b NULL: both arms from a, without replacement */
    size_t n_a, n_b, n;
    const svi_rates_options *options;
    size_t n_draws, n_resamples;
    double centre; /* taken off every value: less rounding */
    double sign;   /* of the difference of the pools' means */
    svi_t_critical critical;
    svi_rank_tables tables;
    svi_resampler resampler;
    uint64_t n_significant[SVI_N_TESTS], n_wrong[SVI_N_TESTS];
} bench;

static uint32_t draw(const bench *w, uint32_t stream, uint32_t study, size_t k, size_t n)
{
    /* a stream for each number of seeds, so that the points of a curve are independent */
    uint64_t element = (uint64_t)w->n << 32 | k;
    return svk_below(svk_draw(SVI_STATS_KEY, stream, study, element), (uint32_t)n);
}

/* 2n different runs: a draw that was there before is drawn again. */
static void draw_from_one(const bench *w, uint32_t study, double *x, double *y)
{
    uint32_t at[2 * SVI_RATES_N_MAX];
    size_t n_had = 0;
    for (size_t k = 0; n_had < 2 * w->n; k++) {
        uint32_t next = draw(w, SVI_STREAM_NULL, study, k, w->n_a);
        bool is_new = true;
        for (size_t i = 0; i < n_had; i++) is_new = is_new && at[i] != next;
        if (is_new) at[n_had++] = next;
    }
    for (size_t i = 0; i < w->n; i++) {
        x[i] = w->a[at[2 * i]] - w->centre;
        y[i] = w->a[at[2 * i + 1]] - w->centre;
    }
}

static void draw_from_two(const bench *w, uint32_t study, double *x, double *y)
{
    for (size_t i = 0; i < w->n; i++) {
        uint32_t of_a = draw(w, SVI_STREAM_POWER_A, study, i, w->n_a), of_b = of_a;
        if (!w->options->is_paired) of_b = draw(w, SVI_STREAM_POWER_B, study, i, w->n_b);
        x[i] = w->a[of_a] - w->centre;
        y[i] = w->b[of_b] - w->centre;
    }
}

static sv_status apply_rank_tests(bench *w, const double *x, const double *y, const double *d,
                                  bool *is_significant, sv_error *error)
{
    double p;
    SVI_TRY(svi_mann_whitney(x, w->n, y, w->n, &w->tables, &p, error));
    is_significant[SVI_TEST_MANN_WHITNEY] = p <= w->options->alpha;
    SVI_TRY(svi_signed_rank(d, w->n, &w->tables, &p, error));
    is_significant[SVI_TEST_SIGNED_RANK] = p <= w->options->alpha;
    return SV_OK;
}

static sv_status study_once(bench *w, uint32_t study, sv_error *error)
{
    double x[SVI_RATES_N_MAX], y[SVI_RATES_N_MAX], d[SVI_RATES_N_MAX];
    bool is_significant[SVI_N_TESTS];
    if (w->b == NULL) {
        draw_from_one(w, study, x, y);
    } else {
        draw_from_two(w, study, x, y);
    }
    for (size_t i = 0; i < w->n; i++) d[i] = x[i] - y[i];
    svi_moments of_x = svi_moments_of(x, w->n), of_y = svi_moments_of(y, w->n),
                of_d = svi_moments_of(d, w->n);
    double difference = of_x.mean - of_y.mean, distance = fabs(difference);
    is_significant[SVI_TEST_WELCH] =
        svi_welch_rejects(&w->critical, w->n, of_x.m2, of_y.m2, distance);
    is_significant[SVI_TEST_PAIRED_T] =
        svi_paired_rejects(&w->critical, w->n, of_d.m2, fabs(of_d.mean));
    SVI_TRY(apply_rank_tests(w, x, y, d, is_significant, error));
    is_significant[SVI_TEST_PERMUTATION] = svi_permutation_rejects(&w->resampler, x, y);
    is_significant[SVI_TEST_BOOTSTRAP] = svi_bootstrap_rejects(&w->resampler, x, y);
    for (int t = 0; t < SVI_N_TESTS; t++) {
        w->n_significant[t] += is_significant[t];
        w->n_wrong[t] += is_significant[t] && difference * w->sign < 0;
    }
    return SV_OK;
}

static void report(const bench *w, svi_test_rates *rates)
{
    double n = (double)w->n_draws;
    bool has_pairs = w->b == NULL || w->options->is_paired;
    rates->standard_error = 0.5 / sqrt(n);
    for (int t = 0; t < SVI_N_TESTS; t++) {
        bool needs_pairs = t == SVI_TEST_PAIRED_T || t == SVI_TEST_SIGNED_RANK;
        bool is_said = has_pairs || !needs_pairs;
        rates->rate[t] = is_said ? (double)w->n_significant[t] / n : NAN;
        rates->wrong[t] = is_said && w->b != NULL ? (double)w->n_wrong[t] / n : NAN;
    }
}

static sv_status rates_at(bench *w, svi_test_rates *rates, sv_error *error)
{
    bool is_there = w->b != NULL || 2 * rates->n <= w->n_a;
    for (int t = 0; t < SVI_N_TESTS; t++) {
        rates->rate[t] = rates->wrong[t] = NAN;
        w->n_significant[t] = w->n_wrong[t] = 0;
    }
    rates->standard_error = NAN;
    if (!is_there) return SV_OK;
    w->n = rates->n;
    sv_status status = svi_rank_tables_make(w->n, &w->tables, error);
    if (status == SV_OK)
        status = svi_resampler_make(w->n, w->n_resamples, w->options->alpha, &w->resampler, error);
    for (size_t s = 0; s < w->n_draws && status == SV_OK; s++)
        status = study_once(w, (uint32_t)s, error);
    if (status == SV_OK) report(w, rates);
    svi_resampler_clear(&w->resampler);
    svi_rank_tables_clear(&w->tables);
    return status;
}

static sv_status check(const bench *w, const svi_test_rates *rates, size_t n_rates, sv_error *error)
{
    bool has_draws = w->n_draws >= 100 && w->n_draws <= 100000000 && w->n_resamples >= 19 &&
                     w->n_resamples <= 9999;
    if (!has_draws || !(w->options->alpha > 0 && w->options->alpha < 1)) {
        return svi_fail(error, SV_ERR_USAGE,
                        "rates of tests: %zu studies, %zu resamples, alpha %g; give at least 100, "
                        "19 to 9999, and an alpha between 0 and 1",
                        w->n_draws, w->n_resamples, w->options->alpha);
    }
    if (w->n_a > UINT32_MAX || w->n_b > UINT32_MAX ||
        (w->b != NULL && w->options->is_paired && w->n_a != w->n_b)) {
        return svi_fail(error, SV_ERR_USAGE,
                        "rates of tests: pools of %zu and %zu runs; pair them first, and give "
                        "fewer than 2^32",
                        w->n_a, w->n_b);
    }
    for (size_t i = 0; i < n_rates; i++) {
        if (rates[i].n >= 2 && rates[i].n <= SVI_RATES_N_MAX) continue;
        return svi_fail(error, SV_ERR_USAGE, "rates of tests with %zu seeds: give 2 to %d",
                        rates[i].n, SVI_RATES_N_MAX);
    }
    return SV_OK;
}

static sv_status run(bench *w, svi_test_rates *rates, size_t n_rates, sv_error *error)
{
    const svi_rates_options *options = w->options;
    w->n_draws = options->n_draws == 0 ? SVI_RATES_N_DRAWS : options->n_draws;
    w->n_resamples = options->n_resamples == 0 ? SVI_RATES_N_RESAMPLES : options->n_resamples;
    SVI_TRY(check(w, rates, n_rates, error));
    SVI_TRY(svi_t_critical_make(options->alpha, SVI_RATES_N_MAX, &w->critical, error));
    sv_status status = SV_OK;
    for (size_t i = 0; i < n_rates && status == SV_OK; i++) status = rates_at(w, &rates[i], error);
    svi_t_critical_clear(&w->critical);
    return status;
}

sv_status svi_false_positives(const double *pool, size_t n_pool, const svi_rates_options *options,
                              svi_test_rates *rates, size_t n_rates, sv_error *error)
{
    SVI_TRY(svi_sample_check(pool, n_pool, 2, "pool of runs", error));
    bench w = {.a = pool, .n_a = n_pool, .options = options};
    w.centre = svi_moments_of(pool, n_pool).mean;
    return run(&w, rates, n_rates, error);
}

sv_status svi_test_powers(const double *a, size_t n_a, const double *b, size_t n_b,
                          const svi_rates_options *options, svi_test_rates *rates, size_t n_rates,
                          sv_error *error)
{
    SVI_TRY(svi_sample_check(a, n_a, 2, "pool of the first arm", error));
    SVI_TRY(svi_sample_check(b, n_b, 2, "pool of the second arm", error));
    bench w = {.a = a, .b = b, .n_a = n_a, .n_b = n_b, .options = options};
    double mean_a = svi_moments_of(a, n_a).mean, mean_b = svi_moments_of(b, n_b).mean;
    w.centre = (mean_a + mean_b) / 2;
    w.sign = (mean_a > mean_b) - (mean_a < mean_b);
    return run(&w, rates, n_rates, error);
}
