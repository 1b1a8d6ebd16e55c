#include <string.h>

#include "stats/arm_compare.h"
#include "test_stats_golden.h"

static const double tight = 1e-9;

static void check_superiority(const json_t *item, const svi_superiority *s, const char *name)
{
    const json_t *expected = json_object_get(item, "superiority");
    expect_near(s->probability, golden_at(expected, "probability"), tight, name, "P(A > B)");
    expect_near(s->standard_error, golden_at(expected, "standard_error"), tight, name, "error");
    expect_near(s->df, golden_at(expected, "df"), tight, name, "df of P(A > B)");
    expect_near(s->p, golden_at(expected, "p"), tight, name, "p of P(A > B)");
    expect_interval(s->interval, golden_interval(expected, "interval"), tight, name, "P(A > B)");
}

static void check_difference(const json_t *item, const svi_difference *d, const char *name)
{
    double p, effect;
    sv_error error;
    expect_near(d->difference, golden_at(item, "difference"), tight, name, "difference");
    expect_near(d->standard_error, golden_at(item, "standard_error"), tight, name, "error");
    expect_near(d->df, golden_at(item, "df"), tight, name, "df");
    expect_near(d->t, golden_at(item, "t"), tight, name, "t");
    expect_near(d->p, golden_at(item, "p"), tight, name, "p");
    expect_near(d->sd, golden_at(item, "sd"), tight, name, "sd");
    expect_near(d->correlation, golden_at(item, "correlation"), tight, name, "correlation");
    expect_interval(d->interval, golden_interval(item, "interval"), tight, name, "interval");
    cr_assert_eq(svi_equivalence_p(d, golden_at(item, "margin"), &p, &error), SV_OK);
    expect_near(p, golden_at(item, "equivalence_p"), tight, name, "equivalence");
    cr_assert_eq(svi_least_detectable(d, 0.05, 0.8, &effect, &error), SV_OK);
    expect_near(effect, golden_at(item, "least_detectable"), tight, name, "least detectable");
}

static void check_case(const json_t *item)
{
    size_t n_a, n_b;
    svi_difference d;
    svi_superiority s;
    sv_error error;
    double *a = golden_values(item, "a", &n_a), *b = golden_values(item, "b", &n_b);
    double level = golden_at(item, "level");
    bool is_paired = golden_flag(item, "is_paired");
    const char *name = golden_name(item, "name");
    sv_status status = is_paired ? svi_compare_paired(a, b, n_a, level, &d, &error)
                                 : svi_compare_welch(a, n_a, b, n_b, level, &d, &error);
    cr_assert_eq(status, SV_OK);
    check_difference(item, &d, name);
    cr_assert_eq(svi_compare_superiority(a, n_a, b, n_b, is_paired, level, &s, &error), SV_OK);
    check_superiority(item, &s, name);
    free(a);
    free(b);
}

Test(stats_compare, agrees_with_scipy_and_statsmodels)
{
    json_t *cases = golden_cases("comparison"), *item;
    size_t i;
    json_array_foreach(cases, i, item) check_case(item);
    json_decref(cases);
}

Test(stats_compare, arms_without_spread)
{
    const double one[] = {0.1, 0.1, 0.1}, two[] = {0.3, 0.3, 0.3};
    svi_difference d;
    double p;
    cr_assert_eq(svi_compare_welch(two, 3, one, 3, 0.95, &d, NULL), SV_OK);
    cr_expect(d.standard_error == 0 && d.p == 0 && d.t == INFINITY);
    cr_expect(d.interval.low == d.difference && d.interval.high == d.difference);
    cr_assert_eq(svi_equivalence_p(&d, 0.25, &p, NULL), SV_OK);
    cr_expect(p == 0);
    cr_assert_eq(svi_equivalence_p(&d, 0.15, &p, NULL), SV_OK);
    cr_expect(p == 1);
    cr_assert_eq(svi_compare_paired(one, one, 3, 0.95, &d, NULL), SV_OK);
    cr_expect(d.difference == 0 && d.p == 1 && d.t == 0);
    cr_expect(isnan(d.correlation));
}

