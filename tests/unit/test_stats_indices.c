/* Indices of sources: golden values, functions whose indices are known, faults. */
#include <string.h>

#include "philox.h"
#include "stats/quantile.h"
#include "stats/source_indices.h"
#include "test_stats_golden.h"

static const double tight = 1e-9, drawn = 0.05;

static svi_index_design design_of(const json_t *item)
{
    svi_index_design design = {
        .n_sources = golden_size(item, "sources"),
        .n_groups = golden_size(item, "groups"),
        .n_replicates = golden_size(item, "replicates"),
        .level = golden_at(item, "level"),
        .n_resamples = 10000,
    };
    const json_t *levels = json_object_get(item, "levels");
    for (size_t s = 0; s < json_array_size(levels); s++)
        design.levels[s] = (size_t)json_integer_value(json_array_get(levels, s));
    return design;
}

static double estimate_at(const json_t *item, size_t e)
{
    const json_t *value = json_array_get(json_object_get(item, "estimates"), e);
    cr_assert_not_null(value);
    return json_is_null(value) ? NAN : json_number_value(value);
}

/* Those of a bootstrap are about the same; where there is none both ends are NaN. */
static void check_interval(const json_t *item, size_t e, svi_interval found)
{
    const json_t *ends = json_array_get(json_object_get(item, "intervals"), e);
    cr_assert_not_null(ends);
    if (json_is_null(json_array_get(ends, 0))) {
        cr_expect(isnan(found.low) && isnan(found.high));
        return;
    }
    svi_interval expected = {json_number_value(json_array_get(ends, 0)),
                             json_number_value(json_array_get(ends, 1))};
    expect_drawn(found, expected, drawn, golden_name(item, "name"), "interval");
}

static void check_estimate(const json_t *item, size_t e, svi_estimate found)
{
    expect_near(found.value, estimate_at(item, e), tight, golden_name(item, "name"), "estimate");
    check_interval(item, e, found.interval);
}

static void check_pick_freeze(const json_t *item, const svi_index_design *design,
                              const svi_indices *found)
{
    for (size_t s = 0; s < design->n_sources; s++) {
        const svi_source_index *source = &found->sources[s];
        check_estimate(item, 1 + 4 * s, source->first_variance);
        check_estimate(item, 2 + 4 * s, source->total_variance);
        check_estimate(item, 3 + 4 * s, source->first_share);
        check_estimate(item, 4 + 4 * s, source->total_share);
    }
}

static void check_one_at_a_time(const json_t *item, const svi_index_design *design,
                                const svi_indices *found)
{
    const char *name = golden_name(item, "name");
    for (size_t s = 0; s < design->n_sources; s++) {
        const svi_source_index *source = &found->sources[s];
        const json_t *normal = json_array_get(json_object_get(item, "normal"), s);
        expect_near(source->total_variance.value, estimate_at(item, 1 + 2 * s), tight, name, "V_T");
        expect_near(source->total_variance.interval.low,
                    json_number_value(json_array_get(normal, 0)), tight, name, "V_T low");
        expect_near(source->total_variance.interval.high,
                    json_number_value(json_array_get(normal, 1)), tight, name, "V_T high");
        check_interval(item, 1 + 2 * s, source->resampled);
        check_estimate(item, 2 + 2 * s, source->total_share);
        cr_expect(isnan(source->first_share.value) && isnan(source->first_variance.value));
    }
}

Test(stats_indices, agree_with_scipy_and_numpy)
{
    json_t *cases = golden_cases("indices"), *item;
    size_t i, n;
    json_array_foreach(cases, i, item)
    {
        svi_index_design design = design_of(item);
        double *values = golden_values(item, "values", &n);
        svi_indices found;
        bool is_pick_freeze = strcmp(golden_name(item, "kind"), "pick-freeze") == 0;
        sv_status status = is_pick_freeze ? svi_pick_freeze(&design, values, n, &found, NULL)
                                          : svi_one_at_a_time(&design, values, n, &found, NULL);
        cr_assert_eq(status, SV_OK);
        check_estimate(item, 0, found.variance);
        if (is_pick_freeze)
            check_pick_freeze(item, &design, &found);
        else
            check_one_at_a_time(item, &design, &found);
        free(values);
    }
    json_decref(cases);
}

/* ---- functions whose indices are known ---- */

