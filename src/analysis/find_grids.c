/* Seeds of one source against seeds of another: the headline in every cell, for a heat map. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"
#include "stats/sorting.h"

/* Sums and counts of a grid's cells, and where each level stands by its mean. */
typedef struct grid_sums {
    size_t n[2];
    double *sum, *count;    /* [n[0] * n[1]] */
    double *mean[2];        /* [n[k]] */
    uint64_t *seed[2];      /* [n[k]] */
    uint32_t *ascending[2]; /* [n[k]] */
    const svi_factor *factors[2];
} grid_sums;

static void sums_clear(grid_sums *sums)
{
    free(sums->sum);
    free(sums->count);
    for (int k = 0; k < 2; k++) {
        free(sums->mean[k]);
        free(sums->seed[k]);
        free(sums->ascending[k]);
    }
}

static sv_status sums_make(const svi_factor *rows, const svi_factor *columns, grid_sums *sums,
                           sv_error *error)
{
    bool has_memory = true;
    *sums = (grid_sums){.n = {rows->n_levels, columns->n_levels}, .factors = {rows, columns}};
    sums->sum = calloc(sums->n[0] * sums->n[1], sizeof *sums->sum);
    sums->count = calloc(sums->n[0] * sums->n[1], sizeof *sums->count);
    for (int k = 0; k < 2; k++) {
        sums->mean[k] = calloc(sums->n[k], sizeof *sums->mean[k]);
        sums->seed[k] = calloc(sums->n[k], sizeof *sums->seed[k]);
        sums->ascending[k] = calloc(sums->n[k], sizeof *sums->ascending[k]);
        has_memory = has_memory && sums->mean[k] != NULL && sums->seed[k] != NULL &&
                     sums->ascending[k] != NULL;
    }
    if (has_memory && sums->sum != NULL && sums->count != NULL) return SV_OK;
    return svi_fail_memory(error, 2 * sums->n[0] * sums->n[1] * sizeof(double), "a grid of means");
}

static void add_runs(const svi_run_table *table, const svi_block *block,
                     const svi_metric_column *column, grid_sums *sums)
{
    for (uint64_t i = 0; i < block->n; i++) {
        uint64_t row = block->rows[i];
        uint32_t level[2];
        for (int k = 0; k < 2; k++) {
            level[k] = sums->factors[k]->level[row];
            sums->seed[k][level[k]] = table->seed[sums->factors[k]->source][row];
        }
        if (!isfinite(column->value[row])) continue;
        size_t cell = level[0] * sums->n[1] + (size_t)level[1];
        sums->sum[cell] += column->value[row];
        sums->count[cell]++;
    }
}

/* Levels without a value come first. */
static sv_status rank_levels(grid_sums *sums, int k, sv_error *error)
{
    size_t n_other = sums->n[1 - k];
    for (size_t level = 0; level < sums->n[k]; level++) {
        double sum = 0, count = 0;
        for (size_t other = 0; other < n_other; other++) {
            size_t cell = k == 0 ? level * sums->n[1] + other : other * sums->n[1] + level;
            sum += sums->sum[cell];
            count += sums->count[cell];
        }
        sums->mean[k][level] = count > 0 ? sum / count : -HUGE_VAL;
    }
    return svi_sort_order(sums->mean[k], sums->n[k], sums->ascending[k], error);
}

/* The level that stands at place i of those shown. */
static size_t level_at(const grid_sums *sums, int k, size_t i, size_t n_shown)
{
    size_t last = n_shown > 1 ? n_shown - 1 : 1;
    return sums->ascending[k][n_shown == sums->n[k] ? i : i * (sums->n[k] - 1) / last];
}

static sv_status fill_seeds(const grid_sums *sums, size_t n_most, int k, svi_grid_finding *finding,
                            sv_error *error)
{
    size_t n_shown = sums->n[k] < n_most ? sums->n[k] : n_most;
    finding->n_levels[k] = sums->n[k];
    finding->n_shown[k] = n_shown;
    snprintf(finding->names[k], sizeof finding->names[k], "%s", sums->factors[k]->name);
    finding->seeds[k] = calloc(n_shown, sizeof *finding->seeds[k]);
    if (finding->seeds[k] == NULL) return svi_fail_memory(error, 0, "a heat map");
    for (size_t i = 0; i < n_shown; i++)
        finding->seeds[k][i] = sums->seed[k][level_at(sums, k, i, n_shown)];
    return SV_OK;
}

