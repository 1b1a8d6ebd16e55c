/* Planted effects of nested, one-at-a-time and pick-freeze designs, from runs to text and JSON. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/findings.h"
#include "base/text.h"
#include "philox.h"
#include "stats/quantile.h"

/* The effect of one seed of a source, or of a pair of seeds. */
static double effect(uint32_t source, uint64_t seed)
{
    return svi_normal_quantile(((double)svk_draw(99, 3, source, seed) + 0.5) * 0x1p-32);
}

/* 3 init + 2 order + init:order + 0.1 of the arm. */
static void add_run(svi_text *csv, int arm, uint64_t init, uint64_t order)
{
    double value = 3 * effect(0, init) + 2 * effect(1, order) + effect(2, init << 20 | order);
    svi_text_add(csv, "arm%d,%llu,%llu,%.17g\n", arm, (unsigned long long)init,
                 (unsigned long long)order, value + 0.1 * arm);
}

/* Intervals of 99.9%, so that one that misses the truth is a fault and no bad luck. */
static sv_findings *analyze(svi_text *csv)
{
    const sv_analysis_options options = {.level = 0.999};
    char path[] = "/tmp/svi-designs-XXXXXX";
    sv_findings *findings = NULL;
    sv_error error = {0};
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, csv->bytes, csv->n) == (ssize_t)csv->n);
    close(fd);
    cr_assert_eq(sv_analyze_csv(path, &options, &findings, &error), SV_OK, "%s", error.message);
    unlink(path);
    svi_text_clear(csv);
    return findings;
}

static svi_text start(void)
{
    svi_text csv = {0};
    svi_text_add(&csv, "arm,seed_init,seed_order,score\n");
    return csv;
}

static void expect_holds(const char *what, double value, svi_interval interval, double truth)
{
    cr_expect(interval.low < truth && truth < interval.high, "%s: %g [%g, %g], in truth %g", what,
              value, interval.low, interval.high, truth);
}

static void expect_text(const sv_findings *findings, const char *const *fragments)
{
    char *text = NULL;
    cr_assert_eq(sv_findings_text(findings, &text, NULL), SV_OK);
    for (; *fragments != NULL; fragments++)
        cr_expect(strstr(text, *fragments) != NULL, "wanted `%s` in\n%s", *fragments, text);
    sv_free(text);
}

/* The array's rows of the first arm, and one key of the row of a source. */
static double json_at(const sv_findings *findings, const char *array, const char *source,
                      const char *key)
{
    char *text = NULL;
    size_t i;
    json_t *row;
    double found = NAN;
    cr_assert_eq(sv_findings_json(findings, &text, NULL), SV_OK);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    cr_assert_not_null(root);
    json_array_foreach(json_object_get(root, array), i, row)
    {
        const char *name = json_string_value(json_object_get(row, "source"));
        bool is_first = strcmp(json_string_value(json_object_get(row, "arm")), "arm0") == 0;
        if (!is_first || name == NULL || strcmp(name, source) != 0) continue;
        cr_expect_str_eq(json_string_value(json_object_get(row, "design")), findings->design);
        found = json_number_value(json_object_get(row, key));
    }
    json_decref(root);
    sv_free(text);
    return found;
}

Test(findings_designs, nested)
{
    static const char *const said[] = {"nested of 40 init, 400 order seeds", "order(init)",
                                       "Where the variance of score comes from",
                                       "arm1 has a higher score than arm0", NULL};
    svi_text csv = start();
    for (int arm = 0; arm < 2; arm++)
        for (uint64_t i = 0; i < 400; i++) add_run(&csv, arm, i / 10, i);
    sv_findings *findings = analyze(&csv);
    cr_expect_str_eq(findings->design, "nested");
    cr_assert_eq(findings->components[0].n_rows, 2);
    const svi_component *rows = findings->components[0].rows;
    expect_holds("init", rows[0].variance, rows[0].interval, 9);
    expect_holds("order(init)", rows[1].variance, rows[1].interval, 5); /* with init:order */
    const svi_summary *values = &findings->summaries[0].values;
    expect_holds("SD", values->sd, values->sd_interval, sqrt(14));
    expect_holds("mean", values->mean, values->mean_interval, 0);
    cr_expect_float_eq(json_at(findings, "components", "init", "variance"), rows[0].variance,
                       1e-10);
    cr_expect_eq(findings->n_indices, 0);
    expect_text(findings, said);
    sv_findings_close(findings);
}

