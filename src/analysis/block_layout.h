/* The layouts that a block is tried for. For block_design.c and its parts. */
#ifndef SVI_BLOCK_LAYOUT_H
#define SVI_BLOCK_LAYOUT_H

#include "analysis/block_design.h"

/* The factors that vary within a block, with levels numbered by their first appearance there. */
typedef struct svi_block_levels {
    size_t n_rows, n_factors;
    const char *names[SVK_N_SOURCES];
    size_t n_levels[SVK_N_SOURCES];
    uint32_t *level[SVK_N_SOURCES]; /* [n_rows] */
    uint32_t *cell;                 /* [n_rows]: the seed vector */
    size_t n_cells;
} svi_block_levels;

/* Each fills design (whose slot has room for n_rows) where the rows have its layout, and else
 * leaves the layout irregular. */
sv_status svi_layout_grid(const svi_block_levels *levels, svi_block_design *design,
                          sv_error *error);
/* Where at least half of the cells of a grid hold runs, sets has_gaps and the cells of the rows. */
void svi_layout_gaps(const svi_block_levels *levels, svi_block_design *design);
/* Two factors or more, each level of a factor within one level of the factor before, and all with
 * equally many. */
sv_status svi_layout_nested(const svi_block_levels *levels, svi_block_design *design,
                            sv_error *error);
/* One at a time or pick-freeze: groups of runs that share seeds among themselves alone, each of the
 * same shape. */
sv_status svi_layout_groups(const svi_block_levels *levels, svi_block_design *design,
                            sv_error *error);

#endif