static sv_status fill_values(const grid_sums *sums, svi_grid_finding *finding, sv_error *error)
{
    const size_t *n = finding->n_shown;
    finding->values = calloc(n[0] * n[1], sizeof *finding->values);
    if (finding->values == NULL) return svi_fail_memory(error, 0, "a heat map");
    for (size_t i = 0; i < n[0]; i++) {
        for (size_t j = 0; j < n[1]; j++) {
            size_t cell = level_at(sums, 0, i, n[0]) * sums->n[1] + level_at(sums, 1, j, n[1]);
            finding->values[i * n[1] + j] = sums->sum[cell] / sums->count[cell];
        }
    }
    return SV_OK;
}

/* Share of the variance of the headline that two factors, by their bits, and their interaction
 * have. */
static double pair_share(const svi_analysis *analysis, svi_subject subject, uint32_t pair)
{
    double share = 0;
    for (size_t g = 0; g < analysis->findings->n_components; g++) {
        const svi_components_finding *group = &analysis->findings->components[g];
        if (group->subject.arm != subject.arm || group->subject.numerics != subject.numerics ||
            group->subject.metric != subject.metric)
            continue;
        for (size_t c = 0; c < group->n_rows; c++) {
            uint32_t factors = group->rows[c].factors;
            if (factors != 0 && (factors & ~pair) == 0) share += group->rows[c].share;
        }
    }
    return share;
}

static const svi_factor *named_factor(const svi_analysis *analysis, const char *name)
{
    const svi_factor *factor = analysis->codes.factors;
    while (strcmp(factor->name, name) != 0) factor++;
    return factor;
}

/* The two factors that explain most of it; the first two where that is not known. */
static void choose_pair(const svi_analysis *analysis, size_t b, const svi_factor *pair[2])
{
    const svi_block_design *design = &analysis->designs[b];
    svi_subject subject =
        svi_block_subject(&analysis->codes.blocks[b], analysis->findings->headline);
    double largest = -INFINITY;
    for (size_t i = 0; i < design->n_factors; i++) {
        for (size_t j = i + 1; j < design->n_factors; j++) {
            double share = pair_share(analysis, subject, 1u << i | 1u << j);
            if (pair[0] != NULL && !(share > largest)) continue;
            largest = share;
            pair[0] = named_factor(analysis, design->names[i]);
            pair[1] = named_factor(analysis, design->names[j]);
        }
    }
}

static sv_status find_grid(const svi_analysis *analysis, const svi_block *block,
                           const svi_factor *const pair[2], size_t n_most,
                           svi_grid_finding *finding, sv_error *error)
{
    grid_sums sums;
    uint32_t headline = analysis->findings->headline;
    finding->subject = svi_block_subject(block, headline);
    sv_status status = sums_make(pair[0], pair[1], &sums, error);
    if (status == SV_OK) add_runs(analysis->table, block, analysis->columns[headline], &sums);
    for (int k = 0; k < 2 && status == SV_OK; k++) {
        status = rank_levels(&sums, k, error);
        if (status == SV_OK) status = fill_seeds(&sums, n_most, k, finding, error);
    }
    if (status == SV_OK) status = fill_values(&sums, finding, error);
    sums_clear(&sums);
    return status;
}

static bool is_grid(const svi_analysis *analysis, size_t b)
{
    return analysis->designs[b].layout == SVI_LAYOUT_GRID && analysis->designs[b].n_factors >= 2 &&
           svi_block_has_metric(analysis, &analysis->codes.blocks[b], analysis->findings->headline);
}

sv_status svi_find_grids(svi_analysis *analysis, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    const svi_factor *pair[2] = {NULL, NULL}; /* of the first grid, the same in all */
    size_t n_grids = 0;
    for (size_t b = 0; b < analysis->codes.n_blocks; b++) n_grids += is_grid(analysis, b);
    if (n_grids > SVI_MOST_GRIDS) n_grids = SVI_MOST_GRIDS;
    findings->grids = calloc(n_grids + 1, sizeof *findings->grids);
    if (findings->grids == NULL) return svi_fail_memory(error, 0, "heat maps");
    for (size_t b = 0; b < analysis->codes.n_blocks && findings->n_grids < n_grids; b++) {
        if (!is_grid(analysis, b)) continue;
        size_t n_most = (size_t)sqrt((double)SVI_MOST_SHOWN_CELLS / (double)n_grids);
        if (n_most > 64) n_most = 64;
        if (pair[0] == NULL) choose_pair(analysis, b, pair);
        SVI_TRY(find_grid(analysis, &analysis->codes.blocks[b], pair, n_most,
                          &findings->grids[findings->n_grids++], error));
    }
    return SV_OK;
}
