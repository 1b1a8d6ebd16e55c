#include <string.h>

#include "philox.h"
#include "stats/best_of.h"
#include "stats/quantile.h"
#include "test_stats_golden.h"

static const double tight = 1e-9;

static svi_best_of best_of(const double *looks, const double *is, size_t n_values,
                           bool is_more_better, size_t n, bool as_gain)
{
    svi_search search;
    svi_best_of best;
    cr_assert_eq(svi_search_make(looks, is, n_values, is_more_better, &search, NULL), SV_OK);
    cr_assert_eq(svi_search_best(&search, n, as_gain, 0.95, &best, NULL), SV_OK);
    svi_search_clear(&search);
    return best;
}

static void check_sample_best(const json_t *item)
{
    size_t n_values;
    double *values = golden_values(item, "values", &n_values);
    svi_best_of best = best_of(values, NULL, n_values, golden_flag(item, "is_more_better"),
                               golden_size(item, "n"), false);
    expect_near(best.unbiased, golden_at(item, "unbiased"), tight, "best of n", "unbiased");
    double plug_in = golden_at(item, "plug_in");
    if (!isnan(plug_in)) expect_near(best.plug_in, plug_in, tight, "best of n", "plug-in");
    free(values);
}

Test(stats_best_of, agrees_with_quadrature_and_enumeration)
{
    json_t *cases = golden_cases("best_of"), *item;
    size_t i;
    json_array_foreach(cases, i, item)
    {
        double z;
        if (strcmp(golden_name(item, "kind"), "sample") == 0) {
            check_sample_best(item);
            continue;
        }
        cr_assert_eq(svi_expected_max_normal(golden_size(item, "k"), &z, NULL), SV_OK);
        cr_expect(fabs(z - golden_at(item, "expected")) < 1e-9, "k %zu: %.12f",
                  golden_size(item, "k"), z);
    }
    json_decref(cases);
}

Test(stats_best_of, published_values)
{
    static const struct {
        uint64_t k;
        double z;
    } known[] = {{10, 1.539}, {100, 2.508}, {10000, 3.852}};
    for (size_t i = 0; i < 3; i++) {
        double z;
        cr_assert_eq(svi_expected_max_normal(known[i].k, &z, NULL), SV_OK);
        cr_expect(fabs(z - known[i].z) < 5.1e-4, "%.6f", z);
    }
}

Test(stats_best_of, refuses_what_has_no_best)
{
    const double values[] = {1, 2, 3}, gap[] = {1, INFINITY};
    double z;
    svi_best_of best;
    svi_search search;
    sv_error error;
    cr_expect_eq(svi_expected_max_normal(0, &z, &error), SV_ERR_USAGE);
    cr_expect_eq(svi_search_make(values, NULL, 0, true, &search, &error), SV_ERR_DATA);
    cr_expect_eq(svi_search_make(gap, NULL, 2, true, &search, &error), SV_ERR_DATA);
    cr_expect_eq(svi_search_make(values, gap, 2, true, &search, &error), SV_ERR_DATA);
    cr_assert_eq(svi_search_make(values, NULL, 3, true, &search, &error), SV_OK);
    cr_expect_eq(svi_search_best(&search, 0, false, 0.95, &best, &error), SV_ERR_USAGE);
    cr_assert_eq(svi_search_best(&search, 4, false, 0.95, &best, &error), SV_OK);
    cr_expect(isnan(best.unbiased) && best.plug_in < 3);
    svi_search_clear(&search);
}

