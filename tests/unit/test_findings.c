/* From runs to findings to text and JSON: planted effects and faults come out, and nothing is left
 * unsaid. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/findings.h"
#include "base/text.h"

/* SplitMix64, so that planted noise is the same everywhere. */
static double noise(uint64_t *state)
{
    double sum = -6;
    for (int i = 0; i < 12; i++) {
        uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        sum += (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
    }
    return sum;
}

static sv_findings *analyze(const char *csv, const sv_analysis_options *options)
{
    char path[] = "/tmp/svi-find-XXXXXX";
    sv_findings *findings = NULL;
    sv_error error = {0};
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, csv, strlen(csv)) == (ssize_t)strlen(csv));
    close(fd);
    cr_assert_eq(sv_analyze_csv(path, options, &findings, &error), SV_OK, "%s", error.message);
    unlink(path);
    strcpy(findings->study, "planted");
    strcpy(findings->origin, "planted.csv");
    return findings;
}

static sv_findings *analyze_text(svi_text *csv, const sv_analysis_options *options)
{
    sv_findings *findings = analyze(csv->bytes, options);
    svi_text_clear(csv);
    return findings;
}

static char *text_of(const sv_findings *findings)
{
    char *text = NULL;
    cr_assert_eq(sv_findings_text(findings, &text, NULL), SV_OK);
    return text;
}

static json_t *json_of(const sv_findings *findings)
{
    char *text = NULL;
    json_error_t error;
    cr_assert_eq(sv_findings_json(findings, &text, NULL), SV_OK);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    cr_assert_not_null(root, "%s at line %d", error.text, error.line);
    sv_free(text);
    return root;
}

/* 30 inits with SD 3, 20 orders with SD 2, interaction with SD 1; the rows in no order. */
static void add_grid(svi_text *csv, const char *arm, double shift, uint64_t seed)
{
    uint64_t state = 5;
    double init[30], order[20];
    for (int i = 0; i < 30; i++) init[i] = 3 * noise(&state);
    for (int j = 0; j < 20; j++) order[j] = 2 * noise(&state);
    state = seed;
    for (int k = 0; k < 600; k++) {
        int i = k * 7 % 600 / 20, j = k * 7 % 20;
        double value = init[i] + order[j] + noise(&state) + shift;
        svi_text_add(csv, "%s,serial fp32,%d,%d,%.17g\n", arm, i, j, value);
    }
}

Test(findings, planted_variances_of_a_grid_are_recovered)
{
    static const struct {
        const char *label;
        double variance;
    } planted[] = {{"init", 9}, {"order", 4}, {"init:order", 1}};
    svi_text csv = {0};
    svi_text_add(&csv, "arm,numerics,seed_init,seed_order,score\n");
    add_grid(&csv, "base", 0, 11);
    sv_findings *findings = analyze_text(&csv, NULL);
    cr_expect_str_eq(findings->design, "crossed");
    cr_assert_eq(findings->n_components, 1);
    cr_assert_eq(findings->components[0].n_rows, 3);
    for (size_t c = 0; c < 3; c++) {
        const svi_component *row = &findings->components[0].rows[c];
        cr_expect_str_eq(findings->components[0].labels[c], planted[c].label);
        cr_expect(row->interval.low < planted[c].variance &&
                      planted[c].variance < row->interval.high,
                  "%s: %g [%g, %g]", planted[c].label, row->variance, row->interval.low,
                  row->interval.high);
    }
    sv_findings_close(findings);
}

/* The mean of a grid is known as well as its few inits and orders allow, not as well as 600 runs
 * would. */
