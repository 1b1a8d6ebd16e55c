/* Layouts that an analysis of variance can split: every cell there, and each with as many runs. */
#include <stdlib.h>
#include <string.h>

#include "analysis/block_layout.h"

/* Turns the places of cells in design->slot into places of runs, when all n_cells cells hold
 * equally many; *is_even says whether they do. */
static sv_status place_replicates(const svi_block_levels *levels, size_t n_cells,
                                  svi_block_design *design, bool *is_even, sv_error *error)
{
    uint64_t n_replicates = levels->n_rows / n_cells;
    *is_even = levels->n_rows % n_cells == 0;
    uint64_t *n_in = calloc(n_cells, sizeof *n_in);
    if (n_in == NULL) return svi_fail_memory(error, n_cells * sizeof *n_in, "cells of a design");
    for (size_t i = 0; i < levels->n_rows && *is_even; i++) {
        uint64_t replicate = n_in[design->slot[i]]++;
        *is_even = replicate < n_replicates;
        design->slot[i] = design->slot[i] * n_replicates + replicate;
    }
    free(n_in);
    design->n_replicates = *is_even ? n_replicates : 0;
    return SV_OK;
}

/* Row-major, factor 0 slowest. */
static void place_cells(const svi_block_levels *levels, uint64_t *slot)
{
    for (size_t i = 0; i < levels->n_rows; i++) {
        slot[i] = 0;
        for (size_t f = 0; f < levels->n_factors; f++)
            slot[i] = slot[i] * levels->n_levels[f] + levels->level[f][i];
    }
}

sv_status svi_layout_grid(const svi_block_levels *levels, svi_block_design *design, sv_error *error)
{
    size_t n_cells = 1;
    bool is_even;
    for (size_t f = 0; f < levels->n_factors; f++)
        if (n_cells <= levels->n_rows) n_cells *= levels->n_levels[f];
    if (n_cells > levels->n_rows) return SV_OK;
    place_cells(levels, design->slot);
    SVI_TRY(place_replicates(levels, n_cells, design, &is_even, error));
    if (is_even) design->layout = SVI_LAYOUT_GRID;
    return SV_OK;
}

void svi_layout_gaps(const svi_block_levels *levels, svi_block_design *design)
{
    size_t n_cells = 1;
    for (size_t f = 0; f < levels->n_factors; f++) {
        n_cells *= levels->n_levels[f];
        if (n_cells > 2 * levels->n_cells) return;
    }
    design->has_gaps = true;
    place_cells(levels, design->slot);
}

/* Factors from the outermost to the innermost: by their number of levels. */
static void sort_factors(const svi_block_levels *levels, size_t order[SVK_N_SOURCES])
{
    for (size_t f = 0; f < levels->n_factors; f++) {
        size_t k = f;
        for (; k > 0 && levels->n_levels[order[k - 1]] > levels->n_levels[f]; k--)
            order[k] = order[k - 1];
        order[k] = f;
    }
}

/* place: of the outer levels on entry, of the inner ones, outer place by outer place, on return.
 * Whether each inner level is within one outer level, and each outer one has n_within, at least
 * two: sources that vary together are not one within the other. */
static bool nest(const svi_block_levels *levels, size_t outer, size_t inner, uint64_t *parent,
                 uint64_t *n_children, uint64_t *place, uint64_t *new_place)
{
    size_t n_outer = levels->n_levels[outer], n_inner = levels->n_levels[inner];
    uint64_t n_within = n_inner / n_outer, n_seen = 0;
    if (n_inner % n_outer != 0 || n_within < 2) return false;
    memset(n_children, 0, n_outer * sizeof *n_children);
    for (size_t i = 0; i < levels->n_rows; i++) {
        uint32_t of = levels->level[outer][i], level = levels->level[inner][i];
        if (level == n_seen) {
            n_seen++;
            if (n_children[of] == n_within) return false;
            parent[level] = of;
            new_place[level] = place[of] * n_within + n_children[of]++;
        }
        if (parent[level] != of) return false;
    }
    memcpy(place, new_place, n_inner * sizeof *place);
    return true;
}

static bool nest_all(const svi_block_levels *levels, const size_t *order, uint64_t *space,
                     uint64_t *place)
{
    size_t n = levels->n_rows;
    for (size_t l = 0; l < levels->n_levels[order[0]]; l++) place[l] = l;
    for (size_t k = 1; k < levels->n_factors; k++)
        if (!nest(levels, order[k - 1], order[k], space, space + n, place, space + 2 * n))
            return false;
    return true;
}

static sv_status place_nested(const svi_block_levels *levels, const size_t *order,
                              const uint64_t *place, svi_block_design *design, sv_error *error)
{
    size_t inner = order[levels->n_factors - 1];
    bool is_even;
    for (size_t i = 0; i < levels->n_rows; i++) design->slot[i] = place[levels->level[inner][i]];
    SVI_TRY(place_replicates(levels, levels->n_levels[inner], design, &is_even, error));
    if (!is_even) return SV_OK;
    design->layout = SVI_LAYOUT_NESTED;
    for (size_t k = 0; k < levels->n_factors; k++) {
        design->names[k] = levels->names[order[k]];
        design->levels[k] =
            levels->n_levels[order[k]] / (k > 0 ? levels->n_levels[order[k - 1]] : 1);
    }
    return SV_OK;
}

sv_status svi_layout_nested(const svi_block_levels *levels, svi_block_design *design,
                            sv_error *error)
{
    size_t order[SVK_N_SOURCES];
    if (levels->n_factors < 2) return SV_OK;
    uint64_t *space = calloc(4 * levels->n_rows, sizeof *space);
    if (space == NULL)
        return svi_fail_memory(error, 4 * levels->n_rows * sizeof *space, "a nested design");
    uint64_t *place = space + 3 * levels->n_rows;
    sv_status status = SV_OK;
    sort_factors(levels, order);
    if (nest_all(levels, order, space, place))
        status = place_nested(levels, order, place, design, error);
    free(space);
    return status;
}