static void check_search(const json_t *item)
{
    size_t n_values, n_is;
    double *looks = golden_values(item, "looks", &n_values), *is = golden_values(item, "is", &n_is);
    bool is_more_better = golden_flag(item, "is_more_better");
    size_t n = golden_size(item, "n");
    const char *name = golden_name(item, "name");
    svi_best_of best = best_of(looks, n_is > 0 ? is : NULL, n_values, is_more_better, n, false);
    expect_near(best.unbiased, golden_at(item, "unbiased"), tight, name, "unbiased");
    expect_near(best.plug_in, golden_at(item, "plug_in"), tight, name, "plug-in");
    expect_near(best.standard_error, golden_at(item, "standard_error"), 1e-6, name, "error");
    double half = svi_t_quantile(0.975, (double)n_values - 1) * best.standard_error;
    expect_near(best.interval.low, best.unbiased - half, tight, name, "low");
    expect_near(best.interval.high, best.unbiased + half, tight, name, "high");
    best = best_of(looks, n_is > 0 ? is : NULL, n_values, is_more_better, n, true);
    double sign = is_more_better ? 1 : -1;
    double gain = sign * golden_at(item, "unbiased") - golden_at(item, "mean");
    cr_expect(fabs(best.unbiased - gain) < 1e-12, "%s: gain %g for %g", name, best.unbiased, gain);
    gain = sign * golden_at(item, "plug_in") - golden_at(item, "mean");
    cr_expect(fabs(best.plug_in - gain) < 1e-12, "%s: gain %g for %g", name, best.plug_in, gain);
    free(looks);
    free(is);
}

Test(stats_best_of, searches_agree_with_all_subsets_and_numerical_derivatives)
{
    json_t *cases = golden_cases("search"), *item;
    size_t i;
    json_array_foreach(cases, i, item) check_search(item);
    json_decref(cases);
}

/* The best of one is a run like any other. */
Test(stats_best_of, a_search_of_one_gains_nothing)
{
    const double values[] = {3, 1, 4, 1, 5, 9, 2, 6};
    for (int is_more_better = 0; is_more_better < 2; is_more_better++) {
        svi_best_of gain = best_of(values, NULL, 8, is_more_better, 1, true);
        svi_best_of best = best_of(values, NULL, 8, is_more_better, 1, false);
        double sign = is_more_better ? 1 : -1, mean = 31.0 / 8;
        cr_expect(fabs(gain.unbiased) < 1e-15 && fabs(gain.plug_in) < 1e-15);
        cr_expect(gain.standard_error < 1e-15 && best.standard_error > 0.5);
        double least = sign * ((sign > 0 ? best.spread.low : best.spread.high) - mean);
        cr_expect(fabs(gain.spread.low - least) < 1e-14, "%g for %g", gain.spread.low, least);
    }
}

/* Two normals of correlation 0.6: the best of K looks z_K better and is 0.6 z_K better. */
Test(stats_best_of, a_search_gains_less_than_it_seems)
{
    enum { N = 20000, K = 20 };
    double *val = malloc(N * sizeof *val), *test = malloc(N * sizeof *test), z;
    for (uint32_t i = 0; i < N; i++) {
        double common = svi_normal_quantile(((double)svk_draw(7, 1, i, 0) + 0.5) * 0x1p-32);
        double own = svi_normal_quantile(((double)svk_draw(7, 1, i, 1) + 0.5) * 0x1p-32);
        val[i] = common;
        test[i] = 0.6 * common + 0.8 * own;
    }
    cr_assert_eq(svi_expected_max_normal(K, &z, NULL), SV_OK);
    svi_best_of apparent = best_of(val, NULL, N, true, K, true);
    svi_best_of real = best_of(val, test, N, true, K, true);
    cr_expect(fabs(apparent.unbiased - z) < 4 * apparent.standard_error, "%g", apparent.unbiased);
    cr_expect(fabs(real.unbiased - 0.6 * z) < 4 * real.standard_error, "%g", real.unbiased);
    cr_expect(real.standard_error < 0.05 && apparent.standard_error < 0.05);
    cr_expect(isnan(real.spread.low) && apparent.spread.low < z && z < apparent.spread.high);
    free(val);
    free(test);
}

/* 95% intervals of the best of 5 of 60 normals hold the truth in 90 to 97% of 2,000 pools. */
Test(stats_best_of, intervals_cover)
{
    enum { N = 60, N_POOLS = 2000, K = 5 };
    double pool[N], z;
    int n_held = 0;
    cr_assert_eq(svi_expected_max_normal(K, &z, NULL), SV_OK);
    for (uint32_t p = 0; p < N_POOLS; p++) {
        for (uint32_t i = 0; i < N; i++)
            pool[i] = svi_normal_quantile(((double)svk_draw(8, 2, p, i) + 0.5) * 0x1p-32);
        svi_best_of best = best_of(pool, NULL, N, true, K, false);
        n_held += best.interval.low <= z && z <= best.interval.high;
    }
    cr_expect(n_held > 0.90 * N_POOLS && n_held < 0.97 * N_POOLS, "%d of %d", n_held, N_POOLS);
}