Test(findings, intervals_of_a_grid_allow_for_shared_seeds)
{
    svi_text csv = {0};
    svi_text_add(&csv, "arm,numerics,seed_init,seed_order,score\n");
    add_grid(&csv, "base", 0, 11);
    sv_findings *findings = analyze_text(&csv, NULL);
    const svi_summary *values = &findings->summaries[0].values;
    double half_width = (values->mean_interval.high - values->mean_interval.low) / 2;
    cr_expect(findings->summaries[0].shares_seeds);
    cr_expect(half_width > 0.9 && half_width < 2.5, "%g",
              half_width); /* sqrt(9/30 + 4/20) * 2 = 1.4 */
    cr_expect(values->sd_interval.low > 2.8 && values->sd_interval.low < 3.74 &&
                  values->sd_interval.high > 3.74 && values->sd_interval.high < 5.5,
              "[%g, %g] for sqrt(9 + 4 + 1)", values->sd_interval.low, values->sd_interval.high);
    cr_expect_float_eq(values->sd, sqrt(findings->components[0].total_variance), 1e-12);
    cr_expect(isnan(values->quantiles[0].interval.low));
    sv_findings_close(findings);
}

Test(findings, a_planted_difference_is_found_on_a_grid)
{
    svi_text csv = {0};
    svi_text_add(&csv, "arm,numerics,seed_init,seed_order,accuracy_index\n");
    add_grid(&csv, "base", 0, 11);
    add_grid(&csv, "new", 0.5, 12);
    sv_findings *findings = analyze_text(&csv, NULL);
    cr_assert_eq(findings->n_comparisons, 1);
    const svi_comparison_finding *comparison = &findings->comparisons[0];
    cr_expect(comparison->is_paired);
    cr_expect(comparison->difference.interval.low < 0.5 &&
              comparison->difference.interval.high > 0.5);
    cr_expect_eq(comparison->decision, SVI_HIGHER);
    cr_expect(isnan(comparison->superiority.interval.low));
    cr_expect(comparison->difference.correlation > 0.85);
    sv_findings_close(findings);
}

/* The difference varies by init alone, so that 600 pairs tell no more of it than 30 inits. */
Test(findings, a_difference_that_depends_on_init_is_known_by_its_inits)
{
    svi_text csv = {0};
    uint64_t state = 9;
    svi_text_add(&csv, "arm,seed_init,seed_order,score\n");
    for (int k = 0; k < 600; k++) {
        int i = k * 7 % 600 / 20, j = k * 7 % 20;
        svi_text_add(&csv, "base,%d,%d,%.17g\n", i, j, 0.001 * noise(&state));
        svi_text_add(&csv, "new,%d,%d,%.17g\n", i, j, 0.1 * i + 0.001 * noise(&state));
    }
    sv_findings *findings = analyze_text(&csv, NULL);
    const svi_difference *difference = &findings->comparisons[0].difference;
    cr_expect_float_eq(difference->difference, 1.45, 1e-3);
    cr_expect_float_eq(difference->standard_error, 0.1 * sqrt(30 * 31 / 12.0 / 30), 1e-3);
    cr_expect_float_eq(difference->df, 29, 0.1);
    sv_findings_close(findings);
}

static void add_sweep(svi_text *csv, const char *arm, int n, double shift, double own,
                      uint64_t seed)
{
    uint64_t state = 5, other = seed;
    for (int i = 0; i < n; i++) {
        svi_text_add(csv, "%s,%d,%.6f\n", arm, i,
                     0.5 + 0.01 * (noise(&state) + own * noise(&other) + shift));
    }
}

static svi_decision decide(double shift, double own, double margin, const char *metric)
{
    svi_text csv = {0};
    const sv_analysis_options options = {.margin = margin};
    svi_text_add(&csv, "arm,seed,%s\n", metric);
    add_sweep(&csv, "base", 200, 0, own, 7);
    add_sweep(&csv, "new", 200, shift, own, 8);
    sv_findings *findings = analyze_text(&csv, &options);
    svi_decision decision = findings->comparisons[0].decision;
    sv_findings_close(findings);
    return decision;
}

Test(findings, verdicts_know_the_direction_of_a_metric)
{
    cr_expect_eq(decide(2, 1, 0, "test_accuracy"), SVI_BETTER);
    cr_expect_eq(decide(-2, 1, 0, "test_accuracy"), SVI_WORSE);
    cr_expect_eq(decide(-2, 1, 0, "test_loss"), SVI_BETTER);
    cr_expect_eq(decide(2, 1, 0, "speed"), SVI_HIGHER);
    cr_expect_eq(decide(-2, 1, 0, "speed"), SVI_LOWER);
    cr_expect_eq(decide(0, 1, 0, "test_accuracy"), SVI_UNDECIDED);
    cr_expect_eq(decide(0, 1, 0.01, "test_accuracy"), SVI_EQUIVALENT);
}

