#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/arm_difference.h"
#include "stats/holm.h"

enum { ALL_PAIRS_N_MAX = 4 }; /* with more arms each is compared with the first alone */

static const double power_to_settle = 0.8;

static svi_decision decide(const svi_comparison_finding *finding, int better, double alpha)
{
    if (finding->equivalence_p < alpha) return SVI_EQUIVALENT;
    if (!(finding->p_adjusted < alpha)) return SVI_UNDECIDED;
    bool is_higher = finding->difference.difference > 0;
    if (better == 0) return is_higher ? SVI_HIGHER : SVI_LOWER;
    return is_higher == (better > 0) ? SVI_BETTER : SVI_WORSE;
}

double svi_comparison_margin(const sv_findings *findings, const svi_comparison_finding *comparison)
{
    return comparison->subject.metric == findings->headline ? findings->margin : 0;
}

static sv_status test_difference(const svi_analysis *analysis, const svi_arm_pair *pair,
                                 svi_comparison_finding *finding, sv_error *error)
{
    const sv_findings *findings = analysis->findings;
    const svi_difference *difference = &finding->difference;
    double alpha = 1 - findings->level;
    finding->equivalence_p = finding->least_detectable = finding->n_to_settle = NAN;
    double margin = svi_comparison_margin(findings, finding);
    if (margin > 0) SVI_TRY(svi_equivalence_p(difference, margin, &finding->equivalence_p, error));
    if (difference->standard_error > 0 && alpha < power_to_settle) {
        SVI_TRY(svi_least_detectable(difference, alpha, power_to_settle, &finding->least_detectable,
                                     error));
    }
    svi_power_question question =
        svi_arm_pair_question(analysis, pair, difference->correlation, alpha);
    if (!(question.difference != 0 && alpha < power_to_settle)) return SV_OK;
    return svi_seeds_for_power(&question, power_to_settle, &finding->n_to_settle, error);
}

/* What runs say one by one. */
static sv_status compare_runs(const svi_analysis *analysis, const svi_arm_pair *pair,
                              svi_comparison_finding *finding, sv_error *error)
{
    double level = analysis->findings->level;
    SVI_TRY(svi_compare_superiority(pair->a, pair->n_a, pair->b, pair->n_b, pair->is_paired, level,
                                    &finding->superiority, error));
    if (svi_block_shares_seeds(pair->design) || svi_block_shares_seeds(pair->reference_design)) {
        svi_superiority *s = &finding->superiority;
        s->standard_error = s->df = s->p = s->interval.low = s->interval.high = NAN;
    }
    return SV_OK;
}

static void explain_few(const sv_findings *findings, svi_comparison_finding *finding)
{
    const char *arm = findings->arm_names[finding->subject.arm];
    const char *reference = findings->arm_names[finding->reference];
    if (finding->n > 0 && finding->n_reference > 0)
        snprintf(finding->reason, sizeof finding->reason,
                 "an arm has fewer than two finite values");
    else if (finding->n + finding->n_reference > 0)
        snprintf(finding->reason, sizeof finding->reason,
                 "none of the runs of %s has a finite value", finding->n == 0 ? arm : reference);
    else
        snprintf(finding->reason, sizeof finding->reason,
                 "none of the runs of %s and %s has a finite value", arm, reference);
}

static sv_status compare(const svi_analysis *analysis, const svi_arm_pair *pair,
                         svi_comparison_finding *finding, sv_error *error)
{
    finding->is_paired = pair->is_paired;
    finding->n = pair->n_a;
    finding->n_reference = pair->n_b;
    if (pair->n_a < 2 || pair->n_b < 2) {
        explain_few(analysis->findings, finding);
        return SV_OK;
    }
    SVI_TRY(svi_find_arm_difference(analysis, pair, &finding->test, &finding->difference,
                                    finding->reason, error));
    if (finding->reason[0] != '\0') return SV_OK;
    SVI_TRY(test_difference(analysis, pair, finding, error));
    return compare_runs(analysis, pair, finding, error);
}

static sv_status compare_blocks(svi_analysis *analysis, size_t b, size_t reference, uint32_t metric,
                                sv_error *error)
{
    sv_findings *findings = analysis->findings;
    const svi_block *blocks = analysis->codes.blocks;
    if (!svi_block_took_part(analysis, &blocks[b], metric)) return SV_OK;
    if (!svi_block_took_part(analysis, &blocks[reference], metric)) return SV_OK;
    svi_comparison_finding *finding = &findings->comparisons[findings->n_comparisons++];
    finding->subject = svi_block_subject(&blocks[b], metric);
    finding->reference = blocks[reference].arm;
    svi_arm_pair pair;
    sv_status status = svi_arm_pair_make(analysis, b, reference, metric, &pair, error);
    if (status == SV_OK) status = compare(analysis, &pair, finding, error);
    svi_arm_pair_clear(&pair);
    return status;
}

