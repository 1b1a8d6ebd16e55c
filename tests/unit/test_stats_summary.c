#include <string.h>

#include "philox.h"
#include "stats/quantile.h"
#include "stats/sample_summary.h"
#include "test_stats_golden.h"

static const double tight = 1e-9;

static void check_quantiles(const json_t *item, const svi_summary *summary, const char *name)
{
    size_t n;
    double *values = golden_values(item, "quantiles", &n);
    json_t *intervals = json_object_get(item, "quantile_intervals");
    cr_assert_eq(n, SVI_N_SUMMARY_QUANTILES);
    for (size_t i = 0; i < n; i++) {
        json_t *holder = json_pack("{sO}", "interval", json_array_get(intervals, i));
        expect_near(summary->quantiles[i].value, values[i], tight, name, "quantile");
        expect_interval(summary->quantiles[i].interval, golden_interval(holder, "interval"), 0,
                        name, "interval of a quantile");
        json_decref(holder);
    }
    free(values);
}

static void check_summary(const json_t *item)
{
    size_t n;
    svi_summary s;
    sv_error error;
    const char *name = golden_name(item, "name");
    double *values = golden_values(item, "values", &n);
    cr_assert_eq(svi_summarize(values, n, golden_at(item, "level"), &s, &error), SV_OK);
    cr_expect_eq(s.n, n);
    expect_near(s.mean, golden_at(item, "mean"), tight, name, "mean");
    expect_interval(s.mean_interval, golden_interval(item, "mean_interval"), tight, name, "mean");
    expect_near(s.sd, golden_at(item, "sd"), tight, name, "sd");
    expect_interval(s.sd_interval, golden_interval(item, "sd_interval"), tight, name, "sd");
    expect_near(s.min, golden_at(item, "min"), 0, name, "min");
    expect_near(s.max, golden_at(item, "max"), 0, name, "max");
    expect_near(s.skewness, golden_at(item, "skewness"), tight, name, "skewness");
    expect_near(s.excess_kurtosis, golden_at(item, "excess_kurtosis"), tight, name, "kurtosis");
    expect_near(s.bimodality, golden_at(item, "bimodality"), tight, name, "bimodality");
    expect_near(s.interquartile_mean, golden_at(item, "interquartile_mean"), tight, name, "iqm");
    check_quantiles(item, &s, name);
    free(values);
}

Test(stats_summary, agrees_with_scipy)
{
    json_t *cases = golden_cases("summary"), *item;
    size_t i;
    json_array_foreach(cases, i, item) check_summary(item);
    json_decref(cases);
}

Test(stats_summary, rates_agree_with_statsmodels)
{
    json_t *cases = golden_cases("rates"), *item;
    size_t i;
    json_array_foreach(cases, i, item)
    {
        svi_interval interval;
        sv_error error;
        cr_assert_eq(svi_rate_interval(golden_size(item, "hits"), golden_size(item, "n"),
                                       golden_at(item, "level"), &interval, &error),
                     SV_OK);
        expect_interval(interval, golden_interval(item, "interval"), tight, "rate", "interval");
    }
    json_decref(cases);
}

