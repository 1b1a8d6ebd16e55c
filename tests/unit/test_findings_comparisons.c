/* Arm against arm, from runs to the verdict and the chances that stand beside it. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "analysis/findings.h"
#include "base/text.h"
#include "philox.h"
#include "stats/quantile.h"

static double normal(uint32_t stream, uint32_t i)
{
    return svi_normal_quantile(((double)svk_draw(77, stream, 0, i) + 0.5) * 0x1p-32);
}

static sv_status try(svi_text *csv, const sv_analysis_options *options, sv_findings **findings,
                     sv_error *error)
{
    char path[] = "/tmp/svi-comparisons-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, csv->bytes, csv->n) == (ssize_t)csv->n);
    close(fd);
    sv_status status = sv_analyze_csv(path, options, findings, error);
    unlink(path);
    return status;
}

static sv_findings *analyze(svi_text *csv, const sv_analysis_options *options)
{
    sv_findings *findings = NULL;
    sv_error error = {0};
    cr_assert_eq(try(csv, options, &findings, &error), SV_OK, "%s", error.message);
    svi_text_clear(csv);
    return findings;
}

static void expect_text(const sv_findings *findings, const char *fragment)
{
    char *text = NULL;
    cr_assert_eq(sv_findings_text(findings, &text, NULL), SV_OK);
    for (char *c = text; *c != '\0'; c++)
        if (*c == '\n') *c = ' ';
    cr_expect_not_null(strstr(text, fragment), "wanted `%s` in %s", fragment, text);
    sv_free(text);
}

/* ---- verdicts of sweeps ---------------------------------------------------------------------- */

/* Differences of mean 0.55 and SD 0.7: with ten seeds p is 0.03, three times that with three arms.
 */
static void add_sweep(svi_text *csv, const char *arm, double shift, uint32_t stream, int n_copies)
{
    double mean = 0, sd = 0, z[10];
    for (uint32_t s = 0; s < 10; s++) mean += (z[s] = normal(stream, s)) / 10;
    for (uint32_t s = 0; s < 10; s++) sd += (z[s] - mean) * (z[s] - mean) / 9;
    for (uint32_t s = 0; s < 10; s++)
        for (int copy = 0; copy < n_copies; copy++)
            svi_text_add(csv, "%s,%u,%d,%.9f\n", arm, s, copy,
                         10 + shift + (shift != 0 ? 0.7 * (z[s] - mean) / sqrt(sd) : 0));
}

static svi_text arms(int n_arms, int n_copies)
{
    svi_text csv = {0};
    svi_text_add(&csv, "arm,seed,replicate,accuracy_like\n");
    add_sweep(&csv, "base", 0, 1, n_copies);
    add_sweep(&csv, "new", 0.55, 2, n_copies);
    if (n_arms > 2) add_sweep(&csv, "other", 0.5, 3, n_copies);
    return csv;
}

/* Two arms: better. Three: Holm leaves it open, and a small study has "another verdict" where it
 * claims something. */
Test(findings_comparisons, chances_are_counted_against_the_verdict_that_is_told)
{
    svi_text two = arms(2, 1), three = arms(3, 1);
    sv_findings *plain = analyze(&two, NULL), *corrected = analyze(&three, NULL);
    const svi_comparison_finding *of_two = &plain->comparisons[0],
                                 *of_three = &corrected->comparisons[0];
    cr_assert(of_two->difference.p == of_three->difference.p && of_two->difference.p < 0.05);
    cr_assert(of_two->decision == SVI_HIGHER && of_three->decision == SVI_UNDECIDED);
    cr_assert(of_three->p_adjusted > 0.05);
    for (size_t i = 1; i < of_two->n_points; i++) {
        double up = 1 - of_two->points[i].verdict.probability,
               claims = of_three->points[i].verdict.probability;
        cr_expect(claims > up - 1e-9 && claims < up + 0.02, "n = %zu: %g up, %g claim", i + 1, up,
                  claims);
    }
    expect_text(corrected, "Of 3 comparisons it is one: p is ");
    sv_findings_close(plain);
    sv_findings_close(corrected);
}

/* Three runs a seed, all alike: no more is known than from one. */
Test(findings_comparisons, replicates_of_a_seed_are_no_more_evidence)
{
    svi_text once = arms(3, 1), thrice = arms(3, 3);
    sv_findings *single = analyze(&once, NULL), *repeated = analyze(&thrice, NULL);
    const svi_comparison_finding *a = &single->comparisons[0], *b = &repeated->comparisons[0];
    cr_expect_float_eq(b->difference.p, a->difference.p, 1e-9);
    cr_expect_eq(a->decision, b->decision);
    for (size_t i = 1; i < 50; i++) {
        const svi_mislead_point *of_a = &a->points[i], *of_b = &b->points[i];
        cr_expect(fabs(of_a->verdict.probability - of_b->verdict.probability) < 0.03);
        cr_expect(fabs(of_a->sign_interval.high - of_b->sign_interval.high) < 0.03);
        cr_expect(fabs(of_a->verdict_interval.low - of_b->verdict_interval.low) < 0.03);
    }
    sv_findings_close(single);
    sv_findings_close(repeated);
}