Test(findings, arms_without_common_seeds_are_compared_as_independent)
{
    sv_findings *findings =
        analyze("arm,seed,r2\na,1,0.1\na,2,0.2\na,3,0.3\nb,4,0.7\nb,5,0.8\nb,6,0.9\n", NULL);
    cr_assert_eq(findings->n_comparisons, 1);
    cr_expect_not(findings->comparisons[0].is_paired);
    cr_expect_str_eq(findings->comparisons[0].test, "Welch");
    cr_expect_eq(findings->comparisons[0].decision, SVI_BETTER);
    sv_findings_close(findings);
}

Test(findings, replicates_of_a_sweep_are_split_from_seeds)
{
    svi_text csv = {0};
    uint64_t state = 3;
    svi_text_add(&csv, "numerics,seed,replicate,score\n");
    for (int i = 0; i < 100; i++) {
        double seed_effect = 2 * noise(&state);
        for (int r = 0; r < 4; r++) {
            svi_text_add(&csv, "drawn/8 fp32,%d,%d,%.17g\n", i, r,
                         seed_effect + 0.5 * noise(&state));
        }
    }
    sv_findings *findings = analyze_text(&csv, NULL);
    const svi_components_finding *split = &findings->components[0];
    cr_expect_str_eq(findings->design, "sweep");
    cr_assert_eq(split->n_rows, 2);
    cr_expect_str_eq(split->labels[0], "seed");
    cr_expect_str_eq(split->labels[1], "replicate");
    cr_expect(split->rows[0].interval.low < 4 && split->rows[0].interval.high > 4);
    cr_expect(split->rows[1].interval.low < 0.25 && split->rows[1].interval.high > 0.25);
    cr_expect_eq(findings->famous[0].n_seeds, 100);
    sv_findings_close(findings);
}

Test(findings, a_special_seed_is_ranked)
{
    svi_text csv = {0};
    svi_text_add(&csv, "seed,test_loss\n");
    for (int i = 0; i < 50; i++)
        svi_text_add(&csv, "%d,%d\n", i, i == 42 ? 0 : 1000 + (i * 17) % 50);
    sv_findings *findings = analyze_text(&csv, NULL);
    const svi_famous_finding *famous = &findings->famous[0];
    cr_assert_eq(famous->n_famous, 9); /* 0, 1, 2, 3, 7, 10, 13, 21, 42 */
    cr_expect_eq(famous->famous[8].seed, 42);
    cr_expect_float_eq(famous->famous[8].rank, 1, 0);
    cr_expect_float_eq(famous->famous[8].value, 0, 0);
    cr_expect_float_eq(famous->famous[8].percentile, 1, 1e-12);
    cr_expect(famous->test.p > 0 && famous->test.p <= 1);
    sv_findings_close(findings);
}

static const char faulty[] =
    "numerics,seed_init,seed_order,replicate,status,digest,test_accuracy,test_loss\n"
    "serial fp32,0,0,0,ok,00000000000000000000000000000001,0.5,1\n"
    "serial fp32,0,1,0,ok,00000000000000000000000000000002,0.6,2\n"
    "serial fp32,1,0,0,ok,00000000000000000000000000000001,0.7,3\n" /* the bits of seeds 0, 0 */
    "serial fp32,1,1,0,diverged,00000000000000000000000000000004,0.1,nan\n"
    "serial fp32,0,0,1,ok,00000000000000000000000000000001,0.5,1\n"
    "serial fp32,0,1,1,ok,00000000000000000000000000000005,0.6,2\n" /* differs from its replicate */
    "serial fp32,1,0,1,ok,00000000000000000000000000000001,0.7,3\n"
    "serial fp32,1,1,1,diverged,00000000000000000000000000000004,0.1,nan\n";