Test(findings_designs, one_at_a_time)
{
    static const char *const said[] = {"one-at-a-time of 300 init, 300 order seeds",
                                       "varying init alone gives score an SD of",
                                       "averaged over the bases", "arm1 has a higher score", NULL};
    svi_text csv = start();
    for (int arm = 0; arm < 2; arm++)
        for (uint64_t base = 0; base < 30; base++) {
            for (uint64_t i = 0; i < 10; i++) add_run(&csv, arm, base * 10 + i, base * 10);
            for (uint64_t i = 1; i < 10; i++) add_run(&csv, arm, base * 10, base * 10 + i);
        }
    sv_findings *findings = analyze(&csv);
    cr_expect_str_eq(findings->design, "one-at-a-time");
    cr_assert_eq(findings->n_indices, 2);
    const svi_indices *found = &findings->indices[0].values;
    svi_estimate init = found->sources[0].total_variance, order = found->sources[1].total_variance;
    expect_holds("init", init.value, init.interval, 10);
    expect_holds("order", order.value, order.interval, 5);
    expect_holds("V", found->variance.value, found->variance.interval, 14);
    cr_expect_float_eq(json_at(findings, "indices", "order", "total_effect_variance"), order.value,
                       1e-10);
    cr_expect(strstr(findings->components[0].reason, "indices") != NULL);
    expect_text(findings, said);
    sv_findings_close(findings);
}

Test(findings_designs, one_base_says_what_it_stands_for)
{
    static const char *const said[] = {"Indices, chi-square (exact)", "base; it holds", NULL};
    svi_text csv = start();
    for (uint64_t i = 0; i < 20; i++) add_run(&csv, 0, i, 0);
    for (uint64_t i = 1; i < 20; i++) add_run(&csv, 0, 0, i);
    sv_findings *findings = analyze(&csv);
    cr_assert_eq(findings->n_indices, 1);
    cr_expect(isnan(findings->indices[0].values.variance.value));
    cr_expect(isnan(findings->summaries[0].values.mean_interval.low));
    expect_text(findings, said);
    sv_findings_close(findings);
}

Test(findings_designs, pick_freeze)
{
    enum { N_ROWS = 900 };
    static const char *const said[] = {"init explains", "by itself and", "with its interactions",
                                       "Note: 900 rows are few", NULL};
    svi_text csv = start();
    for (uint64_t row = 0; row < N_ROWS; row++) {
        add_run(&csv, 0, row, row);
        add_run(&csv, 0, row + N_ROWS, row + N_ROWS);
        add_run(&csv, 0, row + N_ROWS, row);
        add_run(&csv, 0, row, row + N_ROWS);
    }
    sv_findings *findings = analyze(&csv);
    cr_expect_str_eq(findings->design, "pick-freeze");
    cr_assert_eq(findings->n_indices, 1);
    const svi_indices *found = &findings->indices[0].values;
    const double first[] = {9, 4}, total[] = {10, 5};
    for (size_t s = 0; s < 2; s++) {
        const svi_source_index *source = &found->sources[s];
        expect_holds("V_s", source->first_variance.value, source->first_variance.interval,
                     first[s]);
        expect_holds("V_Ts", source->total_variance.value, source->total_variance.interval,
                     total[s]);
    }
    cr_expect_float_eq(json_at(findings, "indices", "init", "first_order"),
                       found->sources[0].first_share.value, 1e-12);
    expect_text(findings, said);
    sv_findings_close(findings);
}

static double variance_in(const sv_findings *findings, size_t row, const char *note)
{
    const svi_components_finding *group = &findings->components[0];
    cr_assert_eq(group->n_rows, 3, "%s", group->reason);
    cr_expect(strstr(group->note, note) != NULL, "%s", group->note);
    cr_expect_eq(isnan(group->rows[row].interval.low), note[0] != '\0');
    cr_expect(!isnan(findings->summaries[0].values.mean_interval.low));
    return group->rows[row].variance;
}

/* A grid of 12 x 10 runs of which one is left out, or holds no value. */
static sv_findings *analyze_grid(uint64_t gap, bool is_there)
{
    svi_text csv = start();
    for (uint64_t i = 0; i < 120; i++) {
        if (i != gap) add_run(&csv, 0, i / 10, i % 10);
        if (i == gap && is_there) svi_text_add(&csv, "arm0,%d,%d,nan\n", (int)i / 10, (int)i % 10);
    }
    return analyze(&csv);
}

