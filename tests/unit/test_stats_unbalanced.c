/* Components of grids with gaps. */
#include "philox.h"
#include "stats/quantile.h"
#include "stats/unbalanced_effects.h"
#include "test_stats_golden.h"

static bool analyze(const svi_crossed_design *design, const uint64_t *cell, const double *values,
                    size_t n, svi_crossed_result *result)
{
    bool is_estimable;
    sv_error error = {0};
    cr_assert_eq(svi_unbalanced_analyze(design, cell, values, n, result, &is_estimable, &error),
                 SV_OK);
    return is_estimable;
}

static const svi_component *find(const svi_crossed_result *result, uint32_t factors)
{
    for (size_t c = 0; c < result->n_components; c++)
        if (result->components[c].factors == factors) return &result->components[c];
    cr_assert_fail("no component of the factors %u", factors);
    return NULL;
}

static void check_case(const json_t *item)
{
    size_t n_factors, n, n_values, i;
    json_t *row, *rows = json_object_get(item, "components");
    const char *name = golden_name(item, "name");
    double *levels = golden_values(item, "levels", &n_factors);
    double *cells = golden_values(item, "cells", &n);
    double *values = golden_values(item, "values", &n_values);
    svi_crossed_design design = {.n_factors = n_factors};
    svi_crossed_result result;
    uint64_t cell[500];
    cr_assert(n == n_values && n <= 500);
    for (i = 0; i < n_factors; i++) design.levels[i] = (size_t)levels[i];
    for (i = 0; i < n; i++) cell[i] = (uint64_t)cells[i];
    cr_assert(analyze(&design, cell, values, n, &result), "%s", name);
    cr_expect_eq(result.n_components, json_array_size(rows), "%s", name);
    expect_near(result.mean, golden_at(item, "mean"), 1e-9, name, "mean");
    expect_near(result.total_variance, golden_at(item, "total_variance"), 1e-9, name, "total");
    json_array_foreach(rows, i, row)
    {
        const svi_component *c = find(&result, (uint32_t)golden_size(row, "factors"));
        expect_near(c->variance, golden_at(row, "variance"), 1e-9, name, "variance");
        expect_near(c->share, golden_at(row, "share"), 1e-9, name, "share");
        cr_expect(isnan(c->interval.low) && isnan(c->share_interval.high));
        cr_expect_eq(c->method, SVI_CROSSED_HENDERSON);
    }
    free(levels), free(cells), free(values);
}

Test(stats_unbalanced, agrees_with_traces_of_matrices)
{
    json_t *cases = golden_cases("unbalanced"), *item;
    size_t i;
    json_array_foreach(cases, i, item) check_case(item);
    json_decref(cases);
}

static double normal(uint32_t stream, uint32_t study, uint64_t element)
{
    uint32_t word = svk_draw(4712, stream, study, element);
    return svi_normal_quantile(((double)word + 0.5) * 0x1p-32);
}

enum { N_A = 6, N_B = 7, N_R = 2, N_FULL = N_A * N_B * N_R, N_STUDIES = 1000 };
static const double truth[] = {1, 0.5, 0.25, 0.1};

/* Of a grid of N_A x N_B x N_R runs each is there with the given chance. */
static size_t simulate(uint32_t study, double chance, uint64_t *cell, double *values)
{
    size_t n = 0;
    for (uint64_t i = 0; i < N_FULL; i++) {
        if (svk_draw(4712, 9, study, i) * 0x1p-32 >= chance) continue;
        cell[n] = i / N_R;
        values[n++] = sqrt(truth[0]) * normal(1, study, i / N_R / N_B) +
                      sqrt(truth[1]) * normal(2, study, i / N_R % N_B) +
                      sqrt(truth[2]) * normal(3, study, i / N_R) +
                      sqrt(truth[3]) * normal(4, study, i);
    }
    return n;
}

static const svi_crossed_design grid = {
    .n_factors = 2, .levels = {N_A, N_B}, .n_replicates = N_R, .level = 0.95, .n_resamples = 100};