Test(findings, planted_faults_are_reported)
{
    sv_findings *findings = analyze(faulty, NULL);
    const svi_checks *checks = &findings->checks;
    cr_expect_eq(checks->n_diverged, 2);
    cr_expect(checks->equal_digests.is_checked && checks->unequal_digests.is_checked);
    cr_expect_eq(checks->equal_digests.n_groups, 1);
    cr_expect_eq(checks->equal_digests.n_runs, 2);
    cr_expect_eq(checks->unequal_digests.n_groups, 1);
    cr_expect_eq(checks->unequal_digests.n_runs, 1);
    char *text = text_of(findings);
    cr_expect(strstr(text, "2 runs have the bits of another run") != NULL, "%s", text);
    cr_expect(strstr(text, "1 runs differ from a replicate") != NULL, "%s", text);
    cr_expect(strstr(text, "2 of 8 runs failed") != NULL, "%s", text);
    sv_free(text);
    sv_findings_close(findings);
}

/* The text is broken into lines at other places. */
static bool has_words(const char *text, const char *words)
{
    for (; *text != '\0'; text++) {
        const char *t = text, *w = words;
        while (*w != '\0' && (*t == *w || (*t == '\n' && *w == ' '))) t++, w++;
        if (*w == '\0') return true;
    }
    return false;
}

Test(findings, finite_values_of_diverged_runs_count)
{
    sv_findings *findings = analyze(faulty, NULL);
    for (size_t i = 0; i < findings->n_summaries; i++) {
        const svi_summary_finding *summary = &findings->summaries[i];
        bool is_accuracy =
            strcmp(findings->metrics[summary->subject.metric].name, "test_accuracy") == 0;
        cr_expect(summary->n_runs == 8 && summary->n_failed == 2 && summary->n_diverged == 2);
        cr_expect_eq(summary->values.n, is_accuracy ? 8 : 6);
        cr_expect_float_eq(summary->values.mean, is_accuracy ? 3.8 / 8 : 2, 1e-15);
    }
    char *text = text_of(findings);
    cr_expect(has_words(text, "of the 8 finite values, 2 of them from diverged runs."), "%s", text);
    sv_free(text);
    sv_findings_close(findings);
}

Test(findings, saturated_runs_count_and_are_told)
{
    sv_findings *findings = analyze("seed,numerics,status,acc\n0,fixed fp32,ok,0.1\n"
                                    "1,fixed fp32,saturated,0.3\n2,fixed fp32,saturated,0.8\n"
                                    "0,serial fp32,ok,0.1\n1,serial fp32,ok,0.2\n",
                                    NULL);
    const svi_summary_finding *fixed = &findings->summaries[0], *serial = &findings->summaries[1];
    cr_expect_eq(findings->checks.n_saturated, 2);
    cr_expect_eq(findings->checks.n_diverged, 0);
    cr_expect(fixed->n_saturated == 2 && serial->n_saturated == 0);
    cr_expect_eq(fixed->n_failed, 0);
    cr_expect_eq(fixed->values.n, 3);
    cr_expect_float_eq(fixed->values.mean, 0.4, 1e-15);
    char *text = text_of(findings), *json = NULL;
    sv_error error = {0};
    cr_expect(strstr(text, "fixed fp32: 2 of 3 runs saturated") != NULL, "%s", text);
    cr_assert_eq(sv_findings_json(findings, &json, &error), SV_OK, "%s", error.message);
    cr_expect(strstr(json, "\"n_saturated\": 2") != NULL, "%s", json);
    sv_free(json);
    sv_free(text);
    sv_findings_close(findings);
}

