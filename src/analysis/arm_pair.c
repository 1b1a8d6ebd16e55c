#include "analysis/arm_pair.h"

#include <math.h>
#include <stdlib.h>

#include "stats/moments.h"

static sv_status pair_runs(const svi_analysis *analysis, svi_arm_pair *pair, sv_error *error)
{
    const svi_run_codes *codes = &analysis->codes;
    const double *value = analysis->columns[pair->metric]->value;
    uint64_t *partner = calloc(codes->n_units, sizeof *partner); /* row + 1 */
    if (partner == NULL)
        return svi_fail_memory(error, codes->n_units * sizeof *partner, "pairs of runs");
    for (uint64_t i = 0; i < pair->reference->n; i++) {
        uint64_t row = pair->reference->rows[i];
        if (isfinite(value[row])) partner[codes->unit[row]] = row + 1;
    }
    size_t n = 0;
    for (uint64_t i = 0; i < pair->block->n; i++) {
        uint64_t row = pair->block->rows[i], other = partner[codes->unit[row]];
        if (!isfinite(value[row]) || other == 0) continue;
        pair->a[n] = value[row];
        pair->rows_a[n] = row;
        pair->b[n] = value[other - 1];
        pair->rows_b[n++] = other - 1;
    }
    free(partner);
    uint64_t n_smaller = pair->block->n < pair->reference->n ? pair->block->n : pair->reference->n;
    pair->is_paired = n >= 2 && 2 * n >= n_smaller;
    pair->n_a = pair->n_b = n;
    return SV_OK;
}

static size_t take_finite(const svi_block *block, const svi_metric_column *column, double *values,
                          uint64_t *rows)
{
    size_t n = 0;
    for (uint64_t i = 0; i < block->n; i++) {
        double value = column->value[block->rows[i]];
        if (!isfinite(value)) continue;
        values[n] = value;
        rows[n++] = block->rows[i];
    }
    return n;
}

static sv_status collect(const svi_analysis *analysis, svi_arm_pair *pair, sv_error *error)
{
    size_t n_a = pair->block->n, n_b = pair->reference->n, n = n_a > n_b ? n_a : n_b;
    pair->a = malloc(n * sizeof *pair->a);
    pair->b = malloc(n * sizeof *pair->b);
    pair->rows_a = malloc(n * sizeof *pair->rows_a);
    pair->rows_b = malloc(n * sizeof *pair->rows_b);
    if (pair->a == NULL || pair->b == NULL || pair->rows_a == NULL || pair->rows_b == NULL)
        return svi_fail_memory(error, n * sizeof *pair->a, "pairs of runs");
    SVI_TRY(pair_runs(analysis, pair, error));
    if (pair->is_paired) return SV_OK;
    const svi_metric_column *column = analysis->columns[pair->metric];
    pair->n_a = take_finite(pair->block, column, pair->a, pair->rows_a);
    pair->n_b = take_finite(pair->reference, column, pair->b, pair->rows_b);
    return SV_OK;
}

sv_status svi_arm_pair_make(const svi_analysis *analysis, size_t block, size_t reference,
                            uint32_t metric, svi_arm_pair *pair, sv_error *error)
{
    *pair = (svi_arm_pair){.block = &analysis->codes.blocks[block],
                           .reference = &analysis->codes.blocks[reference],
                           .design = &analysis->designs[block],
                           .reference_design = &analysis->designs[reference],
                           .metric = metric};
    return collect(analysis, pair, error);
}

sv_status svi_arm_pair_of(const svi_analysis *analysis, const svi_comparison_finding *comparison,
                          svi_arm_pair *pair, sv_error *error)
{
    size_t n_numerics = analysis->findings->n_numerics;
    const svi_subject *subject = &comparison->subject;
    return svi_arm_pair_make(analysis, subject->arm * n_numerics + subject->numerics,
                             comparison->reference * n_numerics + subject->numerics,
                             subject->metric, pair, error);
}

/* The SD of runs with fresh seeds: those that share seeds spread too little among themselves. */
static double sd_of(const sv_findings *findings, svi_subject subject, const svi_moments *of_runs)
{
    for (size_t i = 0; i < findings->n_summaries; i++) {
        const svi_summary_finding *summary = &findings->summaries[i];
        if (svi_is_same_subject(summary->subject, subject) && svi_has_fresh_sd(summary))
            return summary->values.sd;
    }
    return svi_moments_sd(of_runs);
}

svi_power_question svi_arm_pair_question(const svi_analysis *analysis, const svi_arm_pair *pair,
                                         double correlation, double alpha)
{
    const sv_findings *findings = analysis->findings;
    svi_moments of_a = svi_moments_of(pair->a, pair->n_a),
                of_b = svi_moments_of(pair->b, pair->n_b);
    return (svi_power_question){
        .difference = of_a.mean - of_b.mean,
        .sd_a = sd_of(findings, svi_block_subject(pair->block, pair->metric), &of_a),
        .sd_b = sd_of(findings, svi_block_subject(pair->reference, pair->metric), &of_b),
        .is_paired = !isnan(correlation),
        .rho = fmax(-1, fmin(1, correlation)),
        .alpha = alpha};
}

void svi_arm_pair_clear(svi_arm_pair *pair)
{
    free(pair->a);
    free(pair->b);
    free(pair->rows_a);
    free(pair->rows_b);
}