typedef double (*function)(const double *x);

/* Sources uniform on (-pi, pi): Ishigami and Homma (1990), a = 7, b = 0.1. */
static double ishigami(const double *x)
{
    return sin(x[0]) + 7 * sin(x[1]) * sin(x[1]) + 0.1 * pow(x[2], 4) * sin(x[0]);
}

/* 2 x0 + x1 + x0 x2 of sources with mean 0 and variance v = pi^2 / 3. */
static double linear_and_product(const double *x) { return 2 * x[0] + x[1] + x[0] * x[2]; }

static double draw(uint32_t source, uint64_t element)
{
    return (2 * ((double)svk_draw(321, 9, source, element) + 0.5) * 0x1p-32 - 1) * acos(-1);
}

enum { N_SOURCES = 3, N_ROWS = 20000, N_VALUES = N_ROWS * (N_SOURCES + 2) };

static double *run_pick_freeze(function f)
{
    double *values = malloc(N_VALUES * sizeof *values), *next = values;
    cr_assert_not_null(values);
    for (uint64_t i = 0; i < N_ROWS; i++) {
        double a[N_SOURCES], b[N_SOURCES];
        for (uint32_t s = 0; s < N_SOURCES; s++) {
            a[s] = draw(s, 2 * i);
            b[s] = draw(s, 2 * i + 1);
        }
        *next++ = f(a);
        *next++ = f(b);
        for (size_t s = 0; s < N_SOURCES; s++) {
            double ab[N_SOURCES] = {a[0], a[1], a[2]};
            ab[s] = b[s];
            *next++ = f(ab);
        }
    }
    return values;
}

typedef struct truth {
    double variance, first[N_SOURCES], total[N_SOURCES];
} truth;

/* Within one and a half half widths of the interval, which is narrow. */
static void expect_truth(svi_estimate found, double expected, double variance, const char *what)
{
    double half = (found.interval.high - found.interval.low) / 2;
    cr_expect(fabs(found.value - expected) < 1.5 * half && half < 0.04 * variance,
              "%s: %g [%g, %g], in truth %g", what, found.value, found.interval.low,
              found.interval.high, expected);
}

static void check_function(function f, const truth *t, const char *name)
{
    svi_index_design design = {.n_sources = N_SOURCES,
                               .n_groups = N_ROWS,
                               .n_replicates = 1,
                               .level = 0.95,
                               .n_resamples = 200};
    double *values = run_pick_freeze(f);
    svi_indices found;
    cr_assert_eq(svi_pick_freeze(&design, values, N_VALUES, &found, NULL), SV_OK);
    expect_truth(found.variance, t->variance, t->variance, name);
    for (size_t s = 0; s < N_SOURCES; s++) {
        const svi_source_index *source = &found.sources[s];
        expect_truth(source->first_variance, t->first[s], t->variance, name);
        expect_truth(source->total_variance, t->total[s], t->variance, name);
        expect_truth(source->first_share, t->first[s] / t->variance, 1, name);
        expect_truth(source->total_share, t->total[s] / t->variance, 1, name);
    }
    free(values);
}

Test(stats_indices, the_function_of_ishigami_and_homma)
{
    double pi = acos(-1), pi4 = pow(pi, 4), pi8 = pow(pi, 8), b = 0.1;
    double first = pow(1 + b * pi4 / 5, 2) / 2, second = 49 / 8.0, both = 8 * b * b * pi8 / 225;
    truth t = {first + second + both, {first, second, 0}, {first + both, second, both}};
    check_function(ishigami, &t, "Ishigami");
}

Test(stats_indices, a_line_and_a_product)
{
    double v = pow(acos(-1), 2) / 3;
    truth t = {5 * v + v * v, {4 * v, v, 0}, {4 * v + v * v, v, v * v}};
    check_function(linear_and_product, &t, "line and product");
}

