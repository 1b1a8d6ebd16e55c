#include "analysis/search_runs.h"

#include <math.h>
#include <stdlib.h>

static const uint64_t no_row = UINT64_MAX;

static void keep_first_replicates(const svi_run_table *table, const uint32_t *cell, uint64_t *first,
                                  svi_search_runs *runs)
{
    size_t n = 0;
    for (size_t i = 0; i < runs->n; i++) {
        uint64_t row = runs->rows[i], *of_cell = &first[cell[row]];
        if (*of_cell == no_row || table->replicate[row] < table->replicate[*of_cell])
            *of_cell = row;
    }
    for (size_t i = 0; i < runs->n; i++)
        if (first[cell[runs->rows[i]]] == runs->rows[i]) runs->rows[n++] = runs->rows[i];
    runs->n = n;
}

sv_status svi_search_runs_make(const svi_analysis *analysis, size_t b,
                               const svi_metric_column *column, const svi_metric_column *other,
                               svi_search_runs *runs, sv_error *error)
{
    const svi_block *block = &analysis->codes.blocks[b];
    uint64_t n_cells = analysis->codes.n_cells;
    *runs = (svi_search_runs){.shares_seeds = analysis->designs[b].n_factors > 1};
    runs->rows = malloc((block->n + 1) * sizeof *runs->rows);
    uint64_t *first = malloc((n_cells + 1) * sizeof *first);
    if (runs->rows == NULL || first == NULL) {
        free(runs->rows);
        free(first);
        runs->rows = NULL;
        return svi_fail_memory(error, (block->n + n_cells) * sizeof *first, "the runs of a search");
    }
    for (uint64_t i = 0; i < block->n; i++) {
        uint64_t row = block->rows[i];
        if (isfinite(column->value[row]) && (other == NULL || isfinite(other->value[row])))
            runs->rows[runs->n++] = row;
    }
    for (uint64_t c = 0; c < n_cells; c++) first[c] = no_row;
    if (analysis->designs[b].n_factors > 0)
        keep_first_replicates(analysis->table, analysis->codes.cell, first, runs);
    free(first);
    return SV_OK;
}
