/* Components of variance of a crossed grid with gaps: cells without runs, or with different numbers
 * of them. Henderson's (1953) method 1, in Searle, Casella and McCulloch 1992, chapter 5: the sums
 * of squares of the level means are equated to their expectations, which is unbiased for random
 * factors and, in a full grid, gives the estimates of crossed_effects.h. No intervals. */
#ifndef SVI_UNBALANCED_EFFECTS_H
#define SVI_UNBALANCED_EFFECTS_H

#include "stats/crossed_effects.h"

enum { SVI_UNBALANCED_MAX_FACTORS = 4 };

/* Reads n_factors (1..SVI_UNBALANCED_MAX_FACTORS), levels and is_deterministic of design. cell[n]:
 * of each value, below the product of the levels, factor 0 slowest. In the result df, mean squares
 * and intervals are NaN. *is_estimable: whether the values that are there tell all components
 * apart; else the result is not set. */
sv_status svi_unbalanced_analyze(const svi_crossed_design *design, const uint64_t *cell,
                                 const double *values, size_t n, svi_crossed_result *result,
                                 bool *is_estimable, sv_error *error);

#endif