Test(stats_summary, equal_values_have_no_shape)
{
    const double values[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
    svi_summary s;
    cr_assert_eq(svi_summarize(values, 7, 0.95, &s, NULL), SV_OK);
    cr_expect(s.sd == 0 && s.mean == 0.1 && s.interquartile_mean == 0.1);
    cr_expect(s.mean_interval.low == 0.1 && s.mean_interval.high == 0.1);
    cr_expect(isnan(s.skewness) && isnan(s.excess_kurtosis) && isnan(s.bimodality));
}

/* The last value is not part of the sample. */
Test(stats_summary, the_highest_quantile_looks_no_further)
{
    const double sorted[] = {1, 2, INFINITY};
    cr_expect_eq(svi_sorted_quantile(sorted, 2, 1), 2);
    cr_expect_eq(svi_sorted_quantile(sorted, 1, 1), 1);
    cr_expect_eq(svi_sorted_quantile(sorted, 2, 0), 1);
}

Test(stats_summary, equal_values_are_counted)
{
    const double values[] = {3, -1, 3, 2, 3, -1, 0.5};
    svi_summary s;
    cr_assert_eq(svi_summarize(values, 7, 0.95, &s, NULL), SV_OK);
    cr_expect(s.n_distinct == 4 && s.n_min == 2 && s.n_max == 3, "%zu, %zu, %zu", s.n_distinct,
              s.n_min, s.n_max);
    cr_assert_eq(svi_summarize(values, 2, 0.95, &s, NULL), SV_OK);
    cr_expect(s.n_distinct == 2 && s.n_min == 1 && s.n_max == 1);
}

Test(stats_summary, refuses_what_it_cannot_summarize)
{
    double values[] = {1, 2, NAN, 4};
    svi_summary s;
    svi_interval interval;
    sv_error error;
    cr_expect_eq(svi_summarize(values, 4, 0.95, &s, &error), SV_ERR_DATA);
    cr_expect_not_null(strstr(error.message, "value 2 is nan"), "%s", error.message);
    values[2] = INFINITY;
    cr_expect_eq(svi_summarize(values, 4, 0.95, &s, &error), SV_ERR_DATA);
    cr_expect_eq(svi_summarize(values, 1, 0.95, &s, &error), SV_ERR_DATA);
    cr_expect_not_null(strstr(error.message, "at least 2"), "%s", error.message);
    cr_expect_eq(svi_summarize(values, 2, 1, &s, &error), SV_ERR_USAGE);
    cr_expect_eq(svi_summarize(values, 2, NAN, &s, &error), SV_ERR_USAGE);
    cr_expect_eq(svi_rate_interval(2, 1, 0.95, &interval, &error), SV_ERR_DATA);
    cr_expect_eq(svi_rate_interval(0, 0, 0.95, &interval, &error), SV_ERR_DATA);
    cr_expect_eq(svi_mean_interval(&(svi_moments){.n = 1}, 0.95, &interval, &error), SV_ERR_DATA);
}

/* ---- moments -------------------------------------------------------------------------------- */

enum { N_STREAM = 600 };

/* Skewed, and far from zero against its spread. */
static void fill_stream(double *values)
{
    for (uint32_t i = 0; i < N_STREAM; i++) {
        double u = (double)svk_uniform(svk_draw(11, 1, 0, i));
        values[i] = 1000 + u * u * u;
    }
}

static void expect_same_moments(const svi_moments *actual, const svi_moments *expected,
                                const char *what)
{
    cr_expect_eq(actual->n, expected->n);
    expect_near(actual->mean, expected->mean, 1e-13, what, "mean");
    expect_near(actual->m2, expected->m2, tight, what, "m2");
    expect_near(actual->m3, expected->m3, tight, what, "m3");
    expect_near(actual->m4, expected->m4, tight, what, "m4");
    cr_expect(actual->min == expected->min && actual->max == expected->max);
}

Test(stats_moments, a_stream_agrees_with_two_passes)
{
    double values[N_STREAM];
    svi_moments stream = {.n = 0};
    fill_stream(values);
    for (size_t i = 0; i < N_STREAM; i++) svi_moments_add(&stream, values[i]);
    svi_moments direct = svi_moments_of(values, N_STREAM);
    expect_same_moments(&stream, &direct, "stream");
}

Test(stats_moments, any_partition_merges_to_the_same)
{
    double values[N_STREAM];
    fill_stream(values);
    svi_moments direct = svi_moments_of(values, N_STREAM);
    for (uint32_t partition = 0; partition < 50; partition++) {
        uint32_t n_parts = 1 + partition % 9;
        svi_moments parts[9] = {{.n = 0}}, merged = {.n = 0};
        for (uint32_t i = 0; i < N_STREAM; i++) {
            uint32_t part = svk_below(svk_draw(12, 1, partition, i), n_parts);
            svi_moments_add(&parts[part], values[i]);
        }
        for (uint32_t p = n_parts; p-- > 0;) svi_moments_merge(&merged, &parts[p]);
        expect_same_moments(&merged, &direct, "merged");
    }
}

Test(stats_moments, an_empty_part_changes_nothing)
{
    const double values[] = {3, 5, 9, 1};
    svi_moments moments = svi_moments_of(values, 4), empty = {.n = 0}, before = moments;
    svi_moments_merge(&moments, &empty);
    expect_same_moments(&moments, &before, "with an empty part");
    svi_moments_merge(&empty, &before);
    expect_same_moments(&empty, &before, "into an empty one");
    cr_expect(isnan(svi_moments_sd(&(svi_moments){.n = 1})));
}

/* E[s]/SD - 1 of 5 normal runs is sqrt(2/4) Gamma(5/2)/Gamma(2) - 1 = -0.060. */
Test(stats_moments, the_sd_of_few_runs_is_too_small)
{
    enum { N = 5, N_SAMPLES = 100000 };
    svi_moments sds = {0};
    for (uint32_t sample = 0; sample < N_SAMPLES; sample++) {
        svi_moments runs = {0};
        for (uint32_t i = 0; i < N; i++) {
            double u = ((double)svk_draw(31, 1, sample, i) + 0.5) * 0x1p-32;
            svi_moments_add(&runs, svi_normal_quantile(u));
        }
        svi_moments_add(&sds, svi_moments_sd(&runs));
    }
    double truth = sqrt(0.5) * tgamma(2.5) / tgamma(2);
    double standard_error = svi_moments_sd(&sds) / sqrt((double)N_SAMPLES);
    cr_expect(fabs(truth - 1 + 0.060) < 5e-4);
    cr_expect(fabs(sds.mean - truth) < 3 * standard_error, "%g where %g is expected, SE %g",
              sds.mean, truth, standard_error);
}