/* Not trained: no values, no digest, no copies of each other. */
Test(findings, unsupported_runs_are_counted_apart)
{
    sv_findings *findings =
        analyze("seed,numerics,status,digest,acc\n"
                "0,cublas:bf16x9 fp32,unsupported,00000000000000000000000000000000,\n"
                "1,cublas:bf16x9 fp32,unsupported,00000000000000000000000000000000,\n"
                "0,serial fp32,ok,11111111111111111111111111111111,0.1\n"
                "1,serial fp32,ok,22222222222222222222222222222222,0.2\n",
                NULL);
    const svi_checks *checks = &findings->checks;
    cr_assert_eq(checks->n_unsupported, 1);
    cr_expect_eq(checks->unsupported[0].n_runs, 2);
    cr_expect_eq(checks->equal_digests.n_runs, 0);
    cr_expect_eq(checks->n_diverged, 0);
    cr_expect_eq(findings->n_summaries, 1);
    cr_expect_eq(findings->summaries[0].n_failed, 0);
    char *text = text_of(findings), *json = NULL;
    sv_error error = {0};
    cr_expect(has_words(text, "cublas:bf16x9 fp32: 2 runs unsupported"), "%s", text);
    cr_assert_eq(sv_findings_json(findings, &json, &error), SV_OK, "%s", error.message);
    cr_expect(strstr(json, "\"n_runs\": 2") != NULL, "%s", json);
    sv_free(json);
    sv_free(text);
    sv_findings_close(findings);
}

/* Diverged runs may all end as NaN, which is no sign of copies. */
Test(findings, equal_digests_of_diverged_runs_are_no_fault)
{
    sv_findings *findings =
        analyze("seed,status,digest,acc\n1,diverged,00000000000000000000000000000004,0.1\n"
                "2,diverged,00000000000000000000000000000004,0.1\n"
                "3,ok,00000000000000000000000000000005,0.2\n",
                NULL);
    cr_expect_eq(findings->checks.n_diverged, 2);
    cr_expect_eq(findings->checks.equal_digests.n_runs, 0);
    sv_findings_close(findings);
}

Test(findings, failed_runs_are_counted_and_their_values_left_out)
{
    const sv_analysis_options options = {.metric = "test_loss"};
    sv_findings *findings = analyze(faulty, &options);
    for (size_t i = 0; i < findings->n_summaries; i++) {
        const svi_summary_finding *summary = &findings->summaries[i];
        bool is_loss = strcmp(findings->metrics[summary->subject.metric].name, "test_loss") == 0;
        cr_expect_eq(summary->n_runs, 8);
        cr_expect_eq(summary->n_failed, 2);
        cr_expect_eq(summary->values.n, is_loss ? 6u : 8u);
        cr_expect(summary->failure_interval.low > 0.03 && summary->failure_interval.high < 0.66);
    }
    cr_expect_str_eq(findings->metrics[findings->headline].name, "test_loss");
    char *text = text_of(findings);
    cr_expect(strstr(text, "2 of 8 runs have no finite test_loss") != NULL, "%s", text);
    sv_free(text);
    sv_findings_close(findings);
}

static void expect_part(const sv_findings *findings, const char *part, const char *words)
{
    char *text = NULL;
    cr_assert_eq(sv_findings_part(findings, part, false, &text, NULL), SV_OK);
    cr_expect(has_words(text, words), "wanted `%s` in %s", words, text);
    sv_free(text);
}

/* The arms base, new and other, whose rows end in `fields` but for base. */
static sv_findings *with_failed_arm(const char *header, const char *fields)
{
    svi_text csv = {0};
    svi_text_add(&csv, "arm,seed,%s\n", header);
    for (int i = 0; i < 4; i++)
        svi_text_add(&csv, "base,%d,0.%d,,ok\nother,%d,0.%d,,ok\nnew,%d,%s\n", i, i + 1, i, 9 - i,
                     i, fields);
    return analyze_text(&csv, NULL);
}

static const svi_summary_finding *summary_of(const sv_findings *findings, const char *arm,
                                             const char *metric)
{
    for (size_t i = 0; i < findings->n_summaries; i++) {
        const svi_subject *subject = &findings->summaries[i].subject;
        if (strcmp(findings->arm_names[subject->arm], arm) == 0 &&
            strcmp(findings->metrics[subject->metric].name, metric) == 0)
            return &findings->summaries[i];
    }
    return NULL;
}

