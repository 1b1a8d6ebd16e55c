#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/arm_pair.h"
#include "stats/crossed_mean.h"
#include "stats/holm.h"

enum { ALL_PAIRS_N_MAX = 4 }; /* with more arms each is compared with the first alone */

static const double power_to_settle = 0.8;

static sv_status mean_error(const svi_analysis *analysis, const svi_block_design *design,
                            uint32_t numerics, const double *values, size_t n, svi_mean_error *out,
                            sv_error *error)
{
    if (svi_block_has_indices(design)) {
        *out = svi_grouped_mean_error(values, design->n_groups, n / design->n_groups);
        return SV_OK;
    }
    svi_crossed_design crossed = svi_crossed_design_of(
        design, analysis->table->is_deterministic[numerics], analysis->findings->level);
    crossed.n_draws = 1000;
    crossed.n_resamples = 100;
    svi_crossed_plan *plan;
    svi_crossed_result result;
    SVI_TRY(svi_crossed_plan_make(&crossed, &plan, error));
    sv_status status = svi_crossed_analyze(plan, values, n, &result, error);
    svi_crossed_plan_free(plan);
    if (status == SV_OK)
        *out = svi_crossed_mean_error(result.components, result.n_components, result.mean, n);
    return status;
}

/* The differences, in the order of the arm's grid. */
static sv_status compare_paired_grid(const svi_analysis *analysis, const svi_arm_pair *pair,
                                     svi_difference *out, sv_error *error)
{
    svi_mean_error mean;
    for (size_t i = 0; i < pair->n_a; i++)
        analysis->values[pair->design->slot[i]] = pair->a[i] - pair->b[i];
    SVI_TRY(mean_error(analysis, pair->design, pair->block->numerics, analysis->values, pair->n_a,
                       &mean, error));
    svi_difference plain;
    SVI_TRY(
        svi_compare_paired(pair->a, pair->b, pair->n_a, analysis->findings->level, &plain, error));
    svi_difference_from(mean.mean, mean.variance, mean.df, analysis->findings->level, out);
    out->sd = plain.sd;
    out->correlation = plain.correlation;
    return SV_OK;
}

static sv_status compare_grids(const svi_analysis *analysis, const svi_arm_pair *pair,
                               svi_difference *out, sv_error *error)
{
    svi_mean_error a, b;
    for (size_t i = 0; i < pair->n_a; i++) analysis->values[pair->design->slot[i]] = pair->a[i];
    SVI_TRY(mean_error(analysis, pair->design, pair->block->numerics, analysis->values, pair->n_a,
                       &a, error));
    for (size_t i = 0; i < pair->n_b; i++)
        analysis->values[pair->reference_design->slot[i]] = pair->b[i];
    SVI_TRY(mean_error(analysis, pair->reference_design, pair->block->numerics, analysis->values,
                       pair->n_b, &b, error));
    double variance = a.variance + b.variance;
    double df =
        variance * variance / (a.variance * a.variance / a.df + b.variance * b.variance / b.df);
    svi_difference_from(a.mean - b.mean, variance, df, analysis->findings->level, out);
    return SV_OK;
}

static bool is_full_grid(const svi_block *block, const svi_block_design *design, size_t n_used)
{
    bool has_groups = svi_block_has_indices(design) && design->n_groups > 1;
    return (svi_block_has_components(design) || has_groups) && n_used == block->n;
}

static sv_status compare_means(const svi_analysis *analysis, const svi_arm_pair *pair,
                               svi_comparison_finding *finding, sv_error *error)
{
    double level = analysis->findings->level;
    if (!svi_block_shares_seeds(pair->design) && !svi_block_shares_seeds(pair->reference_design)) {
        finding->test = pair->is_paired ? "paired t" : "Welch";
        return pair->is_paired ? svi_compare_paired(pair->a, pair->b, pair->n_a, level,
                                                    &finding->difference, error)
                               : svi_compare_welch(pair->a, pair->n_a, pair->b, pair->n_b, level,
                                                   &finding->difference, error);
    }
    if (!is_full_grid(pair->block, pair->design, pair->n_a) ||
        !is_full_grid(pair->reference, pair->reference_design, pair->n_b)) {
        snprintf(finding->reason, sizeof finding->reason,
                 "runs share seeds without filling a grid evenly (or some have no finite value), "
                 "so that no interval "
                 "of the difference would be honest");
        return SV_OK;
    }
    finding->test = pair->is_paired ? "t over the paired grid" : "t over the two grids";
    return pair->is_paired ? compare_paired_grid(analysis, pair, &finding->difference, error)
                           : compare_grids(analysis, pair, &finding->difference, error);
}

static svi_decision decide(const svi_comparison_finding *finding, int better, double alpha)
{
    if (finding->equivalence_p < alpha) return SVI_EQUIVALENT;
    if (!(finding->p_adjusted < alpha)) return SVI_UNDECIDED;
    bool is_higher = finding->difference.difference > 0;
    if (better == 0) return is_higher ? SVI_HIGHER : SVI_LOWER;
    return is_higher == (better > 0) ? SVI_BETTER : SVI_WORSE;
}

