/* Planted searches over seeds: gains, rankings, many arms, numbers of seeds. */
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

static double normal(uint32_t what, uint64_t seed)
{
    return svi_normal_quantile(((double)svk_draw(77, 5, what, seed) + 0.5) * 0x1p-32);
}

static sv_findings *analyze(svi_text *csv, const sv_analysis_options *options)
{
    char path[] = "/tmp/svi-search-XXXXXX";
    sv_findings *findings = NULL;
    sv_error error = {0};
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, csv->bytes, csv->n) == (ssize_t)csv->n);
    close(fd);
    cr_assert_eq(sv_analyze_csv(path, options, &findings, &error), SV_OK, "%s", error.message);
    unlink(path);
    svi_text_clear(csv);
    return findings;
}

static void expect_holds(const char *what, double value, svi_interval interval, double truth)
{
    cr_expect(interval.low < truth && truth < interval.high, "%s: %g [%g, %g], in truth %g", what,
              value, interval.low, interval.high, truth);
}

/* Validation and test loss share half of their variance: what a search gains on one is half as much
 * on the other. Less is better. */
Test(findings_search, gains_on_validation_are_halved_on_test)
{
    const sv_analysis_options options = {.level = 0.999};
    svi_text csv = {0};
    double z;
    svi_text_add(&csv, "seed,val_loss,test_loss\n");
    for (uint64_t i = 0; i < 4000; i++) {
        double common = normal(0, i);
        svi_text_add(&csv, "%d,%.17g,%.17g\n", (int)i, common + normal(1, i),
                     common + normal(2, i));
    }
    sv_findings *findings = analyze(&csv, &options);
    cr_assert_eq(findings->n_seed_choices, 1);
    const svi_seed_choice_finding *choice = &findings->seed_choices[0];
    expect_holds("slope", choice->slope, choice->slope_interval, 0.5);
    cr_assert_eq(svi_expected_max_normal(10, &z, NULL), SV_OK);
    const svi_gain *gain = &choice->gains[2];
    cr_assert_eq(gain->k, 10);
    expect_holds("apparent", gain->apparent.unbiased, gain->apparent.interval, sqrt(2) * z);
    expect_holds("real", gain->real.unbiased, gain->real.interval, sqrt(2) / 2 * z);
    cr_expect(fabs(gain->real_normal - gain->real.unbiased) < 0.1);
    cr_assert_eq(findings->n_expected_best, 2);
    const svi_expected_best_finding *best = &findings->expected_best[0];
    cr_expect_eq(best->sizes[4], 10);
    expect_holds("best of 10", best->points[4].unbiased, best->points[4].interval, -sqrt(2) * z);
    cr_expect(best->points[4].spread.low < best->points[4].unbiased);
    sv_findings_close(findings);
}

/* init moves the result, order does not: the ranking of the inits holds over orders, that of the
 * orders means nothing. */
Test(findings_search, rankings_of_a_grid)
{
    svi_text csv = {0};
    svi_text_add(&csv, "seed_init,seed_order,test_accuracy\n");
    for (uint64_t i = 0; i < 20; i++)
        for (uint64_t j = 0; j < 15; j++)
            svi_text_add(&csv, "%d,%d,%.17g\n", (int)i, (int)j + 40,
                         0.5 + 0.01 * (normal(3, i) + 0.3 * normal(4, i << 8 | j)));
    sv_findings *findings = analyze(&csv, NULL);
    cr_assert_eq(findings->n_carry_overs, 2);
    const svi_carry_over_finding *init = &findings->carry_overs[0],
                                 *order = &findings->carry_overs[1];
    cr_expect_str_eq(init->source, "init");
    cr_expect_str_eq(init->over, "other order seeds");
    cr_expect(init->rank.tau > 0.6 && init->rank.interval.low > 0.5, "%g", init->rank.tau);
    expect_holds("order", order->rank.tau, order->rank.interval, 0);
    cr_assert_eq(findings->n_famous, 2);
    cr_expect_str_eq(findings->famous[1].source, "order");
    cr_expect_eq(findings->famous[0].n_seeds, 20); /* 0, 1, 2, 3, 7, 10, 13 */
    cr_expect_eq(findings->famous[0].n_famous, 7);
    cr_expect_eq(findings->famous[1].n_famous, 1); /* 42 */
    cr_expect(findings->expected_best[0].shares_seeds &&
              isnan(findings->expected_best[0].points[0].interval.low));
    sv_findings_close(findings);
}

