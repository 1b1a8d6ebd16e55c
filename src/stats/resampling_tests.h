/* Tests by resampling, over and over with one number of seeds: the resamples are drawn once and
 * serve every imagined study. For test_rates.c. */
#ifndef SVI_RESAMPLING_TESTS_H
#define SVI_RESAMPLING_TESTS_H

#include "stats/sample.h"

typedef struct svi_resampler {
    size_t n;              /* values an arm */
    size_t n_permutations; /* all that there are, where these are not more than were asked for */
    bool has_all;
    size_t n_resamples;
    double *swap;     /* [2 n][n_permutations]: 1 where a value is in the first arm, else -1 */
    double *weight_a; /* [n][n_resamples]: how often a value is in a resample */
    double *weight_b; /* the same */
    double *sum;      /* [the larger]: scratch */
    double alpha;
} svi_resampler;

sv_status svi_resampler_make(size_t n, size_t n_resamples, double alpha, svi_resampler *resampler,
                             sv_error *error);
void svi_resampler_clear(svi_resampler *resampler);

/* Two-sided, of the difference of means of a and b, n values each. p is the share of permutations
 * that differ at least as much, the observed one included. */
bool svi_permutation_rejects(svi_resampler *resampler, const double *a, const double *b);
/* The percentile interval of the difference of means (both arms resampled) leaves out 0. */
bool svi_bootstrap_rejects(svi_resampler *resampler, const double *a, const double *b);

#endif
