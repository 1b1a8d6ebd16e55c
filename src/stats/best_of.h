/* What is gained by keeping the best of several seeds. */
#ifndef SVI_BEST_OF_H
#define SVI_BEST_OF_H

#include "stats/sample.h"

/* z_K: the mean of the largest of k standard normals; 1 <= k <= 10^12. Error below 1e-9. */
sv_status svi_expected_max_normal(uint64_t k, double *z, sv_error *error);

typedef struct svi_best_of {
    double plug_in;  /* mean of the best of n draws with replacement from the sample: too low by
                        O(1/n_values) */
    double unbiased; /* mean of the best over all subsets of n; NaN for n > n_values */
} svi_best_of;

/* Best is the largest value, or the smallest unless is_more_better. n >= 1, n_values >= 1. */
sv_status svi_expected_best(const double *values, size_t n_values, size_t n, bool is_more_better,
                            svi_best_of *out, sv_error *error);

#endif
