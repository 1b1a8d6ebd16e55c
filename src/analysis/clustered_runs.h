/* How well runs know their mean that share seeds without filling a grid evenly. */
#ifndef SVI_CLUSTERED_RUNS_H
#define SVI_CLUSTERED_RUNS_H

#include "analysis/block_design.h"
#include "stats/crossed_mean.h"

/* Whether at least half of the cells of a grid, or of a nested design, hold runs. */
bool svi_block_is_mostly_grid(const svi_block_design *design);

/* values[i] is of row rows[i] of the table; by svi_clustered_mean_error. */
sv_status svi_clustered_error_of_runs(const svi_run_codes *codes, const double *values,
                                      const uint64_t *rows, size_t n, svi_mean_error *out,
                                      sv_error *error);

#endif
