/* Bootstrap of whole levels of a crossed design (McCullagh 2000; Owen 2007, the pigeonhole
 * bootstrap). */
#ifndef SVI_LEVEL_BOOTSTRAP_H
#define SVI_LEVEL_BOOTSTRAP_H

#include "stats/crossed_squares.h"

/* Draws the levels of every factor anew with replacement (nested: the outermost ones, each with all
 * that is inside), cells keep their replicates.
 * mean_squares: [n_resamples][1 << n_factors], of each resample. */
sv_status svi_level_bootstrap(const svi_crossed_design *design, const svi_crossed_cells *cells,
                              double *mean_squares, sv_error *error);

#endif