Test(findings_comparisons, numbers_of_seeds_count_each_seed_once)
{
    const sv_analysis_options options = {.with_test_rates = true};
    svi_text once = arms(2, 1), thrice = arms(2, 3);
    sv_findings *single = analyze(&once, &options), *repeated = analyze(&thrice, &options);
    const svi_howmany_finding *few = &single->howmany[0], *many = &repeated->howmany[0];
    cr_assert(few->sd > 0.5);
    cr_expect_float_eq(few->sd, many->sd, 1e-9);
    cr_expect_eq(few->n_welch, many->n_welch);
    cr_assert(single->n_false_positives == 2 && repeated->n_false_positives == 2);
    for (size_t i = 0; i < 2; i++) cr_expect_eq(repeated->false_positives[i].n_pool, 10);
    sv_findings_close(single);
    sv_findings_close(repeated);
}

/* The sentence and the table name the same number. */
Test(findings_comparisons, seeds_to_settle_are_those_of_the_test)
{
    svi_text csv = arms(3, 1);
    sv_findings *findings = analyze(&csv, NULL);
    cr_assert_eq(findings->comparisons[0].decision, SVI_UNDECIDED);
    cr_expect(findings->comparisons[0].n_to_settle == findings->howmany[0].n_welch ||
              findings->comparisons[0].n_to_settle == findings->howmany[0].n_paired);
    cr_expect_eq(findings->comparisons[0].n_to_settle, 15);
    sv_findings_close(findings);
}

/* ---- margins --------------------------------------------------------------------------------- */

static svi_text shares(void)
{
    svi_text csv = {0};
    svi_text_add(&csv, "arm,seed,test_accuracy,test_loss\n");
    for (uint32_t s = 0; s < 12; s++)
        for (uint32_t arm = 0; arm < 2; arm++)
            svi_text_add(&csv, "arm%u,%u,%.6f,%.6f\n", arm, s, 0.9 + 0.01 * normal(4 + arm, s),
                         0.3 + 0.01 * normal(6 + arm, s));
    return csv;
}

Test(findings_comparisons, a_margin_is_one_of_the_headline)
{
    const sv_analysis_options wide = {.margin = 0.05}, narrow = {.margin = 1e-5};
    svi_text csv = shares(), again = shares();
    sv_findings *equal = analyze(&csv, &wide), *open = analyze(&again, &narrow);
    for (size_t i = 0; i < equal->n_comparisons; i++) {
        bool is_headline = equal->comparisons[i].subject.metric == equal->headline;
        cr_expect_eq(equal->comparisons[i].decision == SVI_EQUIVALENT, is_headline);
        cr_expect_eq(isnan(equal->comparisons[i].equivalence_p), !is_headline);
    }
    expect_text(equal, "within the margin of 5 points");
    expect_text(open, "Nor are they shown to be equivalent, with a margin of 0.001 points");
    sv_findings_close(equal);
    sv_findings_close(open);
}

Test(findings_comparisons, a_margin_in_points_is_refused)
{
    const sv_analysis_options in_points = {.margin = 1};
    svi_text csv = shares();
    sv_findings *findings = NULL;
    sv_error error;
    cr_expect_eq(try(&csv, &in_points, &findings, &error), SV_ERR_USAGE);
    cr_expect_not_null(strstr(error.message, "say 0.01 for one point"), "%s", error.message);
    svi_text_clear(&csv);
}

/* ---- grids with gaps ------------------------------------------------------------------------- */

/* 6 x 5 seeds; arm 1 is better by 1; the runs of every `apart` cells are missing in arm 1. */
static svi_text gappy(uint32_t apart, bool has_common_seeds)
{
    svi_text csv = {0};
    svi_text_add(&csv, "arm,seed_init,seed_order,score\n");
    for (uint32_t arm = 0; arm < 2; arm++) {
        for (uint32_t cell = 0; cell < 30; cell++) {
            uint32_t seeds = arm == 1 && !has_common_seeds ? 100 : 0;
            double value = normal(10 + seeds, cell / 5) + 0.5 * normal(11 + seeds, cell % 5) +
                           0.2 * normal(12 + arm, cell) + arm;
            if (arm == 1 && cell % apart == 0) continue;
            svi_text_add(&csv, "arm%u,%u,%u,%.9f\n", arm, seeds + cell / 5, seeds + cell % 5,
                         value);
        }
    }
    return csv;
}

