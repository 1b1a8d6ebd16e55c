/* Bins for values of which many may be equal. */
#ifndef SVI_HISTOGRAM_H
#define SVI_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SVI_N_BINS_MAX = 64 };

/* Bin i holds low + i * width <= value < low + (i + 1) * width. */
typedef struct svi_bins {
    double low, width;
    size_t n_bins; /* 1 to SVI_N_BINS_MAX */
} svi_bins;

/* sorted: n >= 1 finite values, ascending. Covers all of them, unless a few (less than a hundredth)
 * lie so far out that the others would share a few bins. Where the values are multiples of a step,
 * as shares of test points are, the width is a multiple of it, so that no bin holds more steps than
 * its neighbours. */
svi_bins svi_bins_choose(const double *sorted, size_t n);

/* Adds up values by bin, and those outside. */
void svi_bins_count(const svi_bins *bins, const double *values, size_t n, uint64_t *counts,
                    uint64_t *n_below, uint64_t *n_above);

#endif
