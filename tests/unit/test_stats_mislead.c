#include <string.h>

#include "philox.h"
#include "stats/mislead.h"
#include "stats/quantile.h"
#include "test_stats_golden.h"

/* Within four and a half standard errors of the exact value. */
static void expect_chance(svi_chance actual, double expected, size_t n, const char *what)
{
    if (isnan(expected)) {
        cr_expect(isnan(actual.probability) && isnan(actual.standard_error), "%s, n = %zu", what,
                  n);
        return;
    }
    double slack = 4.5 * sqrt(expected * (1 - expected) / 200000) + 1e-12;
    cr_expect(fabs(actual.probability - expected) <= slack, "%s, n = %zu: %g where %g is exact",
              what, n, actual.probability, expected);
}

static void check_case(const json_t *item)
{
    size_t n_a, n_b, i;
    svi_mislead_point points[8];
    sv_error error;
    json_t *point, *expected = json_object_get(item, "points");
    double *a = golden_values(item, "a", &n_a), *b = golden_values(item, "b", &n_b);
    svi_mislead_options options = {golden_flag(item, "is_paired"), json_array_size(expected),
                                   200000, 0.05};
    cr_assert_leq(options.n_max, 8);
    cr_assert_eq(svi_mislead_curve(a, n_a, b, n_b, &options, points, &error), SV_OK);
    json_array_foreach(expected, i, point)
    {
        cr_expect_eq(points[i].n, golden_size(point, "n"));
        expect_chance(points[i].sign, golden_at(point, "sign"), i + 1, "sign");
        expect_chance(points[i].welch, golden_at(point, "welch"), i + 1, "Welch");
        expect_chance(points[i].paired, golden_at(point, "paired"), i + 1, "paired t");
    }
    expect_near(points[0].sign.probability, golden_at(json_array_get(expected, 0), "sign"), 1e-12,
                golden_name(item, "name"), "one seed");
    cr_expect(points[0].sign.standard_error == 0);
    free(a);
    free(b);
}

Test(stats_mislead, agrees_with_every_possible_draw)
{
    json_t *cases = golden_cases("mislead"), *item;
    size_t i;
    json_array_foreach(cases, i, item) check_case(item);
    json_decref(cases);
}

enum { N_POOL = 2000, N_SEEDS = 50 };

static void fill_pool(double *values, uint32_t stream, double shift)
{
    for (uint32_t i = 0; i < N_POOL; i++) {
        double u = ((double)svk_draw(5, stream, 0, i) + 0.5) * 0x1p-32;
        values[i] = shift + svi_normal_quantile(u);
    }
}

/* Normal arms half an SD apart: the sign is wrong with chance Phi(-d sqrt(n / 2)). */
Test(stats_mislead, a_large_pool_follows_the_normal_curve)
{
    static double a[N_POOL], b[N_POOL];
    svi_mislead_point points[N_SEEDS], again[N_SEEDS];
    svi_mislead_options options = {false, N_SEEDS, 0, 0.05};
    fill_pool(a, 1, 0.5);
    fill_pool(b, 2, 0);
    cr_assert_eq(svi_mislead_curve(a, N_POOL, b, N_POOL, &options, points, NULL), SV_OK);
    cr_assert_eq(svi_mislead_curve(a, N_POOL, b, N_POOL, &options, again, NULL), SV_OK);
    for (size_t i = 0; i < N_SEEDS; i++) {
        double expected = svi_normal_cdf(-0.5 * sqrt((double)(i + 1) / 2));
        cr_expect(fabs(points[i].sign.probability - expected) < 0.04, "n = %zu: %g where %g", i + 1,
                  points[i].sign.probability, expected);
        cr_expect(points[i].sign.probability == again[i].sign.probability);
        cr_expect(i == 0 || points[i].welch.probability == again[i].welch.probability);
    }
    double welch_se = points[9].welch.standard_error, p = points[9].welch.probability;
    expect_near(welch_se, sqrt(p * (1 - p) / SVI_MISLEAD_N_DRAWS), 1e-9, "n = 10", "error");
}

/* The values differ from exact decimals by rounding: equal means of different draws must count as
 * ties. */
Test(stats_mislead, ties_survive_rounding)
{
    const double a[] = {0.1, 0.2, 0.3, 0.4}, b[] = {0.2, 0.2, 0.3, 0.3};
    svi_mislead_point points[5];
    svi_mislead_options options = {true, 5, 1000, 0.05};
    cr_assert_eq(svi_mislead_curve(a, 4, b, 4, &options, points, NULL), SV_OK);
    for (size_t i = 0; i < 5; i++) {
        cr_expect(points[i].sign.probability == 0.5 && points[i].sign.standard_error == 0);
    }
}

/* Index draws are integers and sums have one order: these figures are the same on every machine. */
Test(stats_mislead, known_draws)
{
    const double a[] = {0.9, 0.8, 0.7, 0.8, 0.6}, b[] = {0.8, 0.7, 0.75, 0.6};
    svi_mislead_point points[10];
    svi_mislead_options options = {false, 10, 0, 0.05};
    cr_assert_eq(svi_mislead_curve(a, 5, b, 4, &options, points, NULL), SV_OK);
    cr_expect(points[1].sign.probability == 0.30655, "%.17g", points[1].sign.probability);
    cr_expect(points[9].sign.probability == 0.1227, "%.17g", points[9].sign.probability);
    cr_expect(points[1].welch.probability == 0.0523, "%.17g", points[1].welch.probability);
    cr_expect(points[9].welch.probability == 0.1933, "%.17g", points[9].welch.probability);
}

Test(stats_mislead, largest_settings)
{
    const double a[] = {1, 2, 3}, b[] = {0, 0.5, 1};
    svi_mislead_point points[1000];
    svi_mislead_options options = {false, 1000, 100, 0.05};
    cr_assert_eq(svi_mislead_curve(a, 3, b, 3, &options, points, NULL), SV_OK);
    cr_expect_eq(points[999].sign.probability, 0);
}

Test(stats_mislead, refuses_impossible_settings)
{
    const double a[] = {1, 2, 3}, gap[] = {1, NAN, 2};
    svi_mislead_point points[4];
    sv_error error;
    svi_mislead_options options = {true, 4, 0, 0.05};
    cr_expect_eq(svi_mislead_curve(a, 3, a, 2, &options, points, &error), SV_ERR_USAGE);
    cr_expect_not_null(strstr(error.message, "pair them first"), "%s", error.message);
    cr_expect_eq(svi_mislead_curve(a, 3, gap, 3, &options, points, &error), SV_ERR_DATA);
    cr_expect_eq(svi_mislead_curve(a, 1, a, 1, &options, points, &error), SV_ERR_DATA);
    options.n_max = 0;
    cr_expect_eq(svi_mislead_curve(a, 3, a, 3, &options, points, &error), SV_ERR_USAGE);
    options = (svi_mislead_options){false, 4, 99, 0.05};
    cr_expect_eq(svi_mislead_curve(a, 3, a, 3, &options, points, &error), SV_ERR_USAGE);
    options = (svi_mislead_options){false, 1001, 100, 0.05};
    cr_expect_eq(svi_mislead_curve(a, 3, a, 3, &options, points, &error), SV_ERR_USAGE);
    options = (svi_mislead_options){false, 4, 0, 1};
    cr_expect_eq(svi_mislead_curve(a, 3, a, 3, &options, points, &error), SV_ERR_USAGE);
    cr_expect_not_null(strstr(error.message, "alpha 1"), "%s", error.message);
}
