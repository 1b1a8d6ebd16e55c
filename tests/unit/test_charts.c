/* Charts: templates that hold together, rows as the findings have them, reasons where there are
 * none.
 */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/chart.h"
#include "report/finding_rows.h"
#include "report/json_value.h"
#include "report/report_document.h"

static const char grid_csv[] = "arm,seed_init,seed_order,test_accuracy,val_accuracy\n"
                               "relu,0,0,0.91,0.90\nrelu,0,1,0.93,0.92\nrelu,0,5,0.92,0.93\n"
                               "relu,8,0,0.94,0.91\nrelu,8,1,0.95,0.97\nrelu,8,5,0.96,0.94\n"
                               "tanh,0,0,0.92,0.92\ntanh,0,1,0.95,0.93\ntanh,0,5,0.93,0.95\n"
                               "tanh,8,0,0.96,0.92\ntanh,8,1,0.97,0.98\ntanh,8,5,0.98,0.95\n";

/* As findings of distances and probes are. */
static const char nondeterminism[] =
    "{\"distances\": [{\"arm\": \"relu\", \"numerics\": \"drawn/8 fp32\", \"reference\": "
    "\"serial\", "
    "\"checkpoints\": [{\"step\": 0, \"distance\": 0.0, \"ulps\": [10], \"bits\": []},"
    "{\"step\": 8, \"n_runs\": 4, \"distance\": 1e-6, \"parameter_share\": 0.25, \"churn\": 0.5, "
    "\"ulps\": [6, 3, 1], \"bits\": [3, 2]}]}]}";
static const char probe[] =
    "[{\"arm\": \"relu\", \"numerics\": \"serial fp32 +1@100:0\", \"churn\": "
    "0.02, \"churn_low\": 0.01, \"churn_high\": 0.03, \"reseed_churn\": 0.4}]";
static const char atlas[] =
    "{\"forbidden\": 0, \"machines\": [{\"file\": \"a\"}, {\"file\": \"b\"}], "
    "\"subjects\": [{\"subject\": \"exp fp32\", \"promise\": \"contract\", "
    "\"classes\": [1, 1]}, {\"subject\": \"libm exp\", \"promise\": "
    "\"measured\", \"classes\": [1, null]}]}";

static sv_findings *findings;
static json_t *document;

static void set_document(const char *csv)
{
    char path[] = "/tmp/svi-chart-XXXXXX";
    sv_error error = {0};
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, csv, strlen(csv)) == (ssize_t)strlen(csv));
    close(fd);
    cr_assert_eq(sv_analyze_csv(path, NULL, &findings, &error), SV_OK, "%s", error.message);
    unlink(path);
    document = svi_json_findings(findings);
    svi_json_add_pictures(findings, &document);
    json_object_set_new(document, "nondeterminism", json_loads(nondeterminism, 0, NULL));
    json_object_set_new(document, "probe", json_loads(probe, 0, NULL));
    json_object_set_new(document, "atlas", json_loads(atlas, 0, NULL));
    cr_assert_not_null(document);
}

static void set_up(void) { set_document(grid_csv); }

static void clear(void)
{
    json_decref(document);
    sv_findings_close(findings);
}

TestSuite(charts, .init = set_up, .fini = clear);

static json_t *chart_of(svi_chart_id id)
{
    svi_chart_source source = {findings, document};
    json_t *chart = svi_json_chart(&source, id);
    cr_assert_not_null(chart, "chart %d", (int)id);
    return chart;
}

