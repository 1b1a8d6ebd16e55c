/* Claims held against runs that share seeds: how many independent runs these are worth. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/find_claims.h"
#include "base/text.h"
#include "philox.h"
#include "stats/quantile.h"
#include "stats/sample_summary.h"

enum { N_MOST = 400, N_STUDIES = 500 };

/* One arm of runs with one factor, or two that are crossed. */
typedef struct study {
    uint32_t level[2][N_MOST];
    uint64_t rows[N_MOST];
    double value[N_MOST], scratch[N_MOST];
    svi_run_codes codes;
    svi_block block;
    svi_metric_column column;
} study;

static void add_run(study *s, uint32_t first, uint32_t second, double value)
{
    uint64_t row = s->block.n++;
    s->rows[row] = row;
    s->level[0][row] = first;
    s->level[1][row] = second;
    s->value[row] = value;
}

static void describe(study *s, size_t n_first, size_t n_second)
{
    s->codes.n_factors = n_second > 0 ? 2 : 1;
    s->codes.factors[0] = (svi_factor){.n_levels = n_first, .level = s->level[0]};
    s->codes.factors[1] = (svi_factor){.n_levels = n_second, .level = s->level[1]};
    s->block.rows = s->rows;
    s->column.value = s->value;
}

static double worth(study *s)
{
    return svi_independent_runs(&s->codes, &s->block, &s->column, s->scratch);
}

Test(claims, shared_seeds_make_runs_worth_fewer)
{
    static study sweep, grid, uneven;
    for (uint32_t i = 0; i < 60; i++) add_run(&sweep, i / 10, 0, i);
    describe(&sweep, 6, 0);
    cr_expect_float_eq(worth(&sweep), 6, 1e-12);
    sweep.value[7] = NAN; /* 9 runs of one seed, 10 of the others */
    cr_expect_float_eq(worth(&sweep), 59 * 59 / (81 + 5 * 100.0), 1e-12);
    for (uint32_t i = 0; i < 30; i++) add_run(&grid, i / 5, i % 5, i);
    describe(&grid, 6, 5);
    cr_expect_float_eq(worth(&grid), 5, 1e-12);
    for (uint32_t i = 0; i < 10; i++) add_run(&uneven, i < 7 ? 0 : i, 0, i);
    describe(&uneven, 10, 0);
    cr_expect_float_eq(worth(&uneven), 100 / (49 + 3.0), 1e-12);
}

/* A source that another arm varies is none here. */
Test(claims, a_seed_that_does_not_vary_takes_nothing)
{
    static study s;
    for (uint32_t i = 0; i < 40; i++) add_run(&s, i, 0, i);
    describe(&s, 40, 8);
    cr_expect_float_eq(worth(&s), 40, 1e-12);
}

/* 9/10 is no number of a computer; 9 of 10 runs are. */
Test(claims, one_miss_of_independent_runs_bounds_the_share)
{
    double values[200];
    svi_claim claim;
    svi_interval exact;
    for (size_t n = 2; n <= 200; n++) {
        for (size_t k = 1; k<n; k += n - 2> 0 ? n - 2 : 1) { /* one hit, one miss */
            for (size_t i = 0; i < n; i++) values[i] = i < k;
            cr_assert_eq(svi_claim_of_pool(values, n, (double)n, 1, true, 1, 0.95, &claim, NULL),
                         SV_OK);
            cr_assert_eq(svi_rate_interval(k, n, 0.95, &exact, NULL), SV_OK);
            cr_expect_float_eq(claim.share_interval.low, exact.low, 1e-12, "%zu of %zu", k, n);
            cr_expect_float_eq(claim.share_interval.high, exact.high, 1e-12, "%zu of %zu", k, n);
        }
    }
}

static double normal(uint32_t effect, uint32_t k, uint32_t level)
{
    return svi_normal_quantile(((double)svk_draw(91, effect, k, level) + 0.5) * 0x1p-32);
}