/* Six seeds, each run n_replicates times, the first run of a seed always the same. */
static sv_findings *search_with_replicates(int n_replicates)
{
    svi_text csv = {0};
    svi_text_add(&csv, "seed,replicate,val_loss,test_loss\n");
    for (int i = 0; i < 6; i++)
        for (int r = n_replicates - 1; r >= 0; r--)
            svi_text_add(&csv, "%d,%d,%.17g,%.17g\n", i, r, normal(20, (uint64_t)(4 * i + r)),
                         normal(21, (uint64_t)(4 * i + r)));
    return analyze(&csv, NULL);
}

/* A search over 6 seeds is the same one when they are run four times: it tries each seed once. */
Test(findings_search, repeats_do_not_change_a_search)
{
    sv_findings *once = search_with_replicates(1), *often = search_with_replicates(4);
    for (size_t i = 0; i < once->n_seed_choices; i++) {
        const svi_seed_choice_finding *a = &once->seed_choices[i], *b = &often->seed_choices[i];
        cr_expect(b->n == 6 && !b->shares_seeds && b->slope == a->slope);
        cr_assert_eq(b->n_gains, a->n_gains);
        cr_expect_eq(b->gains[b->n_gains - 1].k, 5);
        for (size_t g = 0; g < a->n_gains; g++) {
            cr_expect_eq(b->gains[g].apparent.unbiased, a->gains[g].apparent.unbiased);
            cr_expect_eq(b->gains[g].real.interval.low, a->gains[g].real.interval.low);
        }
    }
    for (size_t i = 0; i < once->n_expected_best; i++) {
        const svi_expected_best_finding *a = &once->expected_best[i], *b = &often->expected_best[i];
        cr_assert(b->n_points == a->n_points && b->sizes[b->n_points - 1] == 5);
        for (size_t p = 0; p < a->n_points; p++)
            cr_expect_eq(b->points[p].unbiased, a->points[p].unbiased);
    }
    sv_findings_close(once);
    sv_findings_close(often);
}

/* Where the first run of a seed has no value the next one stands for it; cells of a grid stay
 * dependent. */
Test(findings_search, a_run_without_a_value_is_replaced_by_a_replicate)
{
    svi_text csv = {0};
    svi_text_add(&csv, "seed_init,seed_order,replicate,test_loss\n");
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 3; j++) {
            svi_text_add(&csv, i == 2 && j == 1 ? "%d,%d,0,\n" : "%d,%d,0,1\n", i, j);
            svi_text_add(&csv, "%d,%d,1,%d\n", i, j, i == 2 && j == 1 ? 3 : 9);
        }
    sv_findings *findings = analyze(&csv, NULL);
    const svi_expected_best_finding *best = &findings->expected_best[0];
    cr_expect(best->n_values == 12 && best->shares_seeds);
    cr_expect_float_eq(best->points[0].unbiased, 14.0 / 12, 1e-12);
    sv_findings_close(findings);
}

/* The ranking is a factor's, by the mean of its runs: the one that is planted best comes first. */
Test(findings_search, the_best_level_of_a_grid_ranks_first)
{
    svi_text csv = {0};
    svi_text_add(&csv, "seed_init,seed_order,test_loss\n");
    for (int i = 0; i < 10; i++)
        for (int j = 0; j < 4; j++)
            svi_text_add(&csv, "%d,%d,%.17g\n", i, j, (i == 7 ? 0.1 : 1 + 0.01 * i) + 0.2 * j);
    sv_findings *findings = analyze(&csv, NULL);
    const svi_famous_finding *famous = &findings->famous[0];
    for (size_t k = 0; k < famous->n_famous; k++) {
        if (famous->famous[k].seed != 7) continue;
        cr_expect_eq(famous->famous[k].rank, 1);
        cr_expect_float_eq(famous->famous[k].value, 0.4, 1e-12);
    }
    sv_findings_close(findings);
}

/* Four arms that are the same but for noise make six comparisons: Holm multiplies the smallest p by
 * six. */
