#include <string.h>

#include "stats/crossed_mean.h"
#include "test_stats_golden.h"

static const double tight = 1e-9;

static svi_crossed_design design_of(const json_t *item, bool is_nested)
{
    size_t n;
    double *levels = golden_values(item, "levels", &n);
    svi_crossed_design design = {
        .n_factors = n,
        .n_replicates = golden_size(item, "replicates"),
        .level = golden_at(item, "level"),
        .n_draws = 50000,
        .n_resamples = 10000,
        .is_nested = is_nested,
    };
    for (size_t f = 0; f < n; f++) design.levels[f] = (size_t)levels[f];
    free(levels);
    return design;
}

static const svi_component *find(const svi_crossed_result *result, uint32_t factors)
{
    for (size_t c = 0; c < result->n_components; c++) {
        if (result->components[c].factors == factors) return &result->components[c];
    }
    return NULL;
}

/* What was drawn is compared with a million draws of NumPy, the bootstrap with 20,000 resamples. */
static void check_component(const json_t *expected, const svi_crossed_result *result,
                            const char *name)
{
    const svi_component *c = find(result, (uint32_t)golden_size(expected, "factors"));
    cr_assert_not_null(c, "%s: a component is missing", name);
    expect_near(c->df, golden_at(expected, "df"), 0, name, "df");
    expect_near(c->mean_square, golden_at(expected, "mean_square"), tight, name, "mean square");
    expect_near(c->variance, golden_at(expected, "variance"), tight, name, "variance");
    expect_near(c->share, golden_at(expected, "share"), tight, name, "share");
    svi_interval large_sample = golden_interval(expected, "large_sample");
    expect_interval(c->large_sample, large_sample, tight, name, "large sample");
    expect_drawn(c->generalized, golden_interval(expected, "generalized"), 0.03, name,
                 "generalized");
    expect_drawn(c->share_interval, golden_interval(expected, "share_interval"), 0.03, name,
                 "share");
    expect_drawn(c->bootstrap, golden_interval(expected, "bootstrap"), 0.05, name, "bootstrap");
    bool is_exact = golden_flag(expected, "is_exact");
    cr_expect_eq(c->method == SVI_CROSSED_EXACT, is_exact, "%s: method", name);
    svi_interval main_one = is_exact ? c->large_sample : c->generalized;
    cr_expect(c->interval.low == main_one.low && c->interval.high == main_one.high);
}

static void check_case(const json_t *item, bool is_nested)
{
    size_t n, i;
    json_t *component, *components = json_object_get(item, "components");
    const char *name = golden_name(item, "name");
    double *values = golden_values(item, "values", &n);
    svi_crossed_design design = design_of(item, is_nested);
    svi_crossed_plan *plan;
    svi_crossed_result result;
    sv_error error;
    cr_assert_eq(svi_crossed_plan_make(&design, &plan, &error), SV_OK);
    cr_assert_eq(svi_crossed_analyze(plan, values, n, &result, &error), SV_OK);
    expect_near(result.mean, golden_at(item, "mean"), tight, name, "mean");
    expect_near(result.total_variance, golden_at(item, "total_variance"), tight, name, "total");
    cr_expect_eq(result.n_components, json_array_size(components));
    json_array_foreach(components, i, component) check_component(component, &result, name);
    if (json_object_get(item, "total_interval") != NULL)
        expect_drawn(result.total_interval, golden_interval(item, "total_interval"), 0.03, name,
                     "total");
    svi_crossed_plan_free(plan);
    free(values);
}

Test(stats_crossed, agrees_with_statsmodels_and_numpy)
{
    json_t *cases = golden_cases("crossed"), *item;
    size_t i;
    json_array_foreach(cases, i, item) check_case(item, false);
    json_decref(cases);
}

Test(stats_crossed, nested_designs_agree_with_statsmodels_and_numpy)
{
    json_t *cases = golden_cases("nested"), *item;
    size_t i;
    json_array_foreach(cases, i, item) check_case(item, true);
    json_decref(cases);
}

static svi_crossed_result analyze(const svi_crossed_design *design, const double *values, size_t n)
{
    svi_crossed_plan *plan;
    svi_crossed_result result;
    sv_error error;
    cr_assert_eq(svi_crossed_plan_make(design, &plan, &error), SV_OK);
    cr_assert_eq(svi_crossed_analyze(plan, values, n, &result, &error), SV_OK);
    svi_crossed_plan_free(plan);
    return result;
}

static const svi_crossed_design small = {.n_factors = 2,
                                         .levels = {3, 2},
                                         .n_replicates = 1,
                                         .level = 0.95,
                                         .n_draws = 1000,
                                         .n_resamples = 100};
static const double small_values[] = {1, 4, 2, 6, 3, 9};

Test(stats_crossed, labels_and_order)
{
    static const char *const names[] = {"init", "order"};
    static const char *const one[] = {"init", "order", "init:order + replicate"};
    static const char *const two[] = {"init", "order", "init:order", "replicate"};
    char label[64], cut[8];
    svi_crossed_design design = small;
    svi_crossed_result result = analyze(&design, small_values, 6);
    cr_assert_eq(result.n_components, 3);
    for (size_t c = 0; c < 3; c++) {
        svi_component_label(&result.components[c], names, label, sizeof label);
        cr_expect_str_eq(label, one[c]);
    }
    svi_component_label(&result.components[2], names, cut, sizeof cut);
    cr_expect_str_eq(cut, "init:or");
    design.is_deterministic = true;
    result = analyze(&design, small_values, 6);
    svi_component_label(&result.components[2], names, label, sizeof label);
    cr_expect_str_eq(label, "init:order");
    const double twice[] = {1, 1.5, 4, 4.5, 2, 2.5, 6, 6.5, 3, 3.5, 9, 9.5};
    design.n_replicates = 2;
    result = analyze(&design, twice, 12);
    cr_assert_eq(result.n_components, 4);
    for (size_t c = 0; c < 4; c++) {
        svi_component_label(&result.components[c], names, label, sizeof label);
        cr_expect_str_eq(label, two[c]);
    }
    for (int m = SVI_CROSSED_EXACT; m <= SVI_CROSSED_GENERALIZED; m++) {
        cr_expect_gt(strlen(svi_crossed_method_name((svi_crossed_method)m)), 0);
    }
}

