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

static svi_verdict verdict_named(const char *name)
{
    if (strcmp(name, "a higher") == 0) return SVI_VERDICT_A_HIGHER;
    if (strcmp(name, "b higher") == 0) return SVI_VERDICT_B_HIGHER;
    return strcmp(name, "equivalent") == 0 ? SVI_VERDICT_EQUIVALENT : SVI_VERDICT_UNDECIDED;
}

static void check_case(const json_t *item)
{
    size_t n_a, n_b, i;
    svi_mislead_point points[8];
    sv_error error;
    json_t *point, *expected = json_object_get(item, "points");
    double *a = golden_values(item, "a", &n_a), *b = golden_values(item, "b", &n_b);
    svi_mislead_options options = {.is_paired = golden_flag(item, "is_paired"),
                                   .n_max = json_array_size(expected),
                                   .n_draws = 200000,
                                   .alpha = 0.05,
                                   .margin = golden_at(item, "margin"),
                                   .verdict = verdict_named(golden_name(item, "pool_verdict"))};
    cr_assert_leq(options.n_max, 8);
    cr_assert_eq(svi_mislead_curve(a, n_a, b, n_b, &options, points, &error), SV_OK);
    json_array_foreach(expected, i, point)
    {
        cr_expect_eq(points[i].n, golden_size(point, "n"));
        expect_chance(points[i].sign, golden_at(point, "sign"), i + 1, "sign");
        expect_chance(points[i].verdict, golden_at(point, "verdict"), i + 1,
                      golden_name(item, "name"));
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

static double uniform(uint32_t paper, uint32_t stream, uint32_t i)
{
    return ((double)svk_draw(6, stream, paper, i) + 0.5) * 0x1p-32;
}

static double normal(uint32_t paper, uint32_t stream, uint32_t i)
{
    return svi_normal_quantile(uniform(paper, stream, i));
}

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
    svi_mislead_options options = {
        .n_max = N_SEEDS, .alpha = 0.05, .verdict = SVI_VERDICT_A_HIGHER};
    fill_pool(a, 1, 0.5);
    fill_pool(b, 2, 0);
    cr_assert_eq(svi_mislead_curve(a, N_POOL, b, N_POOL, &options, points, NULL), SV_OK);
    cr_assert_eq(svi_mislead_curve(a, N_POOL, b, N_POOL, &options, again, NULL), SV_OK);
    for (size_t i = 0; i < N_SEEDS; i++) {
        double expected = svi_normal_cdf(-0.5 * sqrt((double)(i + 1) / 2));
        cr_expect(fabs(points[i].sign.probability - expected) < 0.04, "n = %zu: %g where %g", i + 1,
                  points[i].sign.probability, expected);
        cr_expect(points[i].sign.probability == again[i].sign.probability);
        cr_expect(i == 0 || points[i].verdict.probability == again[i].verdict.probability);
    }
    double welch_se = points[9].verdict.standard_error, p = points[9].verdict.probability;
    expect_near(welch_se, sqrt(p * (1 - p) / SVI_MISLEAD_N_DRAWS), 1e-9, "n = 10", "error");
}

/* The values differ from exact decimals by rounding: equal means of different draws must count as
 * ties. */
Test(stats_mislead, ties_survive_rounding)
{
    const double a[] = {0.1, 0.2, 0.3, 0.4}, b[] = {0.2, 0.2, 0.3, 0.3};
    svi_mislead_point points[5];
    svi_mislead_options options = {.is_paired = true, .n_max = 5, .n_draws = 1000, .alpha = 0.05};
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
    svi_mislead_options options = {.n_max = 10, .alpha = 0.05};
    cr_assert_eq(svi_mislead_curve(a, 5, b, 4, &options, points, NULL), SV_OK);
    cr_expect(points[1].sign.probability == 0.30655, "%.17g", points[1].sign.probability);
    cr_expect(points[9].sign.probability == 0.1227, "%.17g", points[9].sign.probability);
    cr_expect(points[1].verdict.probability == 0.0523, "%.17g", points[1].verdict.probability);
    cr_expect(points[9].verdict.probability == 0.1933, "%.17g", points[9].verdict.probability);
}

Test(stats_mislead, largest_settings)
{
    const double a[] = {1, 2, 3}, b[] = {0, 0.5, 1};
    svi_mislead_point points[1000];
    svi_mislead_options options = {.n_max = 1000, .n_draws = 100, .alpha = 0.05};
    cr_assert_eq(svi_mislead_curve(a, 3, b, 3, &options, points, NULL), SV_OK);
    cr_expect_eq(points[999].sign.probability, 0);
}

Test(stats_mislead, refuses_impossible_settings)
{
    const double a[] = {1, 2, 3}, gap[] = {1, NAN, 2};
    svi_mislead_point points[4];
    sv_error error;
    svi_mislead_options options = {.is_paired = true, .n_max = 4, .alpha = 0.05};
    cr_expect_eq(svi_mislead_curve(a, 3, a, 2, &options, points, &error), SV_ERR_USAGE);
    cr_expect_not_null(strstr(error.message, "pair them first"), "%s", error.message);
    cr_expect_eq(svi_mislead_curve(a, 3, gap, 3, &options, points, &error), SV_ERR_DATA);
    cr_expect_eq(svi_mislead_curve(a, 1, a, 1, &options, points, &error), SV_ERR_DATA);
    options.n_max = 0;
    cr_expect_eq(svi_mislead_curve(a, 3, a, 3, &options, points, &error), SV_ERR_USAGE);
    options = (svi_mislead_options){.n_max = 4, .n_draws = 99, .alpha = 0.05};
    cr_expect_eq(svi_mislead_curve(a, 3, a, 3, &options, points, &error), SV_ERR_USAGE);
    options = (svi_mislead_options){.n_max = 1001, .n_draws = 100, .alpha = 0.05};
    cr_expect_eq(svi_mislead_curve(a, 3, a, 3, &options, points, &error), SV_ERR_USAGE);
    options = (svi_mislead_options){.n_max = 4, .alpha = 1};
    cr_expect_eq(svi_mislead_curve(a, 3, a, 3, &options, points, &error), SV_ERR_USAGE);
    cr_expect_not_null(strstr(error.message, "alpha 1"), "%s", error.message);
    options = (svi_mislead_options){.n_max = 4, .alpha = 0.05, .margin = -1};
    cr_expect_eq(svi_mislead_curve(a, 3, a, 3, &options, points, &error), SV_ERR_USAGE);
    cr_expect_not_null(strstr(error.message, "margin -1"), "%s", error.message);
}

/* ---- intervals ------------------------------------------------------------------------------- */

enum { N_PAPERS = 400, N_OF_PAPER_MOST = 40, N_MISLED = 3 };

typedef struct setting {
    const char *name;
    size_t n_pool;
    bool is_paired, is_skewed;
} setting;

/* Normal arms half an SD apart, or pairs with exponential differences of mean 0.3. */
static void draw_pool(const setting *s, uint32_t paper, double *a, double *b)
{
    for (uint32_t i = 0; i < s->n_pool; i++) {
        double common = s->is_paired ? normal(paper, 3, i) : 0;
        b[i] = common + (s->is_skewed ? 0 : normal(paper, 2, i));
        a[i] = common +
               (s->is_skewed ? 0.3 - 1 - log(uniform(paper, 1, i)) : 0.5 + normal(paper, 1, i));
    }
}

static svi_mislead_point judge(const setting *s, const double *a, const double *b, bool *is_higher)
{
    svi_difference d;
    svi_mislead_point points[N_MISLED];
    svi_mislead_options options = {.is_paired = s->is_paired, .n_max = N_MISLED, .alpha = 0.05};
    cr_assert_eq((s->is_paired ? svi_compare_paired(a, b, s->n_pool, 0.95, &d, NULL)
                               : svi_compare_welch(a, s->n_pool, b, s->n_pool, 0.95, &d, NULL)),
                 SV_OK);
    double sd = d.standard_error * sqrt((double)s->n_pool / 2);
    svi_power_question runs = {.sd_a = sd, .sd_b = sd, .is_paired = s->is_paired, .alpha = 0.05};
    cr_assert_eq(svi_mislead_curve(a, s->n_pool, b, s->n_pool, &options, points, NULL), SV_OK);
    cr_assert_eq(svi_mislead_intervals(&options, &d, &runs, points, NULL), SV_OK);
    *is_higher = d.difference > 0;
    return points[N_MISLED - 1];
}

/* 95% within four standard errors, for pools below and above the size from which their own shape
 * counts. All verdicts are taken as undecided: another one has the chance of the power. */
Test(stats_mislead, intervals_hold_the_truth)
{
    static const setting settings[] = {{"few pairs", 6, true, false},
                                       {"few runs", 6, false, false},
                                       {"pairs", 40, true, false},
                                       {"runs", 40, false, false},
                                       {"skewed pairs", 40, true, true}};
    double a[N_OF_PAPER_MOST], b[N_OF_PAPER_MOST];
    double least = 0.95 - 4 * sqrt(0.95 * 0.05 / N_PAPERS);
    for (size_t k = 0; k < sizeof settings / sizeof *settings; k++) {
        const setting *s = &settings[k];
        size_t n_sign = 0, n_verdict = 0;
        svi_power_question truth = {
            .difference = 0.5, .sd_a = 1, .sd_b = 1, .is_paired = s->is_paired, .alpha = 0.05};
        double power, sign = svi_normal_cdf(-0.5 * sqrt(N_MISLED / 2.0)), x = 3 * (1 - 0.3);
        if (s->is_skewed) sign = 1 - exp(-x) * (1 + x + x * x / 2);
        cr_assert_eq(svi_power(&truth, N_MISLED, &power, NULL), SV_OK);
        for (uint32_t paper = 0; paper < N_PAPERS; paper++) {
            bool is_higher;
            draw_pool(s, paper, a, b);
            svi_mislead_point point = judge(s, a, b, &is_higher);
            double opposite = is_higher ? sign : 1 - sign;
            n_sign += point.sign_interval.low <= opposite && opposite <= point.sign_interval.high;
            n_verdict +=
                point.verdict_interval.low <= power && power <= point.verdict_interval.high;
        }
        cr_expect((double)n_sign / N_PAPERS > least, "%s: sign %zu", s->name, n_sign);
        if (!s->is_skewed)
            cr_expect((double)n_verdict / N_PAPERS > least, "%s: verdict %zu", s->name, n_verdict);
    }
}

/* A pool of two pairs says little; one of 20,000 knows its chances, however far from normal. */
Test(stats_mislead, intervals_narrow_with_the_pool)
{
    static double a[20000], b[20000];
    bool is_higher;
    for (uint32_t i = 0; i < 20000; i++) a[i] = i % 50 == 0 ? -4 : 0.2 + 0.01 * normal(0, 4, i);
    const setting many = {"many", 20000, true, false}, two = {"two", 2, true, false};
    svi_mislead_point known = judge(&many, a, b, &is_higher), open;
    cr_expect(is_higher && known.sign.probability > 0.05);
    cr_expect(known.sign_interval.high - known.sign_interval.low < 0.01, "%g to %g",
              known.sign_interval.low, known.sign_interval.high);
    cr_expect(known.verdict_interval.high - known.verdict_interval.low < 0.02);
    const double few_a[] = {1, 0.8}, few_b[] = {0.7, 0.75};
    open = judge(&two, few_a, few_b, &is_higher);
    cr_expect(open.sign_interval.high - open.sign_interval.low > 0.5, "%g to %g",
              open.sign_interval.low, open.sign_interval.high);
}

enum { N_MOST = 50 };

static void judge_pairs(const double *a, size_t n, svi_mislead_point *points)
{
    svi_difference d;
    svi_mislead_options options = {.is_paired = true, .n_max = N_MOST, .alpha = 0.05};
    double *b = calloc(n, sizeof *b);
    cr_assert_not_null(b);
    cr_assert_eq(svi_compare_paired(a, b, n, 0.95, &d, NULL), SV_OK);
    svi_power_question runs = {.sd_a = d.sd, .is_paired = true, .alpha = 0.05};
    cr_assert_eq(svi_mislead_curve(a, n, b, n, &options, points, NULL), SV_OK);
    cr_assert_eq(svi_mislead_intervals(&options, &d, &runs, points, NULL), SV_OK);
    free(b);
}

/* None of 40 pairs has the opposite sign, which says little of one pair in a hundred. */
Test(stats_mislead, rare_draws_are_told_by_normal_runs)
{
    enum { N = 40 };
    double a[N];
    svi_mislead_point points[N_MOST];
    for (int i = 0; i < N; i++) a[i] = 2.3 + svi_normal_quantile((i + 0.5) / N);
    judge_pairs(a, N, points);
    cr_assert_eq(points[0].sign.probability, 0);
    cr_expect(points[0].sign_interval.high > 0.03 && points[0].sign_interval.high < 0.15, "%g",
              points[0].sign_interval.high);
    for (size_t i = 1; i < N_MOST; i++)
        cr_expect_leq(points[i].sign_interval.high, points[i - 1].sign_interval.high);
}

/* None of 2,000 pairs has it, though their SD is three times their mean: normal runs are no guide.
 */
Test(stats_mislead, large_pools_bound_what_they_have_not_seen)
{
    enum { N = 2000 };
    static double a[N];
    svi_mislead_point points[N_MOST];
    for (int i = 0; i < N; i++) a[i] = i % 10 == 0 ? 1 : 0.001;
    judge_pairs(a, N, points);
    for (size_t i = 0; i < N_MOST; i++)
        cr_expect(points[i].sign_interval.high < 0.01, "%zu: %g", i, points[i].sign_interval.high);
}

/* All draws agree, and so do all tests. */
Test(stats_mislead, arms_far_apart_mislead_nobody)
{
    enum { N = 1000 };
    static double a[N];
    svi_mislead_point points[N_MOST];
    for (uint32_t i = 0; i < N; i++) a[i] = 200 + normal(0, 4, i);
    judge_pairs(a, N, points);
    for (size_t i = 1; i < N_MOST; i++) {
        cr_expect(points[i].sign_interval.high < 0.001);
        cr_expect(points[i].verdict_interval.low > 0.99, "n = %zu: %g", i + 1,
                  points[i].verdict_interval.low);
    }
}

Test(stats_mislead, no_interval_without_spread_or_with_a_margin)
{
    const double a[] = {2, 2, 2}, b[] = {1, 1, 1}, c[] = {1, 2, 1};
    svi_power_question runs = {.sd_a = 1, .sd_b = 1, .alpha = 0.05};
    svi_difference d = {.difference = 1, .df = 4};
    svi_mislead_point points[3];
    svi_mislead_options options = {.n_max = 3, .alpha = 0.05, .margin = 0.1};
    cr_assert_eq(svi_mislead_curve(a, 3, b, 3, &options, points, NULL), SV_OK);
    cr_assert_eq(svi_mislead_intervals(&options, &d, &runs, points, NULL), SV_OK);
    cr_expect(isnan(points[2].sign_interval.low) && isnan(points[2].verdict_interval.high));
    d.standard_error = 0.3;
    cr_assert_eq(svi_mislead_curve(a, 3, c, 3, &options, points, NULL), SV_OK);
    cr_assert_eq(svi_mislead_intervals(&options, &d, &runs, points, NULL), SV_OK);
    cr_expect(points[2].sign_interval.low < points[2].sign_interval.high);
    cr_expect(isnan(points[2].verdict_interval.high));
}