Test(findings_comparisons, a_grid_with_gaps_is_compared)
{
    svi_text csv = gappy(13, true);
    sv_findings *findings = analyze(&csv, NULL);
    const svi_comparison_finding *found = &findings->comparisons[0];
    cr_assert_str_empty(found->reason);
    cr_expect_str_eq(found->test, "t over pairs clustered by seeds");
    cr_expect(found->is_paired && found->n == 27);
    cr_expect_eq(found->decision, SVI_HIGHER);
    cr_expect(found->difference.interval.low < 1 && 1 < found->difference.interval.high &&
              found->difference.standard_error < 0.15);
    sv_findings_close(findings);
}

/* Without common seeds the spread of few seeds hides the difference, and no pair hides it. */
Test(findings_comparisons, two_grids_with_gaps_are_compared)
{
    svi_text csv = gappy(13, false);
    sv_findings *findings = analyze(&csv, NULL);
    const svi_comparison_finding *found = &findings->comparisons[0];
    cr_assert_str_empty(found->reason);
    cr_expect_str_eq(found->test, "t over runs clustered by seeds");
    cr_expect(!found->is_paired && found->difference.standard_error > 0.3);
    sv_findings_close(findings);
}

Test(findings_comparisons, what_is_mostly_gaps_is_not_compared)
{
    svi_text csv = {0};
    svi_text_add(&csv, "arm,seed_init,seed_order,score\n");
    for (uint32_t arm = 0; arm < 2; arm++)
        for (uint32_t i = 0; i < 13; i++)
            svi_text_add(&csv, "arm%u,%u,%u,%.9f\n", arm, i % 9, i * i % 7, normal(20 + arm, i));
    sv_findings *findings = analyze(&csv, NULL);
    cr_expect_not_null(strstr(findings->comparisons[0].reason, "half of a grid"));
    expect_text(findings, "arm1 is not compared with arm0: runs share seeds");
    sv_findings_close(findings);
}

/* Values whose squares overflow leave a reason, not an analysis that fails. */
Test(findings_comparisons, values_too_large_to_be_squared_have_a_reason)
{
    svi_text csv = {0};
    svi_text_add(&csv, "arm,seed,score\n");
    for (uint32_t i = 0; i < 8; i++)
        svi_text_add(&csv, "arm%u,%u,%s\n", i / 4, i % 4, i == 5 ? "-1e308" : i % 2 ? "1" : "2");
    sv_findings *findings = analyze(&csv, NULL);
    cr_expect_not_null(strstr(findings->comparisons[0].reason, "too large"));
    sv_findings_close(findings);
}

/* The same where pairs have finite differences, and in grids. */
Test(findings_comparisons, values_too_large_in_both_arms_have_a_reason)
{
    svi_text pairs = {0}, grid = {0};
    svi_text_add(&pairs, "arm,seed,score\n");
    svi_text_add(&grid, "arm,seed_init,seed_order,score\n");
    for (uint32_t i = 0; i < 32; i++) {
        uint32_t seed = i % 16;
        svi_text_add(&pairs, "arm%u,%u,%s%u\n", i / 16, seed, seed == 3 ? "1e30" : "0.", i);
        svi_text_add(&grid, "arm%u,%u,%u,%g\n", i / 16, seed / 4, seed % 4, normal(8, i) * 1e200);
    }
    sv_findings *of_pairs = analyze(&pairs, NULL), *of_grid = analyze(&grid, NULL);
    cr_expect_not_null(strstr(of_grid->comparisons[0].reason, "too large"));
    cr_expect_str_empty(of_pairs->comparisons[0].reason);
    sv_findings_close(of_pairs);
    sv_findings_close(of_grid);
    svi_text_add(&pairs, "arm,seed,score\n");
    for (uint32_t i = 0; i < 32; i++)
        svi_text_add(&pairs, "arm%u,%u,%s\n", i / 16, i % 16,
                     i % 16 == 3 ? "1e300"
                     : i % 3     ? "1"
                                 : "2");
    of_pairs = analyze(&pairs, NULL);
    cr_expect_not_null(strstr(of_pairs->comparisons[0].reason, "too large"));
    char *text = NULL;
    cr_assert_eq(sv_findings_text(of_pairs, &text, NULL), SV_OK);
    cr_expect_not_null(strstr(text, "1e+300"), "%s", text);
    sv_free(text);
    sv_findings_close(of_pairs);
}