/* How often the interval of the share of runs above the 0.7 quantile holds 0.3. */
static double coverage(const double variance[3], uint32_t n_first, uint32_t n_second, bool is_sweep,
                       bool as_if_independent)
{
    static study s;
    double x = svi_normal_quantile(0.7) * sqrt(variance[0] + variance[1] + variance[2]);
    int n_held = 0;
    for (uint32_t k = 0; k < N_STUDIES; k++) {
        svi_claim claim;
        s.block.n = 0;
        for (uint32_t i = 0; i < n_first * n_second; i++)
            add_run(&s, i / n_second, i % n_second,
                    sqrt(variance[0]) * normal(0, k, i / n_second) +
                        sqrt(variance[1]) * normal(1, k, i % n_second) +
                        sqrt(variance[2]) * normal(2, k, i));
        describe(&s, n_first, is_sweep ? 0 : n_second);
        double n = as_if_independent ? (double)s.block.n : worth(&s);
        cr_assert_eq(svi_claim_of_pool(s.value, s.block.n, n, x, true, 3, 0.95, &claim, NULL),
                     SV_OK);
        n_held += claim.share_interval.low <= 0.3 && 0.3 <= claim.share_interval.high;
    }
    return (double)n_held / N_STUDIES;
}

Test(claims, intervals_hold_the_share_where_runs_share_seeds)
{
    const double by_seed[] = {1, 0, 0.1}, by_both[] = {1, 1, 0.2}, by_neither[] = {0, 0, 1};
    double sweep = coverage(by_seed, 30, 10, true, false),
           grid = coverage(by_both, 15, 12, false, false),
           independent = coverage(by_neither, 30, 10, true, false),
           naive_sweep = coverage(by_seed, 30, 10, true, true),
           naive_grid = coverage(by_both, 15, 12, false, true);
    printf("coverage: sweep %.3f, grid %.3f, no effect of the seeds %.3f; runs taken for "
           "independent: sweep %.3f, grid %.3f\n",
           sweep, grid, independent, naive_sweep, naive_grid);
    cr_expect(sweep > 0.93 && grid > 0.93 && independent > 0.93);
    cr_expect(naive_sweep < 0.75 && naive_grid < 0.75);
}

static svi_claim_finding claim_of(const char *csv, uint64_t n_seeds, sv_status expected)
{
    char path[] = "/tmp/svi-claim-XXXXXX";
    svi_run_table *table;
    svi_claim_finding *claims, first = {0};
    size_t n;
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, csv, strlen(csv)) == (ssize_t)strlen(csv));
    close(fd);
    cr_assert_eq(svi_run_table_from_csv(path, &table, NULL), SV_OK);
    cr_assert_eq(svi_find_claims(table, NULL, 0.5, n_seeds, 0.95, &claims, &n, NULL), expected);
    if (expected == SV_OK) {
        first = claims[0];
        free(claims);
    }
    svi_run_table_free(table);
    unlink(path);
    return first;
}

Test(claims, replicates_do_not_shorten_the_interval)
{
    svi_claim_finding once = claim_of("seed,test_accuracy\n1,0.4\n2,0.6\n3,0.3\n", 3, SV_OK);
    svi_claim_finding twice = claim_of("seed,replicate,test_accuracy\n1,0,0.4\n1,1,0.4\n2,0,0.6\n"
                                       "2,1,0.6\n3,0,0.3\n3,1,0.3\n",
                                       3, SV_OK);
    cr_expect_eq(twice.claim.n, 6);
    cr_expect_float_eq(twice.claim.n_independent, 3, 1e-12);
    cr_expect_float_eq(twice.claim.p, once.claim.p, 1e-12);
    cr_expect_float_eq(twice.claim.p_interval.low, once.claim.p_interval.low, 1e-12);
    cr_expect_float_eq(twice.claim.p_interval.high, once.claim.p_interval.high, 1e-12);
    cr_expect(!once.has_one_seed && !twice.has_one_seed);
}

Test(claims, reruns_of_one_seed_are_told_as_such)
{
    const char *csv = "seed,replicate,test_accuracy\n7,0,0.4\n7,1,0.6\n7,2,0.3\n";
    svi_claim_finding claim = claim_of(csv, 3, SV_OK);
    cr_expect(claim.has_one_seed);
    cr_expect_float_eq(claim.claim.n_independent, 3, 0);
    claim_of(csv, 0, SV_ERR_USAGE); /* the best of no seeds */
}
