#include "analysis/block_design.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/block_layout.h"

static const char *const layout_names[SVI_N_LAYOUTS] = {
#define LAYOUT_NAME(id, name) name,
    SVI_LAYOUTS(LAYOUT_NAME)
#undef LAYOUT_NAME
};

const char *svi_layout_name(svi_layout layout) { return layout_names[layout]; }

static void levels_clear(svi_block_levels *levels)
{
    for (int f = 0; f < SVK_N_SOURCES; f++) free(levels->level[f]);
    free(levels->cell);
}

/* Renumbers what the block has of number[] by first appearance. */
static sv_status number_rows(const uint32_t *number, const svi_block *block, uint32_t **out,
                             size_t *n_distinct, sv_error *error)
{
    uint64_t *key = malloc(block->n * sizeof *key), n = 0;
    *out = malloc(block->n * sizeof **out);
    sv_status status = key != NULL && *out != NULL
                           ? SV_OK
                           : svi_fail_memory(error, block->n * sizeof *key, "levels of a block");
    for (uint64_t i = 0; status == SV_OK && i < block->n; i++) key[i] = number[block->rows[i]];
    if (status == SV_OK) status = svi_number_keys(key, block->n, *out, &n, error);
    free(key);
    *n_distinct = n;
    return status;
}

static sv_status levels_make(const svi_run_codes *codes, const svi_block *block,
                             svi_block_levels *levels, sv_error *error)
{
    levels->n_rows = block->n;
    for (size_t f = 0; f < codes->n_factors; f++) {
        size_t *n_levels = &levels->n_levels[levels->n_factors];
        uint32_t **level = &levels->level[levels->n_factors];
        SVI_TRY(number_rows(codes->factors[f].level, block, level, n_levels, error));
        if (*n_levels > 1) {
            levels->names[levels->n_factors++] = codes->factors[f].name;
        } else {
            free(*level);
            *level = NULL;
        }
    }
    return number_rows(codes->cell, block, &levels->cell, &levels->n_cells, error);
}

static void say_irregular(const svi_block_levels *levels, const char *study_design,
                          svi_block_design *design)
{
    char grid[120] = "";
    for (size_t f = 0; f < levels->n_factors; f++) {
        size_t n = strlen(grid);
        snprintf(grid + n, sizeof grid - n, "%s%zu %s", f > 0 ? " x " : "", levels->n_levels[f],
                 levels->names[f]);
    }
    bool is_grid = strcmp(study_design, "imported") == 0 || strcmp(study_design, "crossed") == 0 ||
                   levels->n_factors < 2;
    if (is_grid)
        snprintf(design->reason, sizeof design->reason,
                 "%zu runs do not fill a grid of %s evenly: some combinations of seeds have %s",
                 levels->n_rows, grid,
                 levels->n_rows % levels->n_cells == 0 ? "no run" : "more runs than others");
    else
        snprintf(design->reason, sizeof design->reason,
                 "%zu runs do not fill the %s design evenly: some of its runs are missing",
                 levels->n_rows, study_design);
}

static bool is_allowed(const svi_block_levels *levels, const char *study_design, svi_layout layout)
{
    return levels->n_factors < 2 || strcmp(study_design, "imported") == 0 ||
           strcmp(study_design, layout_names[layout]) == 0;
}

static sv_status find_layout(const svi_block_levels *levels, const char *study_design,
                             svi_block_design *design, sv_error *error)
{
    design->n_factors = levels->n_factors;
    design->n_cells = levels->n_cells;
    memcpy(design->names, levels->names, sizeof design->names);
    memcpy(design->levels, levels->n_levels, sizeof design->levels);
    if (is_allowed(levels, study_design, SVI_LAYOUT_GRID))
        SVI_TRY(svi_layout_grid(levels, design, error));
    if (design->layout == SVI_LAYOUT_IRREGULAR &&
        is_allowed(levels, study_design, SVI_LAYOUT_NESTED))
        SVI_TRY(svi_layout_nested(levels, design, error));
    if (design->layout == SVI_LAYOUT_IRREGULAR) SVI_TRY(svi_layout_groups(levels, design, error));
    if (!is_allowed(levels, study_design, design->layout)) design->layout = SVI_LAYOUT_IRREGULAR;
    if (design->layout != SVI_LAYOUT_IRREGULAR) return SV_OK;
    say_irregular(levels, study_design, design);
    if (is_allowed(levels, study_design, SVI_LAYOUT_GRID)) svi_layout_gaps(levels, design);
    return SV_OK;
}

sv_status svi_block_design_make(const svi_run_codes *codes, const svi_block *block,
                                const char *design, svi_block_design *out, sv_error *error)
{
    *out = (svi_block_design){0};
    if (block->n == 0) {
        snprintf(out->reason, sizeof out->reason, "there is no run");
        return SV_OK;
    }
    svi_block_levels levels = {0};
    out->slot = calloc(block->n, sizeof *out->slot);
    sv_status status = out->slot != NULL
                           ? SV_OK
                           : svi_fail_memory(error, block->n * sizeof *out->slot, "a design");
    if (status == SV_OK) status = levels_make(codes, block, &levels, error);
    if (status == SV_OK) status = find_layout(&levels, design, out, error);
    levels_clear(&levels);
    if (status != SV_OK) svi_block_design_clear(out);
    return status;
}

bool svi_block_has_components(const svi_block_design *design)
{
    bool is_filled = design->layout == SVI_LAYOUT_GRID || design->layout == SVI_LAYOUT_NESTED;
    return is_filled && design->n_factors > 0;
}

const char *svi_why_not_split(size_t n_factors, uint64_t n_replicates)
{
    if (n_factors == 0) return "the seeds do not vary within these runs; vary a source";
    if (n_factors == 1 && n_replicates == 1)
        return "one run per seed gives no way to tell causes apart; a crossed design does";
    return NULL;
}

bool svi_block_has_indices(const svi_block_design *design)
{
    return design->layout == SVI_LAYOUT_ONE_AT_A_TIME || design->layout == SVI_LAYOUT_PICK_FREEZE;
}

bool svi_block_shares_seeds(const svi_block_design *design)
{
    return design->n_factors > 1 || design->layout == SVI_LAYOUT_IRREGULAR ||
           (design->n_factors == 1 && design->n_replicates > 1);
}

void svi_block_design_clear(svi_block_design *design)
{
    free(design->slot);
    *design = (svi_block_design){0};
}