Test(stats_crossed, nested_labels)
{
    static const char *const names[] = {"data", "init", "order"};
    static const char *const expected[] = {"data", "init(data)", "order(init(data))", "replicate"};
    static const double values[] = {1, 2, 4, 3, 5, 5, 7, 8, 2, 1, 9, 9, 3, 4, 6, 7};
    svi_crossed_design design = small;
    design.n_factors = 3;
    design.n_replicates = 2;
    design.is_nested = true;
    for (size_t f = 0; f < 3; f++) design.levels[f] = 2;
    svi_crossed_result result = analyze(&design, values, 16);
    cr_assert_eq(result.n_components, 4);
    for (size_t c = 0; c < 4; c++) {
        char label[64];
        svi_component_label(&result.components[c], names, label, sizeof label);
        cr_expect_str_eq(label, expected[c]);
    }
    svi_mean_error mean =
        svi_crossed_mean_error(result.components, result.n_components, result.mean, 16);
    cr_expect_float_eq(mean.variance, result.components[0].mean_square / 16, 1e-15);
    cr_expect_float_eq(mean.df, 1, 0);
}

/* A factor without effect, replicates without error, equal runs: exact zeros, not rounding. */
Test(stats_crossed, absent_effects_are_exactly_zero)
{
    const double only_first[] = {0.1, 0.1, 0.1, 0.1, 0.7, 0.7, 0.7, 0.7, 0.3, 0.3, 0.3, 0.3};
    svi_crossed_design design = small;
    design.n_replicates = 2;
    svi_crossed_result result = analyze(&design, only_first, 12);
    cr_expect_gt(result.components[0].variance, 0);
    for (size_t c = 1; c < 4; c++) {
        cr_expect(result.components[c].variance == 0);
        cr_expect(result.components[c].interval.low == 0 &&
                  result.components[c].interval.high == 0);
    }
    expect_near(result.components[0].share, 1, 1e-12, "only the first factor", "share");
    const double equal[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
    result = analyze(&small, equal, 6);
    cr_expect(result.total_variance == 0 && result.mean == 0.1);
    cr_expect(isnan(result.components[0].share) && isnan(result.components[0].share_interval.low));
}

Test(stats_crossed, shares_add_up_and_the_same_call_gives_the_same_bits)
{
    svi_crossed_result one = analyze(&small, small_values, 6),
                       two = analyze(&small, small_values, 6);
    double shares = 0;
    for (size_t c = 0; c < one.n_components; c++) {
        shares += one.components[c].share;
        cr_expect(memcmp(&one.components[c].generalized, &two.components[c].generalized,
                         sizeof(svi_interval)) == 0);
        cr_expect(memcmp(&one.components[c].bootstrap, &two.components[c].bootstrap,
                         sizeof(svi_interval)) == 0);
    }
    expect_near(shares, 1, 1e-12, "shares", "sum");
}

static void expect_refused(const svi_crossed_design *design, sv_status status, const char *part)
{
    svi_crossed_plan *plan = NULL;
    sv_error error;
    cr_expect_eq(svi_crossed_plan_make(design, &plan, &error), status);
    cr_expect_not_null(strstr(error.message, part), "%s", error.message);
    cr_expect_null(plan);
}

Test(stats_crossed, refuses_impossible_designs)
{
    svi_crossed_design design = small;
    design.levels[1] = 1;
    expect_refused(&design, SV_ERR_DATA, "factor 1 has 1 levels");
    design = small;
    design.levels[0] = design.levels[1] = (size_t)1 << 20;
    expect_refused(&design, SV_ERR_DATA, "2^32");
    design = small;
    design.n_replicates = 0;
    expect_refused(&design, SV_ERR_DATA, "replicate");
    design = small;
    design.n_factors = 0;
    expect_refused(&design, SV_ERR_DATA, "0 factors");
    design.n_factors = SVI_MAX_FACTORS + 1;
    expect_refused(&design, SV_ERR_DATA, "8 factors");
    design = small;
    design.level = 1;
    expect_refused(&design, SV_ERR_USAGE, "level");
    design = small;
    design.n_draws = 10;
    expect_refused(&design, SV_ERR_USAGE, "10 draws");
    svi_crossed_plan_free(NULL);
}

Test(stats_crossed, refuses_missing_runs)
{
    double values[6];
    svi_crossed_plan *plan;
    svi_crossed_result result;
    sv_error error;
    memcpy(values, small_values, sizeof values);
    cr_assert_eq(svi_crossed_plan_make(&small, &plan, &error), SV_OK);
    cr_expect_eq(svi_crossed_analyze(plan, values, 5, &result, &error), SV_ERR_DATA);
    cr_expect_not_null(strstr(error.message, "5 values for 6 runs"), "%s", error.message);
    values[3] = NAN;
    cr_expect_eq(svi_crossed_analyze(plan, values, 6, &result, &error), SV_ERR_DATA);
    cr_expect_not_null(strstr(error.message, "value 3 is"), "%s", error.message);
    svi_crossed_plan_free(plan);
}