/* ---- claims ---- */

static void check_claim(const json_t *item)
{
    svi_claim claim;
    size_t n_values;
    bool is_pool = strcmp(golden_name(item, "kind"), "pool") == 0;
    bool is_more_better = golden_flag(item, "is_more_better");
    double x = golden_at(item, "x"), tolerance = is_pool ? tight : 1e-8;
    uint64_t k = golden_size(item, "k");
    double *values = golden_values(item, "values", &n_values);
    sv_status status = is_pool ? svi_claim_of_pool(values, n_values, (double)n_values, x,
                                                   is_more_better, k, 0.95, &claim, NULL)
                               : svi_claim_of_normal(golden_at(item, "mean"), golden_at(item, "sd"),
                                                     golden_size(item, "n"), x, is_more_better, k,
                                                     0.95, &claim, NULL);
    cr_assert_eq(status, SV_OK);
    expect_near(claim.share, golden_at(item, "share"), tolerance, "claim", "share");
    expect_interval(claim.share_interval, golden_interval(item, "interval"), tolerance, "claim",
                    "share");
    expect_near(claim.p, golden_at(item, "p"), tolerance, "claim", "p");
    expect_interval(claim.p_interval, golden_interval(item, "p_interval"), tolerance, "claim", "p");
    if (claim.share > 0 && claim.share < 0.5) {
        expect_near(pow(1 - claim.share, claim.n_seeds), 0.5, tight, "claim", "seeds");
        cr_expect(claim.n_seeds_interval.low <= claim.n_seeds &&
                  claim.n_seeds <= claim.n_seeds_interval.high);
    }
    free(values);
}

Test(stats_claim, agrees_with_statsmodels_and_noncentral_t)
{
    json_t *cases = golden_cases("claims"), *item;
    size_t i;
    json_array_foreach(cases, i, item) check_claim(item);
    json_decref(cases);
}

Test(stats_claim, a_value_that_no_run_reaches)
{
    const double pool[] = {0.5, 0.6, 0.7};
    svi_claim claim;
    cr_assert_eq(svi_claim_of_pool(pool, 3, 3, 0.8, true, 10, 0.95, &claim, NULL), SV_OK);
    cr_expect(claim.p == 0 && isinf(claim.n_seeds) && isinf(claim.n_seeds_interval.high));
    cr_expect(claim.p_interval.high > 0.9 && claim.n_seeds_interval.low < 2);
    cr_expect_eq(svi_claim_of_pool(pool, 3, 3, NAN, true, 10, 0.95, &claim, NULL), SV_ERR_USAGE);
    cr_expect_eq(svi_claim_of_normal(1, 0, 3, 2, true, 10, 0.95, &claim, NULL), SV_ERR_USAGE);
    cr_expect_eq(svi_claim_of_normal(1, 1, 1, 2, true, 10, 0.95, &claim, NULL), SV_ERR_USAGE);
    cr_expect_eq(svi_claim_of_normal(1, 1, 3, 2, true, 0, 0.95, &claim, NULL), SV_ERR_USAGE);
}

Test(stats_claim, the_fewest_runs_and_seeds)
{
    const double pool[] = {0.5, 0.6, 0.7, 0.8};
    svi_claim claim;
    cr_assert_eq(svi_claim_of_pool(pool, 1, 1, 0.5, true, 1, 0.95, &claim, NULL), SV_OK);
    cr_expect(claim.p == 1 && claim.n_seeds == 1 && claim.n_seeds_interval.low == 1);
    cr_assert_eq(svi_claim_of_pool(pool, 4, 4, 0.6, true, 1, 0.95, &claim, NULL), SV_OK);
    cr_expect(claim.share == 0.75 && claim.n_seeds == 1, "%g seeds", claim.n_seeds);
    cr_assert_eq(svi_claim_of_normal(1, 0.1, 2, 1, true, 1, 0.95, &claim, NULL), SV_OK);
    expect_near(claim.share, 0.5, tight, "at the mean", "share");
    expect_near(claim.share_interval.low, 1 - claim.share_interval.high, tight, "at the mean",
                "ends");
    expect_near(claim.n_seeds, 1, tight, "at the mean", "seeds");
}
