#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"
#include "analysis/clustered_runs.h"
#include "net.h"

svi_subject svi_block_subject(const svi_block *block, uint32_t metric)
{
    return (svi_subject){block->arm, block->numerics, metric};
}

bool svi_block_has_metric(const svi_analysis *analysis, const svi_block *block, uint32_t metric)
{
    for (uint64_t i = 0; i < block->n; i++) {
        if (isfinite(analysis->columns[metric]->value[block->rows[i]])) return true;
    }
    return false;
}

/* In a table of results a failed run may leave its fields empty. Runs of an arm to which the metric
 * does not belong have others. */
static bool is_blank(const svi_run_table *table, const svi_block *block)
{
    uint64_t n_tried = 0;
    if (strcmp(table->design, "imported") != 0) return false;
    for (uint64_t i = 0; i < block->n; i++) {
        uint64_t row = block->rows[i];
        n_tried += table->status[row] != SVK_RUN_UNSUPPORTED;
        if (table->status[row] == SVK_RUN_DIVERGED) continue;
        for (size_t m = 0; m < table->n_metrics; m++)
            if (isfinite(table->metrics[m].value[row])) return false;
    }
    return n_tried > 0;
}

bool svi_block_took_part(const svi_analysis *analysis, const svi_block *block, uint32_t metric)
{
    const double *value = analysis->columns[metric]->value;
    if (svi_block_has_metric(analysis, block, metric)) return true;
    for (uint64_t i = 0; i < block->n; i++)
        if (isinf(value[block->rows[i]])) return true;
    return is_blank(analysis->table, block);
}

void svi_block_finite(const svi_block *block, const svi_metric_column *column, double *values,
                      size_t *n)
{
    *n = 0;
    for (uint64_t i = 0; i < block->n; i++) {
        double value = column->value[block->rows[i]];
        if (isfinite(value)) values[(*n)++] = value;
    }
}

static void count_failures(const svi_run_table *table, const svi_block *block,
                           const svi_metric_column *column, svi_summary_finding *finding)
{
    for (uint64_t i = 0; i < block->n; i++) {
        uint64_t row = block->rows[i];
        bool has_diverged = table->status[row] == SVK_RUN_DIVERGED;
        finding->n_diverged += has_diverged;
        finding->n_saturated += table->status[row] == SVK_RUN_SATURATED;
        finding->n_failed += has_diverged || !isfinite(column->value[row]);
    }
}

bool svi_is_same_subject(svi_subject a, svi_subject b)
{
    return a.arm == b.arm && a.numerics == b.numerics && a.metric == b.metric;
}

bool svi_has_fresh_sd(const svi_summary_finding *summary)
{
    return summary->shares_seeds && isfinite(summary->values.sd_interval.low);
}

static const svi_components_finding *components_of(const sv_findings *findings, svi_subject subject)
{
    for (size_t g = 0; g < findings->n_components; g++) {
        if (svi_is_same_subject(findings->components[g].subject, subject))
            return &findings->components[g];
    }
    return NULL;
}

static const svi_indices_finding *indices_of(const sv_findings *findings, svi_subject subject)
{
    for (size_t g = 0; g < findings->n_indices; g++) {
        if (svi_is_same_subject(findings->indices[g].subject, subject))
            return &findings->indices[g];
    }
    return NULL;
}

/* NaN stays NaN. */
static double root_of(double variance) { return sqrt(variance < 0 ? 0 : variance); }

/* The SD of one run with fresh seeds: that between runs that share seeds is too small on average.
 */
static void take_sd(svi_estimate variance, svi_summary *values)
{
    if (!(variance.value > 0)) return;
    values->sd = sqrt(variance.value);
    values->sd_interval =
        (svi_interval){root_of(variance.interval.low), root_of(variance.interval.high)};
}

void svi_take_from_components(const sv_findings *findings, const svi_components_finding *components,
                              svi_summary *values)
{
    svi_mean_error mean =
        svi_crossed_mean_error(components->rows, components->n_rows, components->mean, values->n);
    values->mean_interval = svi_mean_error_interval(&mean, findings->level);
    take_sd((svi_estimate){components->total_variance, components->total_interval}, values);
}

static void take_from_indices(const svi_analysis *analysis, const svi_block *block,
                              const svi_indices_finding *indices, svi_summary *values)
{
    const svi_block_design *design = &analysis->designs[block - analysis->codes.blocks];
    const double *value = analysis->columns[indices->subject.metric]->value;
    if (design->n_groups < 2) return;
    for (uint64_t i = 0; i < block->n; i++)
        analysis->values[design->slot[i]] = value[block->rows[i]];
    svi_mean_error mean =
        svi_grouped_mean_error(analysis->values, design->n_groups, block->n / design->n_groups);
    values->mean_interval = svi_mean_error_interval(&mean, analysis->findings->level);
    take_sd(indices->values.variance, values);
}