static const char *text_in(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* ---- templates ---- */

/* Adds what a transform or a column makes. */
static void collect_made(json_t *value, json_t *made)
{
    const char *key;
    json_t *inner, *name;
    size_t i, k;
    json_object_foreach(value, key, inner)
    {
        if (strcmp(key, "as") == 0 && json_is_string(inner))
            json_object_set_new(made, json_string_value(inner), json_true());
        json_array_foreach(strcmp(key, "as") == 0 ? inner : NULL, k, name)
            json_object_set_new(made, json_string_value(name), json_true());
        if (strcmp(key, "datasets") != 0) collect_made(inner, made);
    }
    json_array_foreach(value, i, inner) collect_made(inner, made);
}

static void expect_fields(const char *id, json_t *value, const json_t *made)
{
    const char *key;
    json_t *inner;
    size_t i;
    json_object_foreach(value, key, inner)
    {
        if (strcmp(key, "field") == 0)
            cr_expect_not_null(json_object_get(made, json_string_value(inner)),
                               "%s: no data set has a field %s", id, json_string_value(inner));
        if (strcmp(key, "datasets") != 0) expect_fields(id, inner, made);
    }
    json_array_foreach(value, i, inner) expect_fields(id, inner, made);
}

/* Here everything is found but indices, curves, predictions and famous runs. */
static bool is_expected(const char *id)
{
    static const char *const absent[] = {"indices", "sd_by_step", "test_set"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        if (strcmp(id, absent[i]) == 0) return false;
    return true;
}

Test(charts, fields_are_those_of_the_rows)
{
    for (int id = 0; id < SVI_N_CHARTS; id++) {
        json_t *chart = chart_of((svi_chart_id)id), *made = json_object(), *rows;
        json_t *spec = json_object_get(chart, "spec");
        const char *name = text_in(chart, "id"), *set;
        cr_expect_eq(spec != NULL, is_expected(name), "%s", name);
        cr_expect((spec != NULL) != (text_in(chart, "reason") != NULL), "%s", name);
        cr_expect(spec == NULL || strlen(text_in(chart, "caption")) > 40, "%s", name);
        json_object_foreach(json_object_get(spec, "datasets"), set, rows)
            json_object_update(made, json_array_get(rows, 0));
        json_object_set_new(made, "seed", json_true()); /* of famous runs: a grid has none */
        json_object_set_new(made, "value", json_true());
        collect_made(spec, made);
        expect_fields(name, spec, made);
        json_decref(made);
        json_decref(chart);
    }
}

/* ---- rows ---- */

static const json_t *row_of(const json_t *chart, const char *set, size_t i)
{
    const json_t *sets = json_object_get(json_object_get(chart, "spec"), "datasets");
    return json_array_get(json_object_get(sets, set), i);
}

static double number_in(const json_t *row, const char *key)
{
    return json_number_value(json_object_get(row, key));
}

Test(charts, nested_rows_are_flattened)
{
    json_t *chart = chart_of(SVI_CHART_ulps);
    const json_t *rows =
        json_object_get(json_object_get(json_object_get(chart, "spec"), "datasets"), "ulps");
    cr_assert_eq(json_array_size(rows), 4);
    cr_expect_str_eq(text_in(row_of(chart, "ulps", 3), "series"), "relu");
    cr_expect_eq(number_in(row_of(chart, "ulps", 3), "step"), 8);
    cr_expect_eq(number_in(row_of(chart, "ulps", 3), "class"), 2);
    cr_expect_eq(number_in(row_of(chart, "ulps", 3), "parameters"), 1);
    json_decref(chart);
}

Test(charts, shares_are_shown_in_percent)
{
    json_t *distance = chart_of(SVI_CHART_distance), *heat_map = chart_of(SVI_CHART_heat_map);
    cr_expect_float_eq(number_in(row_of(distance, "distances", 1), "parameter_share"), 25, 1e-9);
    cr_expect_float_eq(number_in(row_of(distance, "distances", 1), "distance"), 1e-6, 1e-12);
    /* of relu, seed 0 of init is worse than 8, and order 0 the worst */
    const json_t *least = row_of(heat_map, "cells", 0);
    cr_expect_float_eq(number_in(least, "value"), 91, 1e-9);
    cr_expect_eq(number_in(least, "init"), 0);
    cr_expect_eq(number_in(least, "order"), 0);
    cr_expect_float_eq(number_in(row_of(heat_map, "cells", 5), "value"), 96, 1e-9);
    json_decref(distance);
    json_decref(heat_map);
}

Test(charts, one_series_needs_no_legend)
{
    json_t *one = chart_of(SVI_CHART_comparison), *two = chart_of(SVI_CHART_distribution);
    const json_t *layer = json_array_get(json_object_get(json_object_get(one, "spec"), "layer"), 1);
    const json_t *color = json_object_get(json_object_get(layer, "encoding"), "color");
    cr_expect(json_is_null(json_object_get(color, "legend")));
    layer = json_array_get(json_object_get(json_object_get(two, "spec"), "layer"), 0);
    color = json_object_get(json_object_get(layer, "encoding"), "color");
    cr_expect(color != NULL && json_object_get(color, "legend") == NULL);
    json_decref(one);
    json_decref(two);
}

Test(charts, a_reason_is_the_findings_own)
{
    json_t *chart = chart_of(SVI_CHART_sd_by_step);
    cr_expect_str_eq(text_in(chart, "reason"),
                     text_in(json_object_get(document, "curves"), "reason"));
    json_decref(chart);
}

Test(charts, captions_conclude)
{
    static const struct {
        svi_chart_id id;
        const char *words;
    } expected[] = {
        {SVI_CHART_probe,
         "At most 2% of the test points then end in another class; another seed moves "
         "40% (dashed): the smallest change is not like another seed."},
        {SVI_CHART_distance,
         "ends at a distance of 1e-06 after 8 steps, in 25% of the parameters; 50% "
         "of the test points"},
        {SVI_CHART_atlas, "Nothing differs that the contract"},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        json_t *chart = chart_of(expected[i].id);
        cr_expect(strstr(text_in(chart, "caption"), expected[i].words) != NULL, "%s",
                  text_in(chart, "caption"));
        json_decref(chart);
    }
}

/* A caption speaks of the test's power before it speaks of the seeds. */
Test(charts, famous_seeds_too_few_to_tell)
{
    json_t *chart = chart_of(SVI_CHART_famous);
    const char *caption = text_in(chart, "caption");
    cr_expect(strstr(caption, "too few to tell") != NULL, "%s", caption);
    cr_expect(strstr(caption, "as good as any") == NULL, "%s", caption);
    json_decref(chart);
}

static void expect_caption(const char *csv, svi_chart_id id, const char *words)
{
    clear();
    set_document(csv);
    json_t *chart = chart_of(id);
    cr_expect(strstr(text_in(chart, "caption"), words) != NULL, "no \"%s\" in: %s", words,
              text_in(chart, "caption"));
    json_decref(chart);
}

/* Two arms that run seeds 0 to 11: of b all losses are 1 higher. Those of test data follow those
 * of validation data with `slope`, but for `noise`, which a seed's parity decides. */
static const char *losses(double slope, double noise)
{
    static char csv[2000];
    size_t n = (size_t)snprintf(csv, sizeof csv, "arm,seed,val_loss,test_loss\n");
    for (int i = 0; i < 24; i++) {
        int seed = i / 2, arm = i % 2;
        n += (size_t)snprintf(csv + n, sizeof csv - n, "%c,%d,%d,%.3f\n", "ab"[arm], seed,
                              10 + seed + arm,
                              10 + slope * seed + arm + (seed % 2 == 0 ? noise : -noise));
    }
    return csv;
}

/* A gain of a search over losses is positive too. The best of 10 of the seeds 0 to 11 is 2/11 on
 * average, all are 5.5. */
Test(charts, what_a_search_gains_is_told_as_far_as_it_is_known)
{
    static const struct {
        double slope, noise;
        const char *words;
    } cases[] = {
        {0.9, 0, "on test data: part of what is picked is real."},
        {0.01, 0, "on test data: most of what is picked is luck on the validation data."},
        {0, 4, "on test data: how much of what is picked is real these runs do not tell."},
    };
    expect_caption(losses(0.9, 0), SVI_CHART_gains,
                   "In arm a, the best of 10 seeds by val_loss seems to gain 5.3 and gains 4.8 [");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_caption(losses(cases[i].slope, cases[i].noise), SVI_CHART_gains, cases[i].words);
}

/* Cells of a grid share seeds: there is no interval, and so no conclusion. */
Test(charts, what_a_search_gains_is_left_open_without_an_interval)
{
    expect_caption(grid_csv, SVI_CHART_gains, "is real these runs do not tell.");
}

Test(charts, rare_signs_have_the_words_of_the_answer)
{
    expect_caption(losses(0.9, 0), SVI_CHART_opposite,
                   "the opposite sign in under 1% of cases, with 50 seeds in under 1%.");
}

/* Of fast the six that are famous are the best, of base they are not. */
Test(charts, famous_seeds_are_told_of_by_arm)
{
    static char csv[2000];
    size_t n = (size_t)snprintf(csv, sizeof csv, "arm,seed,test_accuracy\n");
    for (int seed = 0; seed < 12; seed++) {
        bool is_famous = seed < 4 || seed == 7 || seed == 10;
        n += (size_t)snprintf(csv + n, sizeof csv - n, "base,%d,0.%d\nfast,%d,0.%d\n", seed,
                              10 + seed % 5, seed, (is_famous ? 50 : 10) + seed);
    }
    expect_caption(csv, SVI_CHART_famous,
                   "They differ from the others in 1 of 2 rank-sum tests (fast: p = 0.0051); by "
                   "chance they do in one of twenty. 6 of 12 seeds are so few that");
}

/* Seed 3 has diverged: it is famous, but not in the picture of the others. */
Test(charts, an_outlier_does_not_stretch_the_distribution)
{
    static const char header[] = "seed,test_accuracy\n";
    char csv[2000];
    size_t n = (size_t)snprintf(csv, sizeof csv, "%s", header);
    for (int i = 0; i < 60; i++)
        n += (size_t)snprintf(csv + n, sizeof csv - n, "%d,%.3f\n", i + 2,
                              i == 1 ? 0.1 : 0.9 + 0.001 * (i % 20));
    clear();
    set_document(csv);
    json_t *chart = chart_of(SVI_CHART_distribution);
    cr_expect_eq(number_in(row_of(chart, "famous", 0), "seed"), 2);
    cr_expect_eq(number_in(row_of(chart, "famous", 1), "seed"), 7);
    cr_expect(strstr(text_in(chart, "caption"), "lie outside the picture") != NULL, "%s",
              text_in(chart, "caption"));
    json_decref(chart);
}

/* ---- the report ---- */

Test(charts, figures_stand_by_themselves)
{
    json_t *chart = chart_of(SVI_CHART_distribution), *spec = svi_chart_standalone(chart);
    char *text = json_dumps(spec, 0);
    cr_expect_null(strstr(text, "var(--"));
    cr_expect_not_null(strstr(text, "#0072b2"));
    cr_expect_not_null(json_object_get(spec, "width"));
    free(text);
    json_decref(spec);
    json_decref(chart);
}

Test(charts, unknown_formats_and_broken_atlases_are_refused)
{
    const sv_findings *both[] = {findings, findings};
    char *text = NULL;
    sv_error error = {0};
    cr_expect_eq(sv_report(both, 1, NULL, "gif", &text, &error), SV_ERR_USAGE);
    cr_expect_eq(sv_report(both, 1, "{", "html", &text, &error), SV_ERR_DATA);
    cr_assert_eq(sv_report(both, 2, atlas, "json", &text, &error), SV_OK, "%s", error.message);
    json_t *report = json_loads(text, 0, NULL);
    cr_expect_eq(json_array_size(json_object_get(report, "studies")), 2);
    json_decref(report);
    sv_free(text);
}