static sv_status test_difference(const svi_analysis *analysis, const svi_arm_pair *pair,
                                 svi_comparison_finding *finding, sv_error *error)
{
    const sv_findings *findings = analysis->findings;
    const svi_difference *difference = &finding->difference;
    double alpha = 1 - findings->level;
    finding->equivalence_p = finding->least_detectable = finding->n_to_settle = NAN;
    if (findings->margin > 0) {
        SVI_TRY(svi_equivalence_p(difference, findings->margin, &finding->equivalence_p, error));
    }
    if (difference->standard_error > 0 && alpha < power_to_settle) {
        SVI_TRY(svi_least_detectable(difference, alpha, power_to_settle, &finding->least_detectable,
                                     error));
    }
    if (difference->difference != 0 && !svi_block_shares_seeds(pair->design)) {
        double ratio = finding->least_detectable / difference->difference;
        finding->n_to_settle = ceil((double)pair->n_a * ratio * ratio);
    }
    return SV_OK;
}

static sv_status compare_runs(const svi_analysis *analysis, const svi_arm_pair *pair,
                              svi_comparison_finding *finding, sv_error *error)
{
    double level = analysis->findings->level;
    svi_mislead_options options = {
        .is_paired = pair->is_paired, .n_max = SVI_MISLEAD_N_MAX, .alpha = 1 - level};
    SVI_TRY(svi_compare_superiority(pair->a, pair->n_a, pair->b, pair->n_b, pair->is_paired, level,
                                    &finding->superiority, error));
    if (svi_block_shares_seeds(pair->design) || svi_block_shares_seeds(pair->reference_design)) {
        svi_superiority *s = &finding->superiority;
        s->standard_error = s->df = s->p = s->interval.low = s->interval.high = NAN;
    }
    finding->n_points = SVI_MISLEAD_N_MAX;
    return svi_mislead_curve(pair->a, pair->n_a, pair->b, pair->n_b, &options, finding->points,
                             error);
}

static sv_status compare(const svi_analysis *analysis, const svi_arm_pair *pair,
                         svi_comparison_finding *finding, sv_error *error)
{
    finding->is_paired = pair->is_paired;
    finding->n = pair->n_a;
    finding->n_reference = pair->n_b;
    if (pair->n_a < 2 || pair->n_b < 2) {
        snprintf(finding->reason, sizeof finding->reason,
                 "an arm has fewer than two finite values");
        return SV_OK;
    }
    SVI_TRY(compare_means(analysis, pair, finding, error));
    if (finding->reason[0] != '\0') return SV_OK;
    SVI_TRY(test_difference(analysis, pair, finding, error));
    return compare_runs(analysis, pair, finding, error);
}

static sv_status compare_blocks(svi_analysis *analysis, size_t b, size_t reference, uint32_t metric,
                                sv_error *error)
{
    sv_findings *findings = analysis->findings;
    const svi_block *blocks = analysis->codes.blocks;
    if (!svi_block_has_metric(analysis, &blocks[b], metric)) return SV_OK;
    if (!svi_block_has_metric(analysis, &blocks[reference], metric)) return SV_OK;
    svi_comparison_finding *finding = &findings->comparisons[findings->n_comparisons++];
    finding->subject = svi_block_subject(&blocks[b], metric);
    finding->reference = blocks[reference].arm;
    svi_arm_pair pair;
    sv_status status = svi_arm_pair_make(analysis, b, reference, metric, &pair, error);
    if (status == SV_OK) status = compare(analysis, &pair, finding, error);
    svi_arm_pair_clear(&pair);
    return status;
}

/* The comparisons of one metric and numerics, from `first` on: what each decides. */
static void decide_all(sv_findings *findings, size_t first, const double *p_adjusted)
{
    for (size_t i = first; i < findings->n_comparisons; i++) {
        svi_comparison_finding *finding = &findings->comparisons[i];
        finding->p_adjusted = p_adjusted[i - first];
        finding->n_together = findings->n_comparisons - first;
        if (finding->reason[0] != '\0') continue;
        int better = findings->metrics[finding->subject.metric].better;
        finding->decision = decide(finding, better, 1 - findings->level);
        if (finding->decision != SVI_UNDECIDED) finding->n_to_settle = NAN;
    }
}

static sv_status conclude(sv_findings *findings, size_t first, sv_error *error)
{
    size_t n = findings->n_comparisons - first;
    double *p = malloc((n + 1) * sizeof *p);
    if (p == NULL) return svi_fail_memory(error, n * sizeof *p, "p of comparisons");
    for (size_t i = 0; i < n; i++) {
        const svi_comparison_finding *finding = &findings->comparisons[first + i];
        p[i] = finding->reason[0] == '\0' ? finding->difference.p : NAN;
    }
    sv_status status = svi_holm(p, n, p, error);
    if (status == SV_OK) decide_all(findings, first, p);
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
    return conclude(findings, first, error);
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
