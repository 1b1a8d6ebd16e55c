#include "philox.h"
#include "stats/crossed_effects.h"
#include "stats/quantile.h"
#include "test_stats_golden.h"

/* Normal studies of 8 x 8 levels and 2 replicates. tests/coverage/crossed_coverage.c is the long
 * form, for any design. */
enum { N_STUDIES = 300, N_LEVELS = 8, N_CELLS = N_LEVELS * N_LEVELS, N_VALUES = 2 * N_CELLS };

static const double variances[] = {1, 0.5, 0.25, 0.25};

static double effect(uint32_t component, uint32_t study, uint32_t level)
{
    uint32_t word = svk_draw(77, component, study, level);
    return sqrt(variances[component]) * svi_normal_quantile(((double)word + 0.5) * 0x1p-32);
}

static void simulate(uint32_t study, double *values)
{
    for (uint32_t i = 0; i < N_VALUES; i++) {
        uint32_t cell = i / 2;
        values[i] = effect(0, study, cell / N_LEVELS) + effect(1, study, cell % N_LEVELS) +
                    effect(2, study, cell) + effect(3, study, i);
    }
}

static bool holds(svi_interval interval, double truth)
{
    return interval.low <= truth && truth <= interval.high;
}

/* With 300 studies a true coverage of 95% stays between 91 and 98.5%. */
static void expect_coverage(const char *what, size_t component, int n_held)
{
    double share = (double)n_held / N_STUDIES;
    printf("component %zu, %s: %.1f%% of the 95%% intervals hold the truth\n", component, what,
           100 * share);
    cr_expect(share >= 0.91 && share <= 0.985, "component %zu, %s: coverage %.3f", component, what,
              share);
}

Test(stats_coverage, intervals_of_components_hold_the_truth_as_often_as_they_say)
{
    int main_held[4] = {0}, large_held[4] = {0}, share_held[4] = {0};
    double values[N_VALUES];
    svi_crossed_design design = {.n_factors = 2,
                                 .levels = {N_LEVELS, N_LEVELS},
                                 .n_replicates = 2,
                                 .level = 0.95,
                                 .n_draws = 4000,
                                 .n_resamples = 100};
    svi_crossed_plan *plan;
    svi_crossed_result result;
    cr_assert_eq(svi_crossed_plan_make(&design, &plan, NULL), SV_OK);
    for (uint32_t study = 0; study < N_STUDIES; study++) {
        simulate(study, values);
        cr_assert_eq(svi_crossed_analyze(plan, values, N_VALUES, &result, NULL), SV_OK);
        for (size_t c = 0; c < 4; c++) {
            main_held[c] += holds(result.components[c].interval, variances[c]);
            large_held[c] += holds(result.components[c].large_sample, variances[c]);
            share_held[c] += holds(result.components[c].share_interval, variances[c] / 2);
        }
    }
    svi_crossed_plan_free(plan);
    for (size_t c = 0; c < 4; c++) {
        expect_coverage("main", c, main_held[c]);
        expect_coverage("large sample", c, large_held[c]);
        expect_coverage("share", c, share_held[c]);
    }
}