Test(findings_search, many_arms_are_judged_together)
{
    svi_text csv = {0};
    svi_text_add(&csv, "arm,seed,test_accuracy\n");
    for (uint32_t a = 0; a < 4; a++)
        for (uint64_t i = 0; i < 30; i++)
            svi_text_add(&csv, "arm%d,%d,%.17g\n", (int)a, (int)i, normal(10 + a, i));
    sv_findings *findings = analyze(&csv, NULL);
    double smallest = 1, adjusted = 1;
    cr_assert_eq(findings->n_comparisons, 6);
    for (size_t i = 0; i < 6; i++) {
        const svi_comparison_finding *comparison = &findings->comparisons[i];
        cr_expect_eq(comparison->n_together, 6);
        cr_expect(comparison->p_adjusted >= comparison->difference.p);
        if (comparison->difference.p >= smallest) continue;
        smallest = comparison->difference.p;
        adjusted = comparison->p_adjusted;
    }
    cr_expect_float_eq(adjusted, fmin(1, 6 * smallest), 1e-12);
    sv_findings_close(findings);
}

/* A difference of one SD: 17 seeds an arm by Welch's test, and the tests agree where they are
 * simulated. */
Test(findings_search, seeds_for_a_planted_difference)
{
    const sv_analysis_options options = {.with_test_rates = true};
    svi_text csv = {0};
    svi_text_add(&csv, "arm,seed,test_accuracy\n");
    for (uint32_t a = 0; a < 2; a++)
        for (uint64_t i = 0; i < 1000; i++)
            svi_text_add(&csv, "arm%d,%d,%.17g\n", (int)a, (int)i, normal(20 + a, i) + a);
    sv_findings *findings = analyze(&csv, &options);
    cr_assert_eq(findings->n_howmany, 1);
    const svi_howmany_finding *howmany = &findings->howmany[0];
    cr_expect(howmany->n_welch >= 14 && howmany->n_welch <= 20, "%g", howmany->n_welch);
    cr_expect(fabs(howmany->n_paired - howmany->n_welch) <= 3, "%g", howmany->n_paired);
    cr_expect(howmany->n_normal < howmany->n_welch);
    cr_assert_not_null(howmany->rates);
    for (size_t i = 0; i < SVI_N_RATE_SIZES; i++) {
        double power = howmany->rates[i].rate[SVI_TEST_WELCH];
        if (howmany->rates[i].n < 10) cr_expect_lt(power, 0.75);
        if (howmany->rates[i].n > 24) cr_expect_gt(power, 0.85);
    }
    cr_assert_eq(findings->n_false_positives, 2);
    char *text = NULL;
    cr_assert_eq(sv_findings_part(findings, "howmany", false, &text, NULL), SV_OK);
    cr_expect(strstr(text, "False findings in percent") != NULL, "%s", text);
    sv_free(text);
    cr_assert_eq(sv_findings_part(findings, "paragraph", true, &text, NULL), SV_OK);
    cr_expect(strstr(text, "We trained 2,000 models") != NULL, "%s", text);
    sv_free(text);
    cr_expect_eq(sv_findings_part(findings, "verdict", false, &text, NULL), SV_ERR_USAGE);
    sv_findings_close(findings);
}

Test(findings_search, profiles_fall_from_all_to_none)
{
    svi_text csv = {0};
    svi_text_add(&csv, "arm,seed,test_accuracy\n");
    for (uint64_t i = 0; i < 50; i++)
        svi_text_add(&csv, "low,%d,%d\nhigh,%d,%d\n", (int)i, (int)i, (int)i, (int)i + 100);
    sv_findings *findings = analyze(&csv, NULL);
    cr_assert_eq(findings->n_profiles, 2);
    const svi_profile_finding *low = &findings->profiles[0], *high = &findings->profiles[1];
    cr_expect(high->share[0] == 1 && low->share[0] < 1); /* above the least value of all */
    cr_expect(high->share[SVI_N_PROFILE_POINTS - 1] == 0);
    cr_expect(low->share[SVI_N_PROFILE_POINTS / 2] == 0 &&
              high->share[SVI_N_PROFILE_POINTS / 2] == 1);
    cr_expect(high->interval[0].low > 0.9 && high->interval[0].high == 1);
    sv_findings_close(findings);
}
