#include <string.h>

#include "philox.h"
#include "stats/kendall.h"
#include "stats/quantile.h"
#include "stats/rank_tests.h"
#include "stats/test_rates.h"
#include "test_stats_golden.h"

static const double tight = 1e-9;

static void check_exact(const json_t *item, const double *a, const double *b, const double *d,
                        size_t n)
{
    svi_rank_tables tables;
    double p;
    cr_assert_eq(svi_rank_tables_make(n, &tables, NULL), SV_OK);
    cr_assert_eq(svi_mann_whitney(a, n, b, n, &tables, &p, NULL), SV_OK);
    expect_near(p, golden_at(item, "exact"), tight, "rank sum", "exact");
    cr_assert_eq(svi_signed_rank(d, n, &tables, &p, NULL), SV_OK);
    expect_near(p, golden_at(item, "signed_exact"), tight, "signed rank", "exact");
    svi_rank_tables_clear(&tables);
}

Test(stats_rank_tests, agree_with_scipy)
{
    json_t *cases = golden_cases("rank_tests"), *item;
    size_t i, n_a, n_b, n_d;
    json_array_foreach(cases, i, item)
    {
        double *a = golden_values(item, "a", &n_a), *b = golden_values(item, "b", &n_b), p;
        double *d = golden_values(item, "differences", &n_d);
        cr_assert_eq(svi_mann_whitney(a, n_a, b, n_b, NULL, &p, NULL), SV_OK);
        expect_near(p, golden_at(item, "normal"), tight, "rank sum", "normal");
        if (n_d > 0) {
            cr_assert_eq(svi_signed_rank(d, n_d, NULL, &p, NULL), SV_OK);
            expect_near(p, golden_at(item, "signed_normal"), tight, "signed rank", "normal");
        }
        if (!isnan(golden_at(item, "exact"))) check_exact(item, a, b, d, n_a);
        free(a);
        free(b);
        free(d);
    }
    json_decref(cases);
}

/* k against k, all of A above all of B: one-sided 1/C(2k, k). */
Test(stats_rank_tests, complete_separation)
{
    double choose = 1;
    for (size_t k = 1; k <= 12; k++) {
        double a[12], b[12], p;
        svi_rank_tables tables;
        choose = choose * (double)(2 * k) * (double)(2 * k - 1) / ((double)k * (double)k);
        for (size_t i = 0; i < k; i++) {
            a[i] = 100 + (double)i;
            b[i] = (double)i;
        }
        cr_assert_eq(svi_rank_tables_make(k, &tables, NULL), SV_OK);
        cr_assert_eq(svi_mann_whitney(a, k, b, k, &tables, &p, NULL), SV_OK);
        expect_near(p / 2, 1 / choose, 1e-12, "separation", "p");
        svi_rank_tables_clear(&tables);
    }
}

Test(stats_rank_tests, nothing_differs)
{
    const double zeros[] = {0, 0, 0};
    double p;
    cr_assert_eq(svi_signed_rank(zeros, 3, NULL, &p, NULL), SV_OK);
    cr_expect_eq(p, 1);
    cr_assert_eq(svi_mann_whitney(zeros, 3, zeros, 3, NULL, &p, NULL), SV_OK);
    cr_expect_eq(p, 1);
}

/* ---- rankings ---- */

Test(stats_kendall, agrees_with_scipy)
{
    json_t *cases = golden_cases("kendall"), *item;
    size_t i, n;
    svi_kendall found;
    json_array_foreach(cases, i, item)
    {
        const char *name = golden_name(item, "name");
        if (strcmp(golden_name(item, "kind"), "pair") == 0) {
            double *a = golden_values(item, "a", &n), *b = golden_values(item, "b", &n);
            cr_assert_eq(svi_kendall_tau(a, b, n, 0.95, &found, NULL), SV_OK);
            free(a);
            free(b);
        } else {
            double *values = golden_values(item, "values", &n);
            cr_assert_eq(svi_kendall_carry_over(values, golden_size(item, "rows"),
                                                golden_size(item, "columns"), 0.95, &found, NULL),
                         SV_OK);
            free(values);
        }
        expect_near(found.tau, golden_at(item, "tau"), tight, name, "tau");
        expect_interval(found.interval, golden_interval(item, "interval"), tight, name, "interval");
    }
    json_decref(cases);
}