static void expect_failed(const sv_findings *findings, const char *metric, uint64_t n_diverged)
{
    const svi_summary_finding *summary = summary_of(findings, "new", metric);
    cr_assert_not_null(summary);
    cr_expect(summary->values.n == 0 && isnan(summary->values.mean));
    cr_expect(summary->n_runs == 4 && summary->n_failed == 4);
    cr_expect_eq(summary->n_diverged, n_diverged);
    cr_expect_eq(summary->failure_interval.high, 1);
    cr_expect_str_eq(summary->reason, "none of its 4 runs has a finite value");
}

/* Results that are not finite, and runs that crashed before they had any. */
Test(findings, an_arm_that_failed_altogether_has_a_summary)
{
    static const struct {
        const char *fields;
        uint64_t n_diverged;
    } failed[] = {
        {"nan,,ok", 0}, {"inf,3,ok", 0}, {",,crashed", 4}, {",7,crashed", 4}, {",,ok", 0}};
    for (size_t i = 0; i < sizeof failed / sizeof *failed; i++) {
        sv_findings *findings = with_failed_arm("test_loss,epochs,status", failed[i].fields);
        expect_failed(findings, "test_loss", failed[i].n_diverged);
        sv_findings_close(findings);
    }
}

/* A network for a regression has no accuracy, be one of its runs diverged or not. */
Test(findings, an_arm_without_the_metric_has_not_failed)
{
    sv_findings *findings = analyze("arm,seed,test_accuracy,rmse,status\n"
                                    "base,0,0.1,,ok\nbase,1,0.2,,ok\n"
                                    "new,0,,5,ok\nnew,1,,6,ok\nnew,2,,,diverged\n",
                                    NULL);
    cr_expect_null(summary_of(findings, "new", "test_accuracy"));
    cr_expect_null(summary_of(findings, "base", "rmse"));
    cr_expect_eq(summary_of(findings, "new", "rmse")->n_failed, 1);
    cr_expect_eq(findings->n_comparisons, 0);
    sv_findings_close(findings);
}

Test(findings, an_arm_that_failed_altogether_is_not_compared)
{
    sv_findings *findings = with_failed_arm("test_loss,epochs,status", "nan,,diverged");
    size_t n_failed = 0;
    for (size_t i = 0; i < findings->n_comparisons; i++) {
        const svi_comparison_finding *comparison = &findings->comparisons[i];
        bool is_new = strcmp(findings->arm_names[comparison->subject.arm], "new") == 0;
        cr_expect_str_eq(comparison->reason,
                         is_new ? "none of the runs of new has a finite value" : "");
        if (!is_new) cr_expect(comparison->n_together == 1); /* what is not tested costs nothing */
        n_failed += is_new;
    }
    cr_expect(findings->n_comparisons == 3 && n_failed == 2);
    cr_expect(findings->n_howmany == 3);
    sv_findings_close(findings);
}

Test(findings, an_arm_that_failed_altogether_is_told)
{
    sv_findings *findings = with_failed_arm("test_loss,epochs,status", "nan,,diverged");
    char *text = text_of(findings), *page = NULL;
    const sv_findings *const studies[] = {findings};
    cr_expect(has_words(text, "No run of new has a finite test_loss."), "%s", text);
    cr_expect(strstr(text, "\n  new         4       0      ") != NULL, "%s", text);
    cr_expect(has_words(text, "new, imported: all 4 runs failed (4 diverged)"), "%s", text);
    cr_expect(strstr(text, "nothing to report") == NULL, "%s", text);
    expect_part(findings, "paragraph", "No run of new has a finite test_loss.");
    expect_part(findings, "howmany", "new is not compared with base: none of the runs of new");
    cr_assert_eq(sv_report(studies, 1, NULL, "markdown", &page, NULL), SV_OK);
    cr_expect(has_words(page, "No run of new has a finite test_loss."), "%s", page);
    json_t *root = json_of(findings), *row;
    size_t i, n = 0;
    json_array_foreach(json_object_get(root, "summary"), i, row)
    {
        if (json_integer_value(json_object_get(row, "n")) > 0) continue;
        cr_expect(json_is_null(json_object_get(row, "mean")));
        cr_expect_eq(json_number_value(json_object_get(row, "failure_rate")), 1);
        cr_expect(json_number_value(json_object_get(row, "failure_rate_low")) > 0.3);
        cr_expect(json_is_string(json_object_get(row, "reason")));
        n++;
    }
    cr_expect_eq(n, 1);
    json_decref(root);
    sv_free(page);
    sv_free(text);
    sv_findings_close(findings);
}

