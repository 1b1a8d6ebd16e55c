/* Intervals for a sum of weights[i] * mean_squares[i] of independent mean squares, each df * MS /
 * E(MS) chi-square. */
#ifndef SVI_CROSSED_INTERVALS_H
#define SVI_CROSSED_INTERVALS_H

#include "stats/sample.h"

typedef struct svi_squares {
    size_t n;
    const double *mean_square, *df; /* [n]; entries of weight 0 are not read */
} svi_squares;

/* Modified large sample interval of Ting, Burdick, Graybill, Jeyaratnam and Lu (1990); for a single
 * mean square it is the exact chi-square interval. level: checked by the caller, as below. */
svi_interval svi_large_sample_interval(const svi_squares *squares, const double *weights,
                                       double level);

/* Draws of df / chi-square for stratum number `stratum`: the quantiles at (i + 1/2) / n_draws in an
 * order of their own (a Latin hypercube over the strata). NaN-free for df > 0. 1000 <= n_draws <
 * 2^32. */
void svi_pivot_draws(double df, uint32_t stratum, size_t n_draws, double *draws);

/* draws[d] = sum over i of weights[i] * mean_square[i] * pivots[i * n_draws + d] (Weerahandi 1993:
 * a generalized pivot for the sum). */
void svi_generalized_draws(const svi_squares *squares, const double *weights, const double *pivots,
                           size_t n_draws, double *draws);

/* The middle `level` of the draws, which are sorted in place. */
svi_interval svi_middle_of(double *draws, size_t n_draws, double level);

#endif