Test(findings_designs, a_grid_with_a_gap_has_components_without_intervals)
{
    sv_findings *full = analyze_grid(120, false), *gap = analyze_grid(37, false),
                *failed = analyze_grid(37, true);
    static const char *const said[] = {"init explains",
                                       "The split of the variance has no intervals", NULL};
    for (size_t c = 0; c < 3; c++) {
        double expected = variance_in(full, c, "");
        double found = variance_in(gap, c, "some combinations of seeds have no run");
        cr_expect(fabs(found / expected - 1) < 0.1, "%zu: %g, full %g", c, found, expected);
        cr_expect_float_eq(variance_in(failed, c, "1 of 120 runs have no finite score"), found,
                           1e-12);
    }
    expect_text(gap, said);
    expect_text(failed, said);
    cr_expect_str_eq(gap->components[0].labels[2], "init:order + replicate");
    double whole = full->summaries[0].values.mean_interval.high -
                   full->summaries[0].values.mean_interval.low,
           found = gap->summaries[0].values.mean_interval.high -
                   gap->summaries[0].values.mean_interval.low;
    cr_expect(fabs(found / whole - 1) < 0.1, "%g wide, %g without the gap", found, whole);
    sv_findings_close(full);
    sv_findings_close(gap);
    sv_findings_close(failed);
}

/* Each init seed with one order seed of its own but for one: main effects cannot be told apart. */
Test(findings_designs, a_grid_that_is_mostly_gaps_has_a_reason)
{
    svi_text csv = start();
    for (uint64_t i = 0; i < 9; i++) add_run(&csv, 0, i, i);
    add_run(&csv, 0, 0, 1);
    sv_findings *findings = analyze(&csv);
    cr_expect_eq(findings->components[0].n_rows, 0);
    cr_expect(strstr(findings->components[0].reason, "have no run") != NULL);
    sv_findings_close(findings);
}

/* Of two seeds one alone has values: nothing is known of other seeds, and no interval is made up.
 */
Test(findings_designs, reruns_of_one_seed_know_no_mean)
{
    svi_text csv = {0};
    svi_text_add(&csv, "arm,seed,replicate,score\n");
    for (int i = 0; i < 16; i++) {
        char score[16] = "nan";
        if (i / 4 % 2 == 0) snprintf(score, sizeof score, "%d", i * i);
        svi_text_add(&csv, "arm%d,%d,%d,%s\n", i / 8, i / 4 % 2, i % 4, score);
    }
    sv_findings *findings = analyze(&csv);
    cr_expect(isnan(findings->summaries[0].values.mean_interval.low));
    cr_expect(findings->comparisons[0].reason[0] != '\0');
    sv_findings_close(findings);
}

Test(findings_designs, a_run_without_a_value_leaves_no_indices)
{
    svi_text csv = start();
    for (uint64_t i = 0; i < 9; i++) add_run(&csv, 0, i, 0);
    svi_text_add(&csv, "arm0,0,1,nan\narm0,0,2,1\n");
    sv_findings *findings = analyze(&csv);
    cr_assert_eq(findings->n_indices, 1);
    cr_expect(strstr(findings->indices[0].reason, "1 of 11 runs have no finite score") != NULL,
              "%s", findings->indices[0].reason);
    sv_findings_close(findings);
}

/* Of three sources one does nothing: the answer names the parts that matter, the largest first, and
 * the heat map shows the two that do. */
Test(findings_designs, three_sources_are_told_by_their_weight)
{
    static const char *const said[] = {"split explains ", " of the variance of score, init:split ",
                                       "each other part", "less than 1% (intervals", NULL};
    svi_text csv = {0};
    svi_text_add(&csv, "seed_init,seed_order,seed_split,score\n");
    for (uint64_t i = 0; i < 24; i++)
        for (uint64_t j = 0; j < 4; j++)
            for (uint64_t k = 0; k < 24; k++)
                svi_text_add(&csv, "%d,%d,%d,%.17g\n", (int)i, (int)j, (int)k,
                             3 * effect(0, k) + 2 * effect(1, i << 20 | k) +
                                 0.001 * effect(2, i << 40 | j << 20 | k));
    sv_findings *findings = analyze(&csv);
    expect_text(findings, said);
    cr_assert_eq(findings->n_grids, 1);
    const svi_grid_finding *grid = &findings->grids[0];
    cr_expect_str_eq(grid->names[0], "init");
    cr_expect_str_eq(grid->names[1], "split");
    cr_expect(grid->n_levels[0] == 24 && grid->n_levels[1] == 24);
    sv_findings_close(findings);
}