Test(stats_kendall, a_constant_has_no_ranking)
{
    const double same[] = {1, 1, 1, 1, 1, 1}, rising[] = {1, 2, 3, 4, 5, 6};
    svi_kendall found;
    cr_assert_eq(svi_kendall_tau(same, rising, 6, 0.95, &found, NULL), SV_OK);
    cr_expect(isnan(found.tau) && isnan(found.interval.low));
    cr_assert_eq(svi_kendall_tau(rising, rising, 6, 0.95, &found, NULL), SV_OK);
    cr_expect(found.tau == 1 && found.interval.low == 1);
}

/* ---- how the tests behave ---- */

static double normal_draw(uint32_t stream, uint32_t part, uint64_t element)
{
    return svi_normal_quantile(((double)svk_draw(21, stream, part, element) + 0.5) * 0x1p-32);
}

static double *normal_pool(size_t n, uint32_t stream, double shift)
{
    double *pool = malloc(n * sizeof *pool);
    for (size_t i = 0; i < n; i++) pool[i] = shift + normal_draw(stream, 0, i);
    return pool;
}

static void expect_rate(const svi_test_rates *rates, svi_test test, double low, double high)
{
    cr_expect(rates->rate[test] >= low && rates->rate[test] <= high,
              "%s, %zu seeds: %.4f, not in [%.4f, %.4f]", svi_test_name(test), rates->n,
              rates->rate[test], low, high);
}

/* Of a pool of 10^5 alike: the t tests keep 5%, the rank tests stay below, the bootstrap does not.
 */
Test(stats_test_rates, false_positives_of_normal_runs)
{
    enum { N_POOL = 100000 };
    const svi_rates_options options = {.alpha = 0.05, .n_draws = 10000};
    svi_test_rates rates[] = {{.n = 2}, {.n = 5}, {.n = 20}};
    double *pool = normal_pool(N_POOL, 1, 0);
    cr_assert_eq(svi_false_positives(pool, N_POOL, &options, rates, 3, NULL), SV_OK);
    expect_rate(&rates[1], SVI_TEST_WELCH, 0.037, 0.053);
    expect_rate(&rates[1], SVI_TEST_PAIRED_T, 0.043, 0.057);
    /* exact: P(U <= 2 or U >= 23) = 2 * 4 / 252, P(W <= 0 or W >= 15) = 1/16 is never significant
     */
    expect_rate(&rates[1], SVI_TEST_MANN_WHITNEY, 8.0 / 252 - 0.008, 8.0 / 252 + 0.008);
    expect_rate(&rates[1], SVI_TEST_SIGNED_RANK, 0, 0);
    expect_rate(&rates[1], SVI_TEST_PERMUTATION, 0.040, 0.055);
    /* 1.96 sqrt(4/5) = 1.753 as a critical value of t with 8 degrees of freedom */
    expect_rate(&rates[1], SVI_TEST_BOOTSTRAP, 0.09, 0.14);
    expect_rate(&rates[0], SVI_TEST_MANN_WHITNEY, 0, 0);
    expect_rate(&rates[0], SVI_TEST_PERMUTATION, 0, 0);
    for (int t = 0; t < SVI_N_TESTS - 1; t++) expect_rate(&rates[2], t, 0.040, 0.058);
    expect_rate(&rates[2], SVI_TEST_BOOTSTRAP, 0.05, 0.075);
    free(pool);
}

/* What the percentile bootstrap of normal runs finds: its interval is nearly mean -+ z
 * sqrt((n-1)/n) times the standard error, held against t with 2n - 2 degrees of freedom. */
static double bootstrap_excess(size_t n)
{
    double count = (double)n;
    double critical = svi_normal_quantile(0.975) * sqrt((count - 1) / count);
    return 2 * svi_t_cdf(-critical, 2 * count - 2);
}

