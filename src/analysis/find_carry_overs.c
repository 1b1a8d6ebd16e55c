/* Do the best seeds of a source stay the best with other seeds of the rest, or in other arms? */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/analysis.h"

enum { RANKED_N_MIN = 3 };

static sv_status add(sv_findings *findings, svi_subject subject, const char *source,
                     svi_carry_over_finding **finding, sv_error *error)
{
    size_t n = findings->n_carry_overs + 1;
    svi_carry_over_finding *grown = realloc(findings->carry_overs, n * sizeof *grown);
    if (grown == NULL) return svi_fail_memory(error, n * sizeof *grown, "rankings");
    findings->carry_overs = grown;
    *finding = &grown[findings->n_carry_overs++];
    **finding = (svi_carry_over_finding){.subject = subject};
    snprintf((*finding)->source, sizeof(*finding)->source, "%s", source);
    return SV_OK;
}

/* ---- over the other seeds of a grid ---- */

/* Mean of the replicates of each cell, as [levels of factor][combinations of the others]; false
 * where one is not finite. */
static bool lay_out(const svi_block_design *design, const double *in_grid, size_t factor,
                    double *table)
{
    size_t n_inner = 1, n_outer = 1, r = design->n_replicates, n_levels = design->levels[factor];
    for (size_t f = 0; f < design->n_factors; f++) {
        if (f < factor) n_outer *= design->levels[f];
        if (f > factor) n_inner *= design->levels[f];
    }
    for (size_t cell = 0; cell < n_outer * n_levels * n_inner; cell++) {
        size_t inner = cell % n_inner, level = cell / n_inner % n_levels;
        size_t outer = cell / n_inner / n_levels;
        double sum = 0;
        for (size_t k = 0; k < r; k++) sum += in_grid[cell * r + k];
        if (!isfinite(sum)) return false;
        table[level * n_outer * n_inner + outer * n_inner + inner] = sum / (double)r;
    }
    return true;
}

static sv_status rank_factor(svi_analysis *analysis, const svi_block *block,
                             const svi_block_design *design, size_t factor, svi_subject subject,
                             double *table, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    size_t n_levels = design->levels[factor];
    size_t n_columns = block->n / design->n_replicates / n_levels;
    svi_carry_over_finding *finding = NULL;
    svi_kendall rank;
    if (n_levels < RANKED_N_MIN || n_columns < 2) return SV_OK;
    if (!lay_out(design, analysis->values, factor, table)) return SV_OK;
    SVI_TRY(svi_kendall_carry_over(table, n_levels, n_columns, findings->level, &rank, error));
    SVI_TRY(add(findings, subject, design->names[factor], &finding, error));
    finding->rank = rank;
    finding->method = "mean of Kendall's tau-b over pairs of columns, jackknife over columns";
    if (design->n_factors == 2) {
        snprintf(finding->over, sizeof finding->over, "other %s seeds", design->names[1 - factor]);
    } else {
        snprintf(finding->over, sizeof finding->over, "other seeds of all other sources");
    }
    return SV_OK;
}

static sv_status rank_in_grid(svi_analysis *analysis, size_t b, uint32_t metric, sv_error *error)
{
    const svi_block *block = &analysis->codes.blocks[b];
    const svi_block_design *design = &analysis->designs[b];
    const svi_metric_column *column = analysis->columns[metric];
    if (design->layout != SVI_LAYOUT_GRID || design->n_factors < 2) return SV_OK;
    double *table = malloc(block->n * sizeof *table);
    if (table == NULL) return svi_fail_memory(error, block->n * sizeof *table, "rankings");
    for (uint64_t i = 0; i < block->n; i++)
        analysis->values[design->slot[i]] = column->value[block->rows[i]];
    sv_status status = SV_OK;
    for (size_t f = 0; f < design->n_factors && status == SV_OK; f++)
        status =
            rank_factor(analysis, block, design, f, svi_block_subject(block, metric), table, error);
    free(table);
    return status;
}

/* ---- over arms ---- */

