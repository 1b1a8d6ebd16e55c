/* How often the 95% intervals of nested, one-at-a-time and pick-freeze designs hold the truth, over
 * 2,000 simulated normal studies each: between 93 and 97%. */
#include "philox.h"
#include "stats/crossed_effects.h"
#include "stats/quantile.h"
#include "stats/source_indices.h"
#include "test_stats_golden.h"

enum { N_STUDIES = 2000 };

static double normal(uint32_t stream, uint32_t study, uint64_t element)
{
    uint32_t word = svk_draw(4711, stream, study, element);
    return svi_normal_quantile(((double)word + 0.5) * 0x1p-32);
}

static bool holds(svi_interval interval, double truth)
{
    return interval.low <= truth && truth <= interval.high;
}

/* The standard error of a coverage of 95% over 2,000 studies is 0.5%. */
static void expect_coverage(const char *what, size_t i, int n_held)
{
    double share = (double)n_held / N_STUDIES;
    printf("%s %zu: %.1f%%\n", what, i, 100 * share);
    cr_expect(share >= 0.93 && share <= 0.97, "%s %zu: coverage %.4f", what, i, share);
}

/* ---- nested: 8 outer levels, 5 within, 3 within, 2 replicates ---- */

enum { N_OUTER = 8, N_MIDDLE = 5, N_INNER = 3, N_NESTED = N_OUTER * N_MIDDLE * N_INNER * 2 };
static const double nested_variances[] = {1, 0.5, 0.04, 0.25};

static void simulate_nested(uint32_t study, double *values)
{
    for (uint32_t i = 0; i < N_NESTED; i++) {
        const uint32_t level[] = {i / (N_MIDDLE * N_INNER * 2), i / (N_INNER * 2), i / 2, i};
        values[i] = 0;
        for (uint32_t c = 0; c < 4; c++)
            values[i] += sqrt(nested_variances[c]) * normal(c, study, level[c]);
    }
}

Test(stats_design_coverage, nested)
{
    int main_held[4] = {0}, large_held[4] = {0}, share_held[4] = {0}, total_held = 0;
    double values[N_NESTED], total = 0;
    svi_crossed_design design = {.n_factors = 3,
                                 .levels = {N_OUTER, N_MIDDLE, N_INNER},
                                 .n_replicates = 2,
                                 .level = 0.95,
                                 .n_draws = 4000,
                                 .n_resamples = 100,
                                 .is_nested = true};
    svi_crossed_plan *plan;
    static svi_crossed_result result;
    for (size_t c = 0; c < 4; c++) total += nested_variances[c];
    cr_assert_eq(svi_crossed_plan_make(&design, &plan, NULL), SV_OK);
    for (uint32_t study = 0; study < N_STUDIES; study++) {
        simulate_nested(study, values);
        cr_assert_eq(svi_crossed_analyze(plan, values, N_NESTED, &result, NULL), SV_OK);
        total_held += holds(result.total_interval, total);
        for (size_t c = 0; c < 4; c++) {
            main_held[c] += holds(result.components[c].interval, nested_variances[c]);
            large_held[c] += holds(result.components[c].large_sample, nested_variances[c]);
            share_held[c] +=
                holds(result.components[c].share_interval, nested_variances[c] / total);
        }
    }
    svi_crossed_plan_free(plan);
    expect_coverage("nested, total", 0, total_held);
    for (size_t c = 0; c < 4; c++) {
        expect_coverage("nested, main", c, main_held[c]);
        expect_coverage("nested, large sample", c, large_held[c]);
        expect_coverage("nested, share", c, share_held[c]);
    }
}

/* ---- y = a + b + ab + error of two sources, variances below ---- */

static const double grid_variances[] = {1, 0.5, 0.25, 0.25};