/* Those with a finite value are among the runs told of, the others are not. */
Test(findings, the_paragraph_tells_failed_runs_apart)
{
    sv_findings *findings = analyze("seed,test_loss,status\n0,0.1,ok\n1,0.2,ok\n2,0.3,diverged\n"
                                    "3,nan,diverged\n4,,diverged\n",
                                    NULL);
    expect_part(findings, "paragraph", "between 3 runs (1 of them diverged, 2 more failed).");
    sv_findings_close(findings);
    findings = analyze(faulty, NULL);
    expect_part(findings, "paragraph", "8 runs (2 of them diverged).");
    sv_findings_close(findings);
    findings = analyze("seed,test_loss\n0,0.1\n1,0.2\n2,nan\n", NULL);
    expect_part(findings, "paragraph", "between 2 runs (1 more failed).");
    sv_findings_close(findings);
}

Test(findings, heavy_tails_are_reported)
{
    svi_text csv = {0};
    svi_text_add(&csv, "seed,loss\n");
    for (int i = 0; i < 60; i++) svi_text_add(&csv, "%d,%d\n", i, i == 30 ? 1000 : i % 7);
    sv_findings *findings = analyze_text(&csv, NULL);
    cr_assert_eq(findings->checks.n_heavy_tails, 1);
    cr_expect(findings->checks.heavy_tails[0].excess_kurtosis > 30);
    cr_expect_str_eq(findings->checks.heavy_tails[0].farthest_run, "seed 30, replicate 0");
    cr_expect_eq(findings->checks.heavy_tails[0].farthest_value, 1000);
    char *text = text_of(findings);
    cr_expect(strstr(text, "farthest run, seed 30, replicate 0, has 1000.") != NULL, "%s", text);
    sv_free(text);
    sv_findings_close(findings);
}

Test(findings, options_that_cannot_be_used_are_refused)
{
    static const sv_analysis_options wrong[] = {
        {.metric = "speed"}, {.level = 1.5}, {.margin = -1}, {.margin = NAN}};
    static const char *const says[] = {"there is no metric speed; the metrics are acc", "level",
                                       "margin", "margin"};
    char path[] = "/tmp/svi-find-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(write(fd, "seed,acc\n1,0\n2,1\n", 17) == 17);
    close(fd);
    for (size_t i = 0; i < 4; i++) {
        sv_findings *findings = NULL;
        sv_error error = {0};
        cr_expect_eq(sv_analyze_csv(path, &wrong[i], &findings, &error), SV_ERR_USAGE);
        cr_expect(strstr(error.message, says[i]) != NULL, "%s", error.message);
    }
    unlink(path);
}

static const char *const all_keys[] = {
    "schema",        "study",          "machine",  "summary",     "components",
    "comparison",    "famous_seeds",   "checks",   "indices",     "distribution",
    "probe",         "nondeterminism", "design",   "predictions", "seed_choice",
    "expected_best", "howmany",        "headline", "level",       "performance_profile",
    "paragraph"};

static bool has_parts(const char *key)
{
    return strcmp(key, "checks") == 0 || strcmp(key, "seed_choice") == 0 ||
           strcmp(key, "howmany") == 0 || strcmp(key, "nondeterminism") == 0;
}

static void expect_every_key(const json_t *root)
{
    for (size_t i = 0; i < sizeof all_keys / sizeof *all_keys; i++) {
        const json_t *value = json_object_get(root, all_keys[i]);
        cr_expect_not_null(value, "%s", all_keys[i]);
        if (!json_is_object(value) || has_parts(all_keys[i])) continue;
        const char *reason = json_string_value(json_object_get(value, "reason"));
        cr_expect(reason != NULL && strlen(reason) > 10, "%s", all_keys[i]);
    }
    cr_expect_str_eq(json_string_value(json_object_get(root, "schema")), "seedvar.findings/1");
}