/* Mean of a block's finite values at each level of a factor; NaN where it has none. */
static sv_status level_means(const svi_factor *factor, const svi_block *block,
                             const svi_metric_column *column, double **mean, sv_error *error)
{
    *mean = calloc(2 * factor->n_levels, sizeof **mean);
    if (*mean == NULL) return svi_fail_memory(error, 2 * factor->n_levels * sizeof **mean, "means");
    double *n = *mean + factor->n_levels;
    for (uint64_t i = 0; i < block->n; i++) {
        double value = column->value[block->rows[i]];
        uint32_t level = factor->level[block->rows[i]];
        if (!isfinite(value)) continue;
        (*mean)[level] += value;
        n[level]++;
    }
    for (size_t l = 0; l < factor->n_levels; l++) (*mean)[l] /= n[l];
    return SV_OK;
}

static size_t keep_common(size_t n, double *one, double *other)
{
    size_t n_kept = 0;
    for (size_t l = 0; l < n; l++) {
        if (isnan(one[l]) || isnan(other[l])) continue;
        one[n_kept] = one[l];
        other[n_kept++] = other[l];
    }
    return n_kept;
}

/* In a sweep the one factor's levels are the runs' seeds; in a grid a level counts by its mean. */
static sv_status rank_in_arms(svi_analysis *analysis, size_t b, size_t reference, size_t f,
                              uint32_t metric, sv_error *error)
{
    const svi_run_codes *codes = &analysis->codes;
    const svi_factor *factor = &codes->factors[f];
    sv_findings *findings = analysis->findings;
    const svi_metric_column *column = analysis->columns[metric];
    svi_carry_over_finding *finding = NULL;
    svi_kendall rank;
    double *one = NULL, *other = NULL;
    size_t n = 0;
    sv_status status = level_means(factor, &codes->blocks[b], column, &one, error);
    if (status == SV_OK)
        status = level_means(factor, &codes->blocks[reference], column, &other, error);
    if (status == SV_OK) n = keep_common(factor->n_levels, one, other);
    if (status == SV_OK && n >= RANKED_N_MIN)
        status = svi_kendall_tau(one, other, n, findings->level, &rank, error);
    if (status == SV_OK && n >= RANKED_N_MIN)
        status = add(findings, svi_block_subject(&codes->blocks[b], metric), factor->name, &finding,
                     error);
    if (finding != NULL) {
        finding->rank = rank;
        finding->method = "Kendall's tau-b, Fieller's interval";
        snprintf(finding->over, sizeof finding->over, "arm %s",
                 findings->arm_names[codes->blocks[reference].arm]);
    }
    free(one);
    free(other);
    return status;
}

/* Where every seed of a source has met the same others. */
static bool has_rankings(const svi_analysis *analysis, size_t b)
{
    return analysis->codes.n_factors == 1 || analysis->designs[b].layout == SVI_LAYOUT_GRID;
}

static sv_status rank_metric(svi_analysis *analysis, uint32_t metric, sv_error *error)
{
    const sv_findings *findings = analysis->findings;
    for (size_t b = 0; b < analysis->codes.n_blocks; b++) {
        const svi_block *block = &analysis->codes.blocks[b];
        if (!svi_block_has_metric(analysis, block, metric)) continue;
        SVI_TRY(rank_in_grid(analysis, b, metric, error));
        size_t reference = b % findings->n_numerics; /* the first arm */
        if (block->arm == 0 || !has_rankings(analysis, b) || !has_rankings(analysis, reference))
            continue;
        if (!svi_block_has_metric(analysis, &analysis->codes.blocks[reference], metric)) continue;
        for (size_t f = 0; f < analysis->codes.n_factors; f++)
            SVI_TRY(rank_in_arms(analysis, b, reference, f, metric, error));
    }
    return SV_OK;
}

sv_status svi_find_carry_overs(svi_analysis *analysis, sv_error *error)
{
    for (uint32_t m = 0; m < analysis->findings->n_metrics; m++)
        SVI_TRY(rank_metric(analysis, m, error));
    return SV_OK;
}
