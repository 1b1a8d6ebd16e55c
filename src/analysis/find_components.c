#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"
#include "stats/unbalanced_effects.h"

/* Values touched by one metric's bootstrap: keeps a grid of a million runs within seconds. Where
 * not even ten resamples are had for it there is none. */
static const size_t max_resampled_values = 20000000;

svi_crossed_design svi_crossed_design_of(const svi_block_design *design, bool is_deterministic,
                                         double level)
{
    svi_crossed_design crossed = {.n_factors = design->n_factors,
                                  .n_replicates = design->n_replicates,
                                  .is_deterministic = is_deterministic,
                                  .level = level,
                                  .is_nested = design->layout == SVI_LAYOUT_NESTED};
    size_t n_values = design->n_replicates;
    for (size_t f = 0; f < design->n_factors; f++) {
        crossed.levels[f] = design->levels[f];
        n_values *= design->levels[f];
    }
    size_t n_resamples = max_resampled_values / n_values;
    if (n_resamples < SVI_CROSSED_N_RESAMPLES)
        crossed.n_resamples = n_resamples > 100 ? n_resamples : 100;
    crossed.has_no_bootstrap = n_resamples < 10;
    return crossed;
}

static uint64_t count_missing(const svi_block *block, const svi_metric_column *column)
{
    uint64_t n = 0;
    for (uint64_t i = 0; i < block->n; i++) n += isfinite(column->value[block->rows[i]]) ? 0 : 1;
    return n;
}

/* Fills finding->reason when the block cannot be split. */
static void explain(const svi_analysis *analysis, const svi_block *block,
                    const svi_block_design *design, svi_components_finding *finding)
{
    char *reason = finding->reason;
    const char *why = svi_why_not_split(design->n_factors, design->n_replicates);
    const svi_metric_column *column = analysis->columns[finding->subject.metric];
    uint64_t n_missing = count_missing(block, column);
    if (svi_block_has_indices(design)) {
        snprintf(reason, sizeof finding->reason,
                 "a %s design gives indices of the sources, not components",
                 svi_layout_name(design->layout));
    } else if (design->layout == SVI_LAYOUT_IRREGULAR) {
        snprintf(reason, sizeof finding->reason, "%s", design->reason);
    } else if (why != NULL) {
        snprintf(reason, sizeof finding->reason, "%s", why);
    } else if (n_missing > 0) {
        snprintf(reason, sizeof finding->reason,
                 "%" PRIu64 " of %" PRIu64
                 " runs have no finite %s; a full split needs a value in every cell",
                 n_missing, block->n, column->name);
    }
}

sv_status svi_keep_components(const svi_crossed_result *result, const svi_block_design *design,
                              svi_components_finding *finding, sv_error *error)
{
    size_t n = result->n_components;
    finding->rows = malloc(n * sizeof *finding->rows);
    finding->labels = malloc(n * sizeof *finding->labels);
    if (finding->rows == NULL || finding->labels == NULL) {
        return svi_fail_memory(error, n * sizeof *finding->rows, "components");
    }
    finding->n_rows = n;
    finding->mean = result->mean;
    finding->total_variance = result->total_variance;
    finding->total_interval = result->total_interval;
    for (size_t c = 0; c < n; c++) {
        finding->rows[c] = result->components[c];
        svi_component_label(&result->components[c], design->names, finding->labels[c],
                            sizeof *finding->labels);
    }
    return SV_OK;
}

/* Whether a block that cannot be split as a full grid can be as one with gaps. */
static bool has_gaps(const svi_block_design *design, uint64_t n_missing)
{
    bool is_grid = design->layout == SVI_LAYOUT_GRID && n_missing > 0 &&
                   (design->n_factors > 1 || design->n_replicates > 1);
    return (is_grid || design->has_gaps) && design->n_factors > 0 &&
           design->n_factors <= SVI_UNBALANCED_MAX_FACTORS;
}

/* The reason stays where the values that are there do not tell the components apart; else it turns
 * into a note. */
static sv_status split_with_gaps(svi_analysis *analysis, const svi_block *block,
                                 const svi_block_design *design, svi_components_finding *finding,
                                 sv_error *error)
{
    const double *value = analysis->columns[finding->subject.metric]->value;
    bool is_deterministic = analysis->table->is_deterministic[block->numerics], is_estimable;
    svi_crossed_design crossed = {.n_factors = design->n_factors,
                                  .is_deterministic = is_deterministic};
    svi_crossed_result result;
    size_t n = 0, n_replicates = design->has_gaps ? 1 : design->n_replicates;
    for (size_t f = 0; f < design->n_factors; f++) crossed.levels[f] = design->levels[f];
    uint64_t *cell = malloc(block->n * sizeof *cell);
    if (cell == NULL) return svi_fail_memory(error, block->n * sizeof *cell, "cells");
    for (uint64_t i = 0; i < block->n; i++) {
        if (!isfinite(value[block->rows[i]])) continue;
        cell[n] = design->slot[i] / n_replicates;
        analysis->values[n++] = value[block->rows[i]];
    }
    sv_status status =
        svi_unbalanced_analyze(&crossed, cell, analysis->values, n, &result, &is_estimable, error);
    free(cell);
    if (status != SV_OK || !is_estimable) return status;
    memcpy(finding->note, finding->reason, sizeof finding->note);
    finding->reason[0] = '\0';
    return svi_keep_components(&result, design, finding, error);
}

static sv_status split(svi_analysis *analysis, const svi_block *block,
                       const svi_block_design *design, const svi_crossed_plan *plan,
                       svi_components_finding *finding, sv_error *error)
{
    const svi_metric_column *column = analysis->columns[finding->subject.metric];
    explain(analysis, block, design, finding);
    if (finding->reason[0] != '\0' && has_gaps(design, count_missing(block, column)))
        return split_with_gaps(analysis, block, design, finding, error);
    if (finding->reason[0] != '\0') return SV_OK;
    for (uint64_t i = 0; i < block->n; i++)
        analysis->values[design->slot[i]] = column->value[block->rows[i]];
    svi_crossed_result result;
    SVI_TRY(svi_crossed_analyze(plan, analysis->values, block->n, &result, error));
    return svi_keep_components(&result, design, finding, error);
}

static sv_status split_block(svi_analysis *analysis, size_t b, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    const svi_block *block = &analysis->codes.blocks[b];
    const svi_block_design *design = &analysis->designs[b];
    svi_crossed_plan *plan = NULL;
    if (svi_block_has_components(design)) {
        bool is_deterministic = analysis->table->is_deterministic[block->numerics];
        svi_crossed_design crossed =
            svi_crossed_design_of(design, is_deterministic, findings->level);
        SVI_TRY(svi_crossed_plan_make(&crossed, &plan, error));
    }
    sv_status status = SV_OK;
    for (uint32_t m = 0; m < findings->n_metrics && status == SV_OK; m++) {
        if (!svi_block_has_metric(analysis, block, m)) continue;
        svi_components_finding *finding = &findings->components[findings->n_components++];
        finding->subject = svi_block_subject(block, m);
        status = split(analysis, block, design, plan, finding, error);
    }
    svi_crossed_plan_free(plan);
    return status;
}

sv_status svi_find_components(svi_analysis *analysis, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    size_t n = findings->n_metrics * analysis->codes.n_blocks;
    findings->components = calloc(n, sizeof *findings->components);
    if (findings->components == NULL)
        return svi_fail_memory(error, n * sizeof *findings->components, "components");
    for (size_t b = 0; b < analysis->codes.n_blocks; b++) SVI_TRY(split_block(analysis, b, error));
    return SV_OK;
}