/* Complete separation leaves the variance of Brunner and Munzel at 0, yet five runs a side do not
 * make P(A > B) = 1. */
Test(stats_compare, unanimous_pairs_have_an_interval)
{
    const double high[] = {6, 7, 8, 9, 10}, low[] = {1, 2, 3, 4, 5, 5.5}, tied[] = {4, 4, 4, 4};
    svi_superiority s;
    cr_assert_eq(svi_compare_superiority(high, 5, low, 6, false, 0.95, &s, NULL), SV_OK);
    cr_expect(s.probability == 1 && s.interval.high == 1);
    expect_near(s.interval.low, pow(0.025, 0.2), 1e-12, "won", "low");
    cr_assert_eq(svi_compare_superiority(low, 6, high, 5, false, 0.95, &s, NULL), SV_OK);
    cr_expect(s.probability == 0 && s.interval.low == 0);
    expect_near(s.interval.high, 1 - pow(0.025, 0.2), 1e-12, "lost", "high");
    cr_assert_eq(svi_compare_superiority(tied, 4, tied, 4, true, 0.95, &s, NULL), SV_OK);
    cr_expect(s.probability == 0.5 && isnan(s.p));
    expect_near(s.interval.low, pow(0.025, 0.5) / 2, 1e-12, "tied", "low");
    expect_near(s.interval.high, 1 - pow(0.025, 0.5) / 2, 1e-12, "tied", "high");
}

/* b is a moved by less than the gaps: the paired variance is 0 although not every pair says the
 * same. */
Test(stats_compare, pairs_in_lockstep_fall_back_to_independent_arms)
{
    const double a[] = {1.1, 2.1, 3.1, 4.1}, b[] = {1, 2, 3, 4};
    svi_superiority paired, independent;
    cr_assert_eq(svi_compare_superiority(a, 4, b, 4, true, 0.95, &paired, NULL), SV_OK);
    cr_assert_eq(svi_compare_superiority(a, 4, b, 4, false, 0.95, &independent, NULL), SV_OK);
    cr_expect(paired.probability == 0.625);
    cr_expect(paired.standard_error == independent.standard_error && paired.standard_error > 0);
}

Test(stats_compare, refuses_what_it_cannot_compare)
{
    const double a[] = {1, 2, 3}, gap[] = {1, NAN, 3};
    svi_difference d;
    svi_superiority s;
    double out;
    sv_error error;
    cr_expect_eq(svi_compare_paired(a, gap, 3, 0.95, &d, &error), SV_ERR_DATA);
    cr_expect_not_null(strstr(error.message, "second arm"), "%s", error.message);
    cr_expect_eq(svi_compare_welch(a, 1, a, 3, 0.95, &d, &error), SV_ERR_DATA);
    cr_expect_eq(svi_compare_welch(a, 3, a, 3, 0, &d, &error), SV_ERR_USAGE);
    cr_expect_eq(svi_compare_superiority(a, 3, a, 2, true, 0.95, &s, &error), SV_ERR_USAGE);
    cr_expect_eq(svi_compare_superiority(gap, 3, a, 3, false, 0.95, &s, &error), SV_ERR_DATA);
    cr_assert_eq(svi_compare_welch(a, 3, a, 3, 0.95, &d, &error), SV_OK);
    cr_expect_eq(svi_equivalence_p(&d, 0, &out, &error), SV_ERR_USAGE);
    cr_expect_eq(svi_equivalence_p(&d, NAN, &out, &error), SV_ERR_USAGE);
    cr_expect_eq(svi_least_detectable(&d, 0.05, 0.05, &out, &error), SV_ERR_USAGE);
    cr_expect_eq(svi_least_detectable(&d, 0, 0.8, &out, &error), SV_ERR_USAGE);
    cr_expect_eq(svi_least_detectable(&d, 0.05, 1, &out, &error), SV_ERR_USAGE);
}