/* A normal for each pair of seeds of the two sources. */
static double value_of(uint32_t study, uint32_t a, uint32_t b, uint32_t replicate)
{
    uint64_t pair = (uint64_t)a << 32 | b;
    return normal(11, study, a) + sqrt(grid_variances[1]) * normal(12, study, b) +
           sqrt(grid_variances[2]) * normal(13, study, pair) +
           sqrt(grid_variances[3]) * normal(14 + replicate, study, pair);
}

static double total_effect(size_t s) { return grid_variances[s] + grid_variances[2]; }

static void judge_one_at_a_time(size_t n_bases, const char *what)
{
    enum { N_A = 8, N_B = 6, N_IN_BASE = N_A + N_B - 1, MAX_BASES = 4 };
    svi_index_design design = {.n_sources = 2,
                               .n_groups = n_bases,
                               .levels = {N_A, N_B},
                               .n_replicates = 2,
                               .level = 0.95};
    int held[2] = {0};
    for (uint32_t study = 0; study < N_STUDIES; study++) {
        double values[MAX_BASES * N_IN_BASE * 2], *next = values;
        svi_indices found;
        for (uint32_t base = 0; base < n_bases; base++)
            for (uint32_t i = 0; i < N_IN_BASE; i++)
                for (uint32_t r = 0; r < 2; r++)
                    *next++ = value_of(study, base * N_A + (i < N_A ? i : 0),
                                       base * N_B + (i < N_A ? 0 : i - N_A + 1), r);
        cr_assert_eq(svi_one_at_a_time(&design, values, (size_t)(next - values), &found, NULL),
                     SV_OK);
        for (size_t s = 0; s < 2; s++)
            held[s] += holds(found.sources[s].total_variance.interval, total_effect(s));
    }
    for (size_t s = 0; s < 2; s++) expect_coverage(what, s, held[s]);
}

Test(stats_design_coverage, one_at_a_time)
{
    judge_one_at_a_time(1, "one at a time, one base: total effect");
    judge_one_at_a_time(4, "one at a time, four bases: total effect");
}

enum { N_ROWS = 256 };

static void simulate_pick_freeze(uint32_t study, double *next)
{
    for (uint32_t row = 0; row < N_ROWS; row++)
        for (uint32_t place = 0; place < 4; place++)
            *next++ = value_of(study, row + (place == 1 || place == 2 ? N_ROWS : 0),
                               row + (place == 1 || place == 3 ? N_ROWS : 0), 0);
}

Test(stats_design_coverage, pick_freeze)
{
    svi_index_design design = {
        .n_sources = 2, .n_groups = N_ROWS, .n_replicates = 1, .level = 0.95, .n_resamples = 400};
    int first[2] = {0}, total[2] = {0}, first_share[2] = {0}, total_share[2] = {0}, variance = 0;
    double whole = 0;
    for (size_t c = 0; c < 4; c++) whole += grid_variances[c];
    for (uint32_t study = 0; study < N_STUDIES; study++) {
        static double values[4 * N_ROWS];
        svi_indices found;
        simulate_pick_freeze(study, values);
        cr_assert_eq(svi_pick_freeze(&design, values, 4 * N_ROWS, &found, NULL), SV_OK);
        variance += holds(found.variance.interval, whole);
        for (size_t s = 0; s < 2; s++) {
            double effect = total_effect(s) + grid_variances[3]; /* one replicate: the error too */
            first[s] += holds(found.sources[s].first_variance.interval, grid_variances[s]);
            total[s] += holds(found.sources[s].total_variance.interval, effect);
            first_share[s] +=
                holds(found.sources[s].first_share.interval, grid_variances[s] / whole);
            total_share[s] += holds(found.sources[s].total_share.interval, effect / whole);
        }
    }
    expect_coverage("pick-freeze, variance", 0, variance);
    for (size_t s = 0; s < 2; s++) {
        expect_coverage("pick-freeze, first order", s, first[s]);
        expect_coverage("pick-freeze, total", s, total[s]);
        expect_coverage("pick-freeze, share of the first order", s, first_share[s]);
        expect_coverage("pick-freeze, share of the total", s, total_share[s]);
    }
}