Test(stats_unbalanced, a_full_grid_has_the_components_of_the_analysis_of_variance)
{
    uint64_t cell[N_FULL];
    double values[N_FULL];
    svi_crossed_result result, full;
    svi_crossed_plan *plan;
    cr_assert_eq(simulate(1, 1, cell, values), N_FULL);
    cr_assert(analyze(&grid, cell, values, N_FULL, &result));
    cr_assert_eq(svi_crossed_plan_make(&grid, &plan, NULL), SV_OK);
    cr_assert_eq(svi_crossed_analyze(plan, values, N_FULL, &full, NULL), SV_OK);
    cr_assert_eq(result.n_components, full.n_components);
    for (size_t c = 0; c < full.n_components; c++) {
        cr_expect_eq(result.components[c].factors, full.components[c].factors);
        cr_expect_eq(result.components[c].has_replicate, full.components[c].has_replicate);
        cr_expect_float_eq(result.components[c].variance, full.components[c].variance, 1e-12);
    }
    svi_crossed_plan_free(plan);
}

/* The mean estimate of many studies with a third of the runs missing: within 4 standard errors. */
Test(stats_unbalanced, is_unbiased)
{
    double sum[4] = {0}, sum_squares[4] = {0};
    static const uint32_t factors[] = {1, 2, 3, 0};
    for (uint32_t study = 0; study < N_STUDIES; study++) {
        uint64_t cell[N_FULL];
        double values[N_FULL];
        svi_crossed_result result;
        size_t n = simulate(study, 0.67, cell, values);
        cr_assert(analyze(&grid, cell, values, n, &result));
        for (int c = 0; c < 4; c++) {
            double variance = find(&result, factors[c])->variance;
            sum[c] += variance;
            sum_squares[c] += variance * variance;
        }
    }
    for (int c = 0; c < 4; c++) {
        double mean = sum[c] / N_STUDIES;
        double error = sqrt((sum_squares[c] / N_STUDIES - mean * mean) / N_STUDIES);
        printf("%d: %.4f (%.4f), truth %g\n", c, mean, error, truth[c]);
        cr_expect(fabs(mean - truth[c]) < 4 * error, "%d: %g", c, mean);
        cr_expect(error < 0.06 * truth[c], "%d: %g", c, error);
    }
}

Test(stats_unbalanced, what_the_values_cannot_tell_apart_is_not_estimated)
{
    const svi_crossed_design two = {.n_factors = 2, .levels = {3, 3}};
    svi_crossed_design five = {.n_factors = 5, .levels = {2, 2, 2, 2, 2}};
    const uint64_t diagonal[] = {0, 4, 8, 0}, full[] = {0, 1, 3, 4};
    const double values[] = {1, 2, 4, 8};
    svi_crossed_result result;
    bool is_estimable;
    sv_error error;
    cr_expect_not(analyze(&two, diagonal, values, 4, &result));
    cr_expect_not(analyze(&two, diagonal, values, 1, &result));
    cr_expect(analyze(&two, full, values, 4, &result));
    cr_expect_eq(svi_unbalanced_analyze(&five, full, values, 4, &result, &is_estimable, &error),
                 SV_ERR_USAGE);
    cr_expect(strstr(error.message, "1 to 4 factors, not 5") != NULL, "%s", error.message);
}

/* Replicates that agree in every digit have no variance, not the rounding of one. */
Test(stats_unbalanced, rounding_is_no_variance)
{
    const svi_crossed_design one = {.n_factors = 1, .levels = {8}};
    uint64_t cell[30];
    double values[30];
    svi_crossed_result result;
    for (size_t i = 0; i < 30; i++) {
        cell[i] = i / 4;
        values[i] = 0.3 + 0.1 / (double)(3 + i / 4);
    }
    cr_assert(analyze(&one, cell, values, 30, &result));
    cr_expect(find(&result, 1)->variance > 0);
    cr_expect_eq(find(&result, 0)->variance, 0);
    cr_expect_eq(find(&result, 0)->share, 0);
}
