#include "analysis/block_design.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Adds factor f to cell[] when it varies in the block: cell = cell * levels + level, levels
 * numbered within the block. *n_cells is their product, or more than the block's runs. */
static sv_status add_factor(const svi_factor *factor, const svi_block *block,
                            svi_block_design *design, uint64_t *cell, uint64_t *n_cells,
                            sv_error *error)
{
    uint32_t *local = malloc(factor->n_levels * sizeof *local);
    if (local == NULL)
        return svi_fail_memory(error, factor->n_levels * sizeof *local, "levels of a block");
    memset(local, 0xff, factor->n_levels * sizeof *local);
    uint32_t n_levels = 0;
    for (uint64_t i = 0; i < block->n; i++) {
        uint32_t *level = &local[factor->level[block->rows[i]]];
        if (*level == UINT32_MAX) *level = n_levels++;
    }
    if (n_levels > 1) {
        design->names[design->n_factors] = factor->name;
        design->levels[design->n_factors++] = n_levels;
        if (*n_cells <= block->n) *n_cells *= n_levels;
        for (uint64_t i = 0; i < block->n; i++) {
            cell[i] = cell[i] * n_levels + local[factor->level[block->rows[i]]];
        }
    }
    free(local);
    return SV_OK;
}

static void say_unbalanced(svi_block_design *design, uint64_t n_runs, const char *what)
{
    char grid[120] = "";
    for (size_t f = 0; f < design->n_factors; f++) {
        size_t n = strlen(grid);
        snprintf(grid + n, sizeof grid - n, "%s%zu %s", f > 0 ? " x " : "", design->levels[f],
                 design->names[f]);
    }
    snprintf(design->reason, sizeof design->reason,
             "%" PRIu64 " runs do not fill a grid of %s evenly: %s", n_runs, grid, what);
}

/* Turns cell[] into slots when all cells hold the same number of runs. */
static sv_status balance(const svi_block *block, svi_block_design *design, uint64_t *cell,
                         uint64_t n_cells, sv_error *error)
{
    if (n_cells > block->n) {
        say_unbalanced(design, block->n, "some combinations of seeds have no run");
        return SV_OK;
    }
    uint64_t *n_in = calloc(n_cells, sizeof *n_in), n_replicates = block->n / n_cells;
    if (n_in == NULL) return svi_fail_memory(error, n_cells * sizeof *n_in, "cells of a design");
    bool is_even = block->n % n_cells == 0;
    for (uint64_t i = 0; i < block->n && is_even; i++) {
        uint64_t replicate = n_in[cell[i]]++;
        is_even = replicate < n_replicates;
        cell[i] = cell[i] * n_replicates + replicate;
    }
    free(n_in);
    if (!is_even) {
        say_unbalanced(design, block->n, "some combinations of seeds have more runs than others");
        return SV_OK;
    }
    design->is_balanced = true;
    design->n_replicates = n_replicates;
    return SV_OK;
}

sv_status svi_block_design_make(const svi_run_codes *codes, const svi_block *block,
                                svi_block_design *design, sv_error *error)
{
    *design = (svi_block_design){0};
    if (block->n == 0) {
        snprintf(design->reason, sizeof design->reason, "there is no run");
        return SV_OK;
    }
    design->slot = calloc(block->n, sizeof *design->slot);
    if (design->slot == NULL)
        return svi_fail_memory(error, block->n * sizeof *design->slot, "a design");
    uint64_t n_cells = 1;
    sv_status status = SV_OK;
    for (size_t f = 0; f < codes->n_factors && status == SV_OK; f++) {
        status = add_factor(&codes->factors[f], block, design, design->slot, &n_cells, error);
    }
    if (status == SV_OK) status = balance(block, design, design->slot, n_cells, error);
    if (status != SV_OK) svi_block_design_clear(design);
    return status;
}

bool svi_block_shares_seeds(const svi_block_design *design)
{
    return design->n_factors > 1 || !design->is_balanced ||
           (design->n_factors == 1 && design->n_replicates > 1);
}

void svi_block_design_clear(svi_block_design *design)
{
    free(design->slot);
    *design = (svi_block_design){0};
}