static const json_t *row_of(const json_t *root, const char *key, size_t i)
{
    const json_t *row = json_array_get(json_object_get(root, key), i);
    cr_assert_not_null(row, "%s[%zu]", key, i);
    return row;
}

static double number(const json_t *object, const char *key)
{
    cr_assert(json_is_number(json_object_get(object, key)), "%s", key);
    return json_number_value(json_object_get(object, key));
}

static double with_12_digits(double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.12g", value);
    return strtod(text, NULL);
}

Test(findings, json_of_a_grid_has_every_key_and_the_numbers_of_the_findings)
{
    svi_text csv = {0};
    svi_text_add(&csv, "arm,numerics,seed_init,seed_order,score\n");
    add_grid(&csv, "base", 0, 11);
    add_grid(&csv, "new", 0.5, 12);
    sv_findings *findings = analyze_text(&csv, NULL);
    json_t *root = json_of(findings);
    expect_every_key(root);
    const json_t *component = row_of(root, "components", 0),
                 *comparison = row_of(root, "comparison", 0);
    cr_expect_str_eq(json_string_value(json_object_get(component, "source")), "init");
    cr_expect_str_eq(json_string_value(json_object_get(component, "design")), "crossed");
    double variance = findings->components[0].rows[0].variance;
    double difference = findings->comparisons[0].difference.difference;
    cr_expect_eq(number(component, "variance"), with_12_digits(variance));
    cr_expect_neq(variance, with_12_digits(variance));
    cr_expect(number(component, "share_low") < number(component, "share_high"));
    cr_expect_eq(number(comparison, "difference"), with_12_digits(difference));
    cr_expect_eq(json_array_size(json_object_get(comparison, "mislead")), SVI_MISLEAD_N_MAX);
    cr_expect(json_is_true(json_object_get(comparison, "paired")));
    cr_expect_float_eq(number(comparison, "n"), 600, 0);
    const json_t *third = json_array_get(json_object_get(comparison, "mislead"), 2);
    cr_expect_float_eq(number(third, "n"), 3, 0);
    cr_expect_float_eq(number(third, "other_verdict"),
                       findings->comparisons[0].points[2].verdict.probability, 0);
    const json_t *verdict = json_object_get(comparison, "verdict");
    cr_expect_str_eq(json_string_value(json_object_get(verdict, "decision")), "higher");
    const json_t *summary = row_of(root, "summary", 0);
    cr_expect_lt(json_number_value(json_object_get(summary, "sd_low")),
                 json_number_value(json_object_get(summary, "sd")));
    cr_expect(json_is_null(
        json_object_get(json_array_get(json_object_get(summary, "quantiles"), 3), "low")));
    cr_expect_eq(json_array_size(json_object_get(summary, "quantiles")), 7);
    json_decref(root);
    sv_findings_close(findings);
}

Test(findings, json_of_one_sweep_gives_reasons)
{
    sv_findings *findings =
        analyze("seed,acc\n0,0.5\n1,0.6\n2000,0.7\n18446744073709551615,0.1\n", NULL);
    json_t *root = json_of(findings);
    expect_every_key(root);
    cr_expect_not_null(json_object_get(json_object_get(root, "comparison"), "reason"));
    cr_expect_not_null(json_object_get(row_of(root, "components", 0), "reason"));
    const json_t *famous = row_of(root, "famous_seeds", 0);
    cr_expect_eq(json_array_size(json_object_get(famous, "seeds")), 2);
    json_decref(root);
    sv_findings_close(findings);
}

Test(findings, one_run_is_no_crash_but_a_reason)
{
    sv_findings *findings = analyze("seed,acc\n7,0.5\n", NULL);
    json_t *root = json_of(findings);
    expect_every_key(root);
    cr_expect_not_null(json_object_get(row_of(root, "summary", 0), "reason"));
    json_decref(root);
    char *text = text_of(findings);
    cr_expect(strstr(text, "planted: 1 run,") != NULL, "%s", text);
    sv_free(text);
    sv_findings_close(findings);
}
