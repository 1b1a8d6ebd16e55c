/* What a sketch tells is what the same values tell that stand at the ends of their buckets. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "philox.h"
#include "stats/sketch_findings.h"

enum { N_VALUES = 2000 };

static const size_t sizes[] = {1, 2, 5, 50, 500, 1999, 2000};
enum { N_SIZES = sizeof sizes / sizeof *sizes };

/* Of both signs, over several powers of two, some of them equal. */
static double value_at(uint64_t i)
{
    double u = (double)svk_draw(3, 11, 0, i) * 0x1p-32;
    return i % 9 == 0 ? 0.375 : ldexp(u - 0.3, (int)(svk_draw(3, 11, 1, i) % 6));
}

/* The sketch, and its own values one by one. */
static svi_sketch sketch_of(double *moved)
{
    svi_sketch sketch = {0};
    svi_value_count *values;
    size_t n, at = 0;
    for (uint64_t i = 0; i < N_VALUES; i++) svi_sketch_add(&sketch, value_at(i));
    cr_assert_eq(svi_sketch_values(&sketch, &values, &n, NULL), SV_OK);
    cr_assert(n > 100 && n < N_VALUES);
    for (size_t i = 0; i < n; i++)
        for (uint64_t k = 0; k < values[i].count; k++) moved[at++] = values[i].value;
    cr_assert_eq(at, (size_t)N_VALUES);
    free(values);
    return sketch;
}

static void expect_same(double found, double expected, double tolerance, const char *what)
{
    cr_expect(fabs(found - expected) <= tolerance * fmax(1, fabs(expected)),
              "%s: %.17g is not %.17g", what, found, expected);
}

static void expect_interval(svi_interval found, svi_interval expected, double tolerance,
                            const char *what)
{
    expect_same(found.low, expected.low, tolerance, what);
    expect_same(found.high, expected.high, tolerance, what);
}

Test(sketch_findings, best_of_n_is_that_of_the_moved_values)
{
    double moved[N_VALUES];
    svi_sketch sketch = sketch_of(moved);
    for (int is_more_better = 0; is_more_better < 2; is_more_better++) {
        svi_best_of found[N_SIZES], expected;
        svi_search search;
        cr_assert_eq(svi_sketch_best(&sketch, is_more_better, sizes, N_SIZES, 0.95, found, NULL),
                     SV_OK);
        cr_assert_eq(svi_search_make(moved, NULL, N_VALUES, is_more_better, &search, NULL), SV_OK);
        for (size_t s = 0; s < N_SIZES; s++) {
            cr_assert_eq(svi_search_best(&search, sizes[s], false, 0.95, &expected, NULL), SV_OK);
            expect_same(found[s].plug_in, expected.plug_in, 1e-9, "plug-in");
            expect_same(found[s].unbiased, expected.unbiased, 1e-9, "unbiased");
            expect_same(found[s].standard_error, expected.standard_error, 1e-9, "error");
            expect_interval(found[s].interval, expected.interval, 1e-9, "interval");
            expect_interval(found[s].spread, expected.spread, 1e-3, "spread");
        }
        svi_search_clear(&search);
    }
    svi_sketch_clear(&sketch);
}

Test(sketch_findings, summary_is_that_of_the_values)
{
    double moved[N_VALUES], values[N_VALUES];
    svi_sketch sketch = sketch_of(moved);
    svi_summary found, exact, of_moved;
    for (uint64_t i = 0; i < N_VALUES; i++) values[i] = value_at(i);
    cr_assert_eq(svi_sketch_summarize(&sketch, 0.9, &found, NULL), SV_OK);
    cr_assert_eq(svi_summarize(values, N_VALUES, 0.9, &exact, NULL), SV_OK);
    cr_assert_eq(svi_summarize(moved, N_VALUES, 0.9, &of_moved, NULL), SV_OK);
    cr_expect_eq(found.n, exact.n);
    expect_same(found.mean, exact.mean, 1e-13, "mean");
    expect_interval(found.mean_interval, exact.mean_interval, 1e-12, "mean");
    expect_same(found.sd, exact.sd, 1e-13, "SD");
    expect_interval(found.sd_interval, exact.sd_interval, 1e-12, "SD");
    cr_expect(found.min == exact.min && found.max == exact.max);
    expect_same(found.interquartile_mean, of_moved.interquartile_mean, 1e-12, "IQM");
    for (size_t q = 0; q < SVI_N_SUMMARY_QUANTILES; q++) {
        expect_interval(found.quantiles[q].interval, of_moved.quantiles[q].interval, 0, "quantile");
        expect_same(found.quantiles[q].value, exact.quantiles[q].value, 32 * SVI_SKETCH_ERROR,
                    "quantile");
    }
    cr_expect(isnan(found.skewness) && isnan(found.excess_kurtosis) && found.n_distinct == 0);
    svi_sketch_clear(&sketch);
}

Test(sketch_findings, few_values_have_open_ends)
{
    svi_sketch sketch = {0};
    svi_summary found;
    for (int i = 0; i < 3; i++) svi_sketch_add(&sketch, i);
    cr_assert_eq(svi_sketch_summarize(&sketch, 0.95, &found, NULL), SV_OK);
    cr_expect(found.quantiles[0].interval.low == -INFINITY);
    cr_expect(found.quantiles[SVI_N_SUMMARY_QUANTILES - 1].interval.high == INFINITY);
    svi_sketch_clear(&sketch);
}
