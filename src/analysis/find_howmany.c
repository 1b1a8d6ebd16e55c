/* How many seeds a comparison needs, and what tests make of few. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/arm_pair.h"
#include "analysis/search_runs.h"

static const size_t rate_sizes[SVI_N_RATE_SIZES] = {
    2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 25, 30, 35, 40, 45, 50};

static void set_sizes(svi_test_rates *rates)
{
    for (size_t i = 0; i < SVI_N_RATE_SIZES; i++) rates[i].n = rate_sizes[i];
}

static sv_status find_sizes(const svi_analysis *analysis, const svi_arm_pair *pair,
                            const svi_comparison_finding *comparison, svi_howmany_finding *finding,
                            sv_error *error)
{
    double alpha = 1 - analysis->findings->level, power = analysis->findings->power;
    svi_power_question question =
        svi_arm_pair_question(analysis, pair, comparison->difference.correlation, alpha);
    finding->sd = question.sd_a;
    finding->sd_reference = question.sd_b;
    finding->difference = question.difference;
    finding->rho = comparison->difference.correlation;
    finding->n_paired = NAN;
    if (question.is_paired)
        SVI_TRY(svi_seeds_for_power(&question, power, &finding->n_paired, error));
    question.is_paired = false;
    SVI_TRY(svi_seeds_for_power(&question, power, &finding->n_welch, error));
    SVI_TRY(svi_seeds_by_normal(&question, power, &finding->n_normal, error));
    return svi_seeds_for_superiority(comparison->superiority.probability, alpha, power,
                                     &finding->n_superiority, error);
}

static sv_status find_powers(const svi_arm_pair *pair, double alpha, svi_howmany_finding *finding,
                             sv_error *error)
{
    const svi_rates_options options = {.is_paired = pair->is_paired, .alpha = alpha};
    finding->rates = calloc(SVI_N_RATE_SIZES, sizeof *finding->rates);
    if (finding->rates == NULL)
        return svi_fail_memory(error, SVI_N_RATE_SIZES * sizeof *finding->rates, "powers");
    set_sizes(finding->rates);
    return svi_test_powers(pair->a, pair->n_a, pair->b, pair->n_b, &options, finding->rates,
                           SVI_N_RATE_SIZES, error);
}

static sv_status find_for(svi_analysis *analysis, const svi_comparison_finding *comparison,
                          bool with_rates, svi_howmany_finding *finding, sv_error *error)
{
    const sv_findings *findings = analysis->findings;
    double alpha = 1 - findings->level;
    svi_arm_pair pair;
    finding->subject = comparison->subject;
    finding->reference = comparison->reference;
    finding->is_paired = comparison->is_paired;
    if (comparison->reason[0] != '\0' || !(alpha < findings->power)) {
        snprintf(finding->reason, sizeof finding->reason, "%s",
                 comparison->reason[0] != '\0' ? comparison->reason
                                               : "the level is too low for so little power");
        return SV_OK;
    }
    sv_status status = svi_arm_pair_of(analysis, comparison, &pair, error);
    if (status == SV_OK) status = find_sizes(analysis, &pair, comparison, finding, error);
    if (status == SV_OK && with_rates && comparison->subject.metric == findings->headline)
        status = find_powers(&pair, alpha, finding, error);
    svi_arm_pair_clear(&pair);
    return status;
}

/* Nobody compares a seed with itself: of its replicates one is in the pool. */
static sv_status find_false_positives_of(const svi_analysis *analysis, size_t b, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    const svi_rates_options options = {.alpha = 1 - findings->level};
    const svi_metric_column *column = analysis->columns[findings->headline];
    svi_search_runs runs;
    sv_status status = svi_search_runs_make(analysis, b, column, NULL, &runs, error);
    for (size_t i = 0; i < runs.n; i++) analysis->values[i] = column->value[runs.rows[i]];
    if (status == SV_OK && runs.n >= 4) {
        svi_false_positive_finding *finding =
            &findings->false_positives[findings->n_false_positives++];
        finding->subject = svi_block_subject(&analysis->codes.blocks[b], findings->headline);
        finding->n_pool = runs.n;
        set_sizes(finding->rates);
        status = svi_false_positives(analysis->values, runs.n, &options, finding->rates,
                                     SVI_N_RATE_SIZES, error);
    }
    free(runs.rows);
    return status;
}

static sv_status find_false_positives(const svi_analysis *analysis, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    size_t n = analysis->codes.n_blocks;
    findings->false_positives = calloc(n, sizeof *findings->false_positives);
    if (findings->false_positives == NULL)
        return svi_fail_memory(error, n * sizeof *findings->false_positives, "rates of tests");
    for (size_t b = 0; b < n; b++) SVI_TRY(find_false_positives_of(analysis, b, error));
    return SV_OK;
}

sv_status svi_find_howmany(svi_analysis *analysis, bool with_rates, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    size_t n = findings->n_comparisons;
    findings->howmany = calloc(n + 1, sizeof *findings->howmany);
    if (findings->howmany == NULL)
        return svi_fail_memory(error, n * sizeof *findings->howmany, "numbers of seeds");
    for (size_t i = 0; i < n; i++) {
        SVI_TRY(find_for(analysis, &findings->comparisons[i], with_rates,
                         &findings->howmany[findings->n_howmany++], error));
    }
    return with_rates ? find_false_positives(analysis, error) : SV_OK;
}