/* Every n that is offered: the paired t test keeps 5%, the others stay at or below it, but for the
 * bootstrap. Slack: 4.5 standard errors of 2,000 studies, and what the theory leaves open. */
Test(stats_test_rates, false_positives_at_every_n)
{
    enum { N_POOL = 100000, N_DRAWS = 2000, N_RATES = SVI_RATES_N_MAX - 1 };
    const svi_rates_options options = {.alpha = 0.05, .n_draws = N_DRAWS};
    const double slack = 4.5 * sqrt(0.05 * 0.95 / N_DRAWS);
    svi_test_rates rates[N_RATES];
    double *pool = normal_pool(N_POOL, 1, 0);
    for (size_t i = 0; i < N_RATES; i++) rates[i].n = i + 2;
    cr_assert_eq(svi_false_positives(pool, N_POOL, &options, rates, N_RATES, NULL), SV_OK);
    for (size_t i = 0; i < N_RATES; i++) {
        size_t n = i + 2;
        double low = n < 20 ? 0 : 0.045 - slack, excess = bootstrap_excess(n);
        double open = n < 5 ? 0.04 : 0.01;
        expect_rate(&rates[i], SVI_TEST_WELCH, n < 5 ? 0 : 0.04 - slack, 0.05 + slack);
        expect_rate(&rates[i], SVI_TEST_PAIRED_T, 0.05 - slack, 0.05 + slack);
        expect_rate(&rates[i], SVI_TEST_MANN_WHITNEY, low, 0.05 + slack);
        expect_rate(&rates[i], SVI_TEST_SIGNED_RANK, low, 0.05 + slack);
        expect_rate(&rates[i], SVI_TEST_PERMUTATION, low, 0.05 + slack);
        expect_rate(&rates[i], SVI_TEST_BOOTSTRAP, excess - slack - open, excess + slack + open);
    }
    cr_expect(rates[3].rate[SVI_TEST_BOOTSTRAP] > 0.08, "5 seeds: no excess of the bootstrap");
    free(pool);
}

/* Noncentral t: two arms of SD 1 that differ by 1 are found with power 0.8 by 17 seeds each. */
Test(stats_test_rates, power_of_normal_runs)
{
    enum { N_POOL = 20000 };
    const svi_rates_options options = {.alpha = 0.05, .n_draws = 4000};
    svi_test_rates rates[] = {{.n = 17}};
    double *a = normal_pool(N_POOL, 2, 1), *b = normal_pool(N_POOL, 3, 0);
    cr_assert_eq(svi_test_powers(a, N_POOL, b, N_POOL, &options, rates, 1, NULL), SV_OK);
    expect_rate(&rates[0], SVI_TEST_WELCH, 0.78, 0.84);
    expect_rate(&rates[0], SVI_TEST_MANN_WHITNEY, 0.74, 0.82);
    cr_expect(isnan(rates[0].rate[SVI_TEST_PAIRED_T]));
    cr_expect(rates[0].wrong[SVI_TEST_WELCH] < 0.001);
    free(a);
    free(b);
}

Test(stats_test_rates, small_pools_and_wrong_settings)
{
    const double pool[] = {0.1, 0.2, 0.3, 0.5, 0.7};
    svi_rates_options options = {.alpha = 0.05, .n_draws = 200};
    svi_test_rates rates[] = {{.n = 2}, {.n = 3}};
    cr_assert_eq(svi_false_positives(pool, 5, &options, rates, 2, NULL), SV_OK);
    cr_expect(rates[0].rate[SVI_TEST_WELCH] < 0.5 && isnan(rates[1].rate[SVI_TEST_WELCH]));
    rates[0].n = 51;
    cr_expect_eq(svi_false_positives(pool, 5, &options, rates, 2, NULL), SV_ERR_USAGE);
    rates[0].n = 2;
    options.alpha = 0;
    cr_expect_eq(svi_false_positives(pool, 5, &options, rates, 2, NULL), SV_ERR_USAGE);
}