/* Of a grid with gaps. */
static sv_status take_from_clusters(const svi_analysis *analysis, const svi_block *block,
                                    svi_summary_finding *finding, sv_error *error)
{
    const double *value = analysis->columns[finding->subject.metric]->value;
    svi_mean_error mean;
    size_t n = 0;
    uint64_t *rows = malloc(block->n * sizeof *rows);
    if (rows == NULL) return svi_fail_memory(error, block->n * sizeof *rows, "rows of a summary");
    for (uint64_t i = 0; i < block->n; i++) {
        if (!isfinite(value[block->rows[i]])) continue;
        rows[n] = block->rows[i];
        analysis->values[n++] = value[block->rows[i]];
    }
    sv_status status =
        svi_clustered_error_of_runs(&analysis->codes, analysis->values, rows, n, &mean, error);
    free(rows);
    if (status == SV_OK)
        finding->values.mean_interval = svi_mean_error_interval(&mean, analysis->findings->level);
    return status;
}

/* The intervals of svi_summarize take the runs for independent, which those of a grid are not. */
static sv_status allow_for_shared_seeds(const svi_analysis *analysis, const svi_block *block,
                                        svi_summary_finding *finding, sv_error *error)
{
    const sv_findings *findings = analysis->findings;
    const svi_interval none = {NAN, NAN};
    const svi_components_finding *components = components_of(findings, finding->subject);
    const svi_indices_finding *indices = indices_of(findings, finding->subject);
    svi_summary *values = &finding->values;
    finding->shares_seeds = true;
    values->mean_interval = values->sd_interval = finding->best_interval = none;
    for (size_t q = 0; q < SVI_N_SUMMARY_QUANTILES; q++) values->quantiles[q].interval = none;
    if (components != NULL && components->n_rows > 0 && components->note[0] == '\0')
        svi_take_from_components(findings, components, values);
    if (indices != NULL && indices->reason[0] == '\0')
        take_from_indices(analysis, block, indices, values);
    if (isnan(values->mean_interval.low) &&
        svi_block_is_mostly_grid(&analysis->designs[block - analysis->codes.blocks]))
        return take_from_clusters(analysis, block, finding, error);
    return SV_OK;
}

/* Where runs end in the same minimum, how many end in the best. */
static sv_status count_best(const sv_findings *findings, svi_summary_finding *finding,
                            sv_error *error)
{
    const svi_summary *values = &finding->values;
    int better = findings->metrics[finding->subject.metric].better;
    finding->n_best = better > 0 ? values->n_max : better < 0 ? values->n_min : 0;
    return svi_rate_interval(finding->n_best, values->n, findings->level, &finding->best_interval,
                             error);
}

void svi_summarize_few(size_t n, double mean, svi_summary_finding *finding)
{
    finding->values = (svi_summary){.n = n, .mean = n > 0 ? mean : NAN};
    if (n > 0)
        snprintf(finding->reason, sizeof finding->reason,
                 "one value says nothing about a spread; it takes two");
    else
        snprintf(finding->reason, sizeof finding->reason,
                 "none of its %" PRIu64 " runs has a finite value", finding->n_runs);
}

static sv_status summarize(const svi_analysis *analysis, const svi_block *block, uint32_t metric,
                           svi_summary_finding *finding, sv_error *error)
{
    double level = analysis->findings->level;
    const svi_metric_column *column = analysis->columns[metric];
    size_t n;
    finding->subject = svi_block_subject(block, metric);
    finding->n_runs = block->n;
    count_failures(analysis->table, block, column, finding);
    SVI_TRY(svi_rate_interval(finding->n_failed, finding->n_runs, level, &finding->failure_interval,
                              error));
    svi_block_finite(block, column, analysis->values, &n);
    if (n < 2) {
        svi_summarize_few(n, analysis->values[0], finding);
        return SV_OK;
    }
    SVI_TRY(svi_summarize(analysis->values, n, level, &finding->values, error));
    finding->sd_of_runs = finding->values.sd;
    SVI_TRY(count_best(analysis->findings, finding, error));
    size_t b = (size_t)(block - analysis->codes.blocks);
    if (svi_block_shares_seeds(&analysis->designs[b]))
        return allow_for_shared_seeds(analysis, block, finding, error);
    return SV_OK;
}

sv_status svi_find_summaries(svi_analysis *analysis, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    size_t n = findings->n_metrics * analysis->codes.n_blocks;
    findings->summaries = calloc(n, sizeof *findings->summaries);
    if (findings->summaries == NULL)
        return svi_fail_memory(error, n * sizeof *findings->summaries, "summaries");
    for (uint32_t m = 0; m < findings->n_metrics; m++) {
        for (size_t b = 0; b < analysis->codes.n_blocks; b++) {
            const svi_block *block = &analysis->codes.blocks[b];
            if (!svi_block_took_part(analysis, block, m)) continue;
            SVI_TRY(summarize(analysis, block, m, &findings->summaries[findings->n_summaries++],
                              error));
        }
    }
    return SV_OK;
}