static svi_verdict verdict_of(const svi_comparison_finding *finding)
{
    if (finding->decision == SVI_UNDECIDED) return SVI_VERDICT_UNDECIDED;
    if (finding->decision == SVI_EQUIVALENT) return SVI_VERDICT_EQUIVALENT;
    return finding->difference.difference > 0 ? SVI_VERDICT_A_HIGHER : SVI_VERDICT_B_HIGHER;
}

/* How often few seeds would have said something else than what has been decided. */
static sv_status find_chances(const svi_analysis *analysis, const svi_arm_pair *pair,
                              svi_comparison_finding *finding, sv_error *error)
{
    double alpha = 1 - analysis->findings->level;
    svi_mislead_options options = {.is_paired = pair->is_paired,
                                   .n_max = SVI_MISLEAD_N_MAX,
                                   .alpha = alpha,
                                   .margin = svi_comparison_margin(analysis->findings, finding),
                                   .verdict = verdict_of(finding)};
    svi_power_question runs =
        svi_arm_pair_question(analysis, pair, finding->difference.correlation, alpha);
    finding->n_points = SVI_MISLEAD_N_MAX;
    SVI_TRY(svi_mislead_curve(pair->a, pair->n_a, pair->b, pair->n_b, &options, finding->points,
                              error));
    return svi_mislead_intervals(&options, &finding->difference, &runs, finding->points, error);
}

static sv_status decide_one(const svi_analysis *analysis, svi_comparison_finding *finding,
                            sv_error *error)
{
    const sv_findings *findings = analysis->findings;
    svi_arm_pair pair;
    int better = findings->metrics[finding->subject.metric].better;
    finding->decision = decide(finding, better, 1 - findings->level);
    if (finding->decision != SVI_UNDECIDED) finding->n_to_settle = NAN;
    sv_status status = svi_arm_pair_of(analysis, finding, &pair, error);
    if (status == SV_OK) status = find_chances(analysis, &pair, finding, error);
    svi_arm_pair_clear(&pair);
    return status;
}

/* The comparisons of one metric and numerics, from `first` on: what each decides. */
static sv_status decide_all(const svi_analysis *analysis, size_t first, const double *p_adjusted,
                            sv_error *error)
{
    sv_findings *findings = analysis->findings;
    size_t n_tested = 0;
    for (size_t i = first; i < findings->n_comparisons; i++)
        n_tested += !isnan(p_adjusted[i - first]);
    for (size_t i = first; i < findings->n_comparisons; i++) {
        svi_comparison_finding *finding = &findings->comparisons[i];
        finding->p_adjusted = p_adjusted[i - first];
        finding->n_together = n_tested;
        if (finding->reason[0] == '\0') SVI_TRY(decide_one(analysis, finding, error));
    }
    return SV_OK;
}

static sv_status conclude(const svi_analysis *analysis, size_t first, sv_error *error)
{
    const sv_findings *findings = analysis->findings;
    size_t n = findings->n_comparisons - first;
    double *p = malloc((n + 1) * sizeof *p);
    if (p == NULL) return svi_fail_memory(error, n * sizeof *p, "p of comparisons");
    for (size_t i = 0; i < n; i++) {
        const svi_comparison_finding *finding = &findings->comparisons[first + i];
        p[i] = finding->reason[0] == '\0' ? finding->difference.p : NAN;
    }
    sv_status status = svi_holm(p, n, p, error);
    if (status == SV_OK) status = decide_all(analysis, first, p, error);
    free(p);
    return status;
}

static sv_status compare_all(svi_analysis *analysis, uint32_t metric, size_t numerics,
                             sv_error *error)
{
    sv_findings *findings = analysis->findings;
    size_t n_arms = findings->n_arms, n_references = n_arms <= ALL_PAIRS_N_MAX ? n_arms : 1;
    size_t first = findings->n_comparisons;
    for (size_t r = 0; r < n_references; r++) {
        for (size_t a = r + 1; a < n_arms; a++) {
            SVI_TRY(compare_blocks(analysis, a * findings->n_numerics + numerics,
                                   r * findings->n_numerics + numerics, metric, error));
        }
    }
    return conclude(analysis, first, error);
}

sv_status svi_find_comparisons(svi_analysis *analysis, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    size_t n_arms = findings->n_arms, n_references = n_arms <= ALL_PAIRS_N_MAX ? n_arms : 1;
    size_t n = n_references * n_arms * findings->n_numerics * findings->n_metrics;
    findings->comparisons = calloc(n, sizeof *findings->comparisons);
    if (findings->comparisons == NULL)
        return svi_fail_memory(error, n * sizeof *findings->comparisons, "comparisons");
    for (uint32_t m = 0; m < findings->n_metrics; m++) {
        for (size_t k = 0; k < findings->n_numerics; k++) {
            SVI_TRY(compare_all(analysis, m, k, error));
        }
    }
    return SV_OK;
}

static const char *const decision_names[] = {"undecided",  "better", "worse",
                                             "equivalent", "higher", "lower"};

const char *svi_decision_name(svi_decision decision) { return decision_names[decision]; }
