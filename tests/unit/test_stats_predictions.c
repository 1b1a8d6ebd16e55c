#include <string.h>

#include "philox.h"
#include "stats/class_counts.h"
#include "stats/moments.h"
#include "test_stats_golden.h"

static const double tight = 1e-9;

static void check_votes(const json_t *item, const svi_agreement *found, const char *name)
{
    size_t n;
    double *votes = golden_values(item, "votes", &n);
    for (size_t s = 0; s < n; s++)
        expect_near(found->vote_accuracy[s], votes[s], tight, name, "votes");
    cr_expect(isnan(found->vote_accuracy[SVI_N_VOTE_SIZES - 1])); /* 20 of fewer */
    free(votes);
}

static void check_class(const json_t *item, const svi_class_counts *counts, const char *name)
{
    const json_t *expected = json_object_get(item, "class_0");
    svi_class_agreement found;
    svi_counts_of_class(counts, 0, &found);
    cr_expect_eq(found.n_points, (size_t)json_number_value(json_array_get(expected, 0)));
    if (found.n_points == 0) return;
    expect_near(found.error, json_number_value(json_array_get(expected, 1)), tight, name, "class");
    expect_near(found.churn, json_number_value(json_array_get(expected, 2)), tight, name, "class");
    expect_near(found.independent_sd, json_number_value(json_array_get(expected, 3)), tight, name,
                "class");
}

static void check_case(const json_t *item)
{
    size_t n_labels, n_cells;
    const char *name = golden_name(item, "name");
    double *labels = golden_values(item, "labels", &n_labels),
           *cells = golden_values(item, "counts", &n_cells);
    int32_t label[100];
    uint64_t count[1000];
    for (size_t i = 0; i < n_labels; i++) label[i] = (int32_t)labels[i];
    for (size_t i = 0; i < n_cells; i++) count[i] = (uint64_t)cells[i];
    const svi_class_counts counts = {golden_size(item, "runs"), n_labels,
                                     golden_size(item, "classes"), label, count};
    svi_agreement found;
    cr_assert_eq(svi_counts_agreement(&counts, &found, NULL), SV_OK);
    expect_near(found.error.value, golden_at(item, "error"), tight, name, "error");
    expect_interval(svi_point_interval(found.error, n_labels, 0.95),
                    golden_interval(item, "error_interval"), tight, name, "error");
    expect_near(found.churn.value, golden_at(item, "churn"), tight, name, "churn");
    expect_interval(svi_point_interval(found.churn, n_labels, 0.95),
                    golden_interval(item, "churn_interval"), tight, name, "churn");
    expect_near(found.gap.value, golden_at(item, "gap"), tight, name, "gap");
    expect_interval(svi_point_interval(found.gap, n_labels, 0.95),
                    golden_interval(item, "gap_interval"), tight, name, "gap");
    expect_near(found.independent_variance, golden_at(item, "independent_variance"), tight, name,
                "independent variance");
    double variance = svi_distribution_variance(golden_at(item, "run_variance"),
                                                found.independent_variance, (double)n_labels);
    expect_near(variance, golden_at(item, "distribution_variance"), 1e-7, name, "distribution");
    check_votes(item, &found, name);
    check_class(item, &counts, name);
    free(labels);
    free(cells);
}

Test(stats_predictions, agree_with_brute_force_over_runs)
{
    json_t *cases = golden_cases("predictions"), *item;
    size_t i;
    json_array_foreach(cases, i, item) check_case(item);
    json_decref(cases);
}

/* Each run tosses a coin at each point, with the chance with which the label is 1: the calibrated
 * case. Then the variance is err/(2n), the churn is the error, and nothing is left for the
 * distribution. */
Test(stats_predictions, calibrated_coin_flips)
{
    enum { N_RUNS = 400, N_POINTS = 2000 };
    static int32_t label[N_POINTS];
    static uint64_t count[N_POINTS][2];
    svi_moments of_runs = {0};
    static double n_wrong[N_RUNS];
    for (uint32_t i = 0; i < N_POINTS; i++) {
        double chance = (double)svk_draw(31, 1, i, 0) * 0x1p-32;
        label[i] = (double)svk_draw(31, 2, i, 0) * 0x1p-32 < chance;
        for (uint32_t r = 0; r < N_RUNS; r++) {
            int guess = (double)svk_draw(31, 3, i, r) * 0x1p-32 < chance;
            count[i][guess]++;
            n_wrong[r] += guess != label[i];
        }
    }
    for (size_t r = 0; r < N_RUNS; r++) svi_moments_add(&of_runs, n_wrong[r] / N_POINTS);
    const svi_class_counts counts = {N_RUNS, N_POINTS, 2, label, &count[0][0]};
    svi_agreement found;
    cr_assert_eq(svi_counts_agreement(&counts, &found, NULL), SV_OK);
    double variance = svi_moments_sd(&of_runs) * svi_moments_sd(&of_runs);
    double half = found.error.value / (2 * N_POINTS);
    double error_of_variance = sqrt(2.0 / (N_RUNS - 1)) * half;
    cr_expect(fabs(of_runs.mean - found.error.value) < 1e-12);
    cr_expect(fabs(found.gap.value) < 4 * found.gap.standard_error, "%g", found.gap.value);
    cr_expect(fabs(found.independent_variance / half - 1) < 0.03, "%g",
              found.independent_variance / half);
    double of_distribution =
        svi_distribution_variance(variance, found.independent_variance, N_POINTS);
    cr_expect(fabs(of_distribution) < 4 * error_of_variance, "%g", of_distribution);
}

Test(stats_predictions, a_vote_of_one_is_a_run)
{
    const uint64_t count[] = {3, 5, 2};
    for (size_t c = 0; c < 3; c++)
        cr_expect(fabs(svi_vote_accuracy(count, 3, c, 10, 1) - (double)count[c] / 10) < 1e-15);
    double sum = 0;
    for (size_t c = 0; c < 3; c++) sum += svi_vote_accuracy(count, 3, c, 10, 6);
    cr_expect(fabs(sum - 1) < 1e-14, "%.17g", sum);
    cr_expect(fabs(svi_vote_accuracy(count, 3, 1, 10, 10) - 1) < 1e-14);
}

Test(stats_predictions, refuse_counts_that_do_not_fit)
{
    const int32_t label[] = {0, 1}, no_class[] = {0, 2};
    const uint64_t count[] = {2, 1, 1, 2}, short_count[] = {2, 1, 1, 1};
    svi_class_counts counts = {3, 2, 2, label, short_count};
    svi_agreement found;
    sv_error error;
    cr_expect_eq(svi_counts_agreement(&counts, &found, &error), SV_ERR_DATA);
    cr_expect_not_null(strstr(error.message, "test point 1 add up to 2"), "%s", error.message);
    counts.count = count;
    counts.label = no_class;
    cr_expect_eq(svi_counts_agreement(&counts, &found, &error), SV_ERR_DATA);
    counts.label = label;
    cr_expect_eq(svi_counts_agreement(&counts, &found, &error), SV_OK);
}
