/* The error of a grid's mean, against the formula worked by hand. */
#include <criterion/criterion.h>
#include <math.h>

#include "philox.h"
#include "stats/crossed_mean.h"
#include "stats/quantile.h"
#include "test_stats_golden.h"

Test(stats_mean, two_factors)
{
    const svi_component components[] = {{.factors = 1, .mean_square = 10, .df = 3},
                                        {.factors = 2, .mean_square = 6, .df = 2},
                                        {.factors = 3, .mean_square = 2, .df = 6},
                                        {.factors = 0, .mean_square = 99, .df = 12}};
    svi_mean_error mean = svi_crossed_mean_error(components, 4, 5, 24);
    cr_expect_float_eq(mean.mean, 5, 0);
    cr_expect_float_eq(mean.variance, 14.0 / 24, 1e-15);
    cr_expect_float_eq(mean.df, 196 / (100.0 / 3 + 36.0 / 2 + 4.0 / 6), 1e-12);
}

Test(stats_mean, a_large_interaction_leaves_the_largest_factor)
{
    const svi_component components[] = {{.factors = 1, .mean_square = 3, .df = 3},
                                        {.factors = 2, .mean_square = 4, .df = 2},
                                        {.factors = 3, .mean_square = 8, .df = 6}};
    svi_mean_error mean = svi_crossed_mean_error(components, 3, 0, 12);
    cr_expect_float_eq(mean.variance, 4.0 / 12, 1e-15);
    cr_expect_float_eq(mean.df, 2, 0);
}

/* One factor: the standard error of the seeds' means. */
Test(stats_mean, one_factor_with_replicates)
{
    const svi_component components[] = {{.factors = 1, .mean_square = 10, .df = 3},
                                        {.factors = 0, .mean_square = 1, .df = 4}};
    svi_mean_error mean = svi_crossed_mean_error(components, 2, 0, 8);
    cr_expect_float_eq(mean.variance, 10.0 / 8, 1e-15);
    cr_expect_float_eq(mean.df, 3, 0);
    svi_interval interval = svi_mean_error_interval(&mean, 0.95);
    cr_expect_float_eq(interval.high, 3.182446305284263 * sqrt(1.25), 1e-9);
}

Test(stats_mean, a_difference_without_any_spread)
{
    svi_difference difference;
    svi_difference_from(0, 0, 3, 0.95, &difference);
    cr_expect_float_eq(difference.p, 1, 0);
    svi_difference_from(0.5, 0, 3, 0.95, &difference);
    cr_expect_float_eq(difference.p, 0, 0);
    cr_expect_float_eq(difference.interval.low, 0.5, 0);
}

/* Three groups that share no seed: the means 1.5, 3.5 and 7 have the variance 7.75. */
Test(stats_mean, groups_are_known_by_their_means)
{
    const double values[] = {1, 2, 3, 4, 5, 9};
    svi_mean_error found = svi_grouped_mean_error(values, 3, 2);
    cr_expect_float_eq(found.mean, 4, 1e-14);
    cr_expect_float_eq(found.variance, 7.75 / 3, 1e-14);
    cr_expect_eq(found.df, 2);
}

/* ---- runs that do not fill a grid ------------------------------------------------------------ */

enum { N_RUNS_MOST = 200 };

/* The values that a grid with gaps holds, and what they are clustered by: first, second, both. */
typedef struct gappy {
    size_t n, n_clusters[3];
    double values[N_RUNS_MOST];
    uint32_t cluster[3][N_RUNS_MOST];
} gappy;

/* Numbers without gaps. */
static void number(const double *level, size_t n, uint32_t *cluster, size_t *n_clusters)
{
    *n_clusters = 0;
    for (size_t i = 0; i < n; i++) {
        size_t j = 0;
        while (j < i && level[j] != level[i]) j++;
        cluster[i] = j < i ? cluster[j] : (uint32_t)(*n_clusters)++;
    }
}

static svi_mean_error error_of(const gappy *g)
{
    svi_component components[3];
    for (uint32_t c = 0; c < 3; c++)
        cr_assert_eq(svi_cluster_component(g->values, g->n, g->cluster[c], g->n_clusters[c], c + 1,
                                           &components[c], NULL),
                     SV_OK);
    return svi_clustered_mean_error(components, 3, g->values, g->n);
}

Test(stats_mean, clusters_agree_with_statsmodels)
{
    static const char *const keys[] = {"first", "second", "cell"};
    json_t *cases = golden_cases("clustered"), *item;
    size_t k;
    json_array_foreach(cases, k, item)
    {
        gappy g;
        double *values = golden_values(item, "values", &g.n);
        cr_assert_leq(g.n, N_RUNS_MOST);
        memcpy(g.values, values, g.n * sizeof *values);
        free(values);
        for (int c = 0; c < 3; c++) {
            double *level = golden_values(item, keys[c], &g.n);
            number(level, g.n, g.cluster[c], &g.n_clusters[c]);
            free(level);
        }
        double both = golden_at(item, "variance"), first = golden_at(item, "variance_first"),
               second = golden_at(item, "variance_second");
        svi_mean_error found = error_of(&g);
        cr_expect_float_eq(found.mean, golden_at(item, "mean"), 1e-12);
        cr_expect_float_eq(found.variance, fmax(both, fmax(first, second)), 1e-12, "%s: %g %g",
                           golden_name(item, "name"), found.variance, both);
    }
    json_decref(cases);
}

static double normal(uint32_t stream, uint32_t number, uint32_t i)
{
    return svi_normal_quantile(((double)svk_draw(9, stream, number, i) + 0.5) * 0x1p-32);
}

/* A grid of zero mean, of which n_gaps cells at random have no run. */
static gappy grid_with_gaps(uint32_t number, uint32_t n_first, uint32_t n_second, uint32_t n_gaps,
                            const double sds[3])
{
    gappy g = {.n_clusters = {n_first, n_second, n_first * n_second - n_gaps}};
    uint32_t n_left = n_first * n_second, n_to_skip = n_gaps;
    for (uint32_t cell = 0; cell < n_first * n_second; cell++, n_left--) {
        if (svk_below(svk_draw(8, 0, number, cell), n_left) < n_to_skip) {
            n_to_skip--;
            continue;
        }
        uint32_t a = cell / n_second, b = cell % n_second;
        g.cluster[0][g.n] = a;
        g.cluster[1][g.n] = b;
        g.cluster[2][g.n] = (uint32_t)g.n;
        g.values[g.n++] = sds[0] * normal(1, number, a) + sds[1] * normal(2, number, b) +
                          sds[2] * normal(3, number, cell);
    }
    return g;
}

/* 95% intervals of 1,000 grids each: never far too short, nor much too long. */
Test(stats_mean, clustered_intervals_hold_the_mean)
{
    static const double sds[][3] = {{0.45, 0.3, 0.84}, {0.7, 0.55, 0.45}, {0, 0, 1}};
    static const uint32_t grids[][3] = {{6, 5, 2}, {6, 5, 8}, {12, 10, 20}};
    for (size_t s = 0; s < 3; s++) {
        for (size_t k = 0; k < 3; k++) {
            int n_held = 0;
            for (uint32_t number = 0; number < 1000; number++) {
                gappy g = grid_with_gaps(number, grids[k][0], grids[k][1], grids[k][2], sds[s]);
                svi_mean_error found = error_of(&g);
                svi_interval interval = svi_mean_error_interval(&found, 0.95);
                n_held += interval.low <= 0 && 0 <= interval.high;
            }
            cr_expect(n_held >= 920 && n_held <= 995, "SDs %zu, grid %zu: %d", s, k, n_held);
        }
    }
}