/* One at a time, averaged over bases, gives the same total effects as pick-freeze. */
Test(stats_indices, one_at_a_time_averages_to_the_total_effect)
{
    enum { N_BASES = 400, N_LEVELS = 12, N_IN_BASE = 1 + N_SOURCES * (N_LEVELS - 1) };
    svi_index_design design = {.n_sources = N_SOURCES,
                               .n_groups = N_BASES,
                               .levels = {N_LEVELS, N_LEVELS, N_LEVELS},
                               .n_replicates = 1,
                               .level = 0.95};
    static double values[N_BASES * N_IN_BASE];
    double v = pow(acos(-1), 2) / 3, *next = values;
    for (uint64_t base = 0; base < N_BASES; base++) {
        double at[N_SOURCES], x[N_SOURCES];
        for (uint32_t s = 0; s < N_SOURCES; s++) at[s] = draw(s, base * N_LEVELS);
        *next++ = linear_and_product(at);
        for (uint32_t s = 0; s < N_SOURCES; s++)
            for (uint64_t l = 1; l < N_LEVELS; l++) {
                memcpy(x, at, sizeof x);
                x[s] = draw(s, base * N_LEVELS + l);
                *next++ = linear_and_product(x);
            }
    }
    const double total[] = {4 * v + v * v, v, v * v}, variance = 5 * v + v * v;
    svi_indices found;
    cr_assert_eq(svi_one_at_a_time(&design, values, sizeof values / sizeof *values, &found, NULL),
                 SV_OK);
    for (size_t s = 0; s < N_SOURCES; s++) {
        svi_estimate resampled = {found.sources[s].total_variance.value,
                                  found.sources[s].resampled};
        cr_expect(resampled.interval.low < total[s] && total[s] < resampled.interval.high,
                  "source %zu: %g [%g, %g], in truth %g", s, resampled.value,
                  resampled.interval.low, resampled.interval.high, total[s]);
        cr_expect_float_eq(found.sources[s].total_share.value, total[s] / variance, 0.08);
    }
    cr_expect_float_eq(found.variance.value / variance, 1, 0.1);
}

/* ---- faults ---- */

static void expect_refused(const svi_index_design *design, size_t n, bool is_pick_freeze,
                           sv_status status, const char *part)
{
    static const double values[100] = {0};
    svi_indices found;
    sv_error error = {0};
    sv_status got = is_pick_freeze ? svi_pick_freeze(design, values, n, &found, &error)
                                   : svi_one_at_a_time(design, values, n, &found, &error);
    cr_expect_eq(got, status);
    cr_expect_not_null(strstr(error.message, part), "wanted `%s`: %s", part, error.message);
}

Test(stats_indices, impossible_designs_are_refused)
{
    const svi_index_design good = {
        .n_sources = 2, .n_groups = 3, .levels = {2, 3}, .n_replicates = 1, .level = 0.95};
    svi_index_design design = good;
    expect_refused(&good, 11, true, SV_ERR_DATA, "11 values for 12 runs");
    expect_refused(&good, 11, false, SV_ERR_DATA, "11 values for 12 runs");
    design.n_groups = 1;
    expect_refused(&design, 4, true, SV_ERR_DATA, "one row");
    design = good;
    design.n_sources = 1;
    expect_refused(&design, 9, true, SV_ERR_DATA, "1 sources");
    design = good;
    design.levels[1] = 1;
    expect_refused(&design, 6, false, SV_ERR_DATA, "source 1 has 1 levels");
    design = good;
    design.level = 1;
    expect_refused(&design, 12, true, SV_ERR_USAGE, "level");
    design = good;
    design.n_resamples = 10;
    expect_refused(&design, 12, false, SV_ERR_USAGE, "10 resamples");
}

/* Equal runs: variances of exactly 0, and no share of nothing. */
Test(stats_indices, equal_runs_have_no_indices)
{
    const svi_index_design design = {
        .n_sources = 2, .n_groups = 9, .levels = {2, 3}, .n_replicates = 1, .level = 0.95};
    double values[36];
    for (size_t i = 0; i < 36; i++) values[i] = 0.1;
    svi_indices rows, bases;
    cr_assert_eq(svi_pick_freeze(&design, values, 36, &rows, NULL), SV_OK);
    cr_assert_eq(svi_one_at_a_time(&design, values, 36, &bases, NULL), SV_OK);
    cr_expect(rows.variance.value == 0 && bases.variance.value == 0);
    for (size_t s = 0; s < 2; s++) {
        cr_expect(rows.sources[s].total_variance.value == 0);
        cr_expect(bases.sources[s].total_variance.value == 0);
        cr_expect(isnan(rows.sources[s].first_share.value));
        cr_expect(isnan(bases.sources[s].total_share.value));
    }
}
