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
    double
        standard_error; /* of either: infinitesimal jackknife (Jaeckel 1972); NaN for one value */
    svi_interval interval; /* unbiased -+ t quantile (n_values - 1) times standard_error; NaN where
                              that is */
    svi_interval spread;   /* the middle 90% of the best of n single searches: quantiles of F^n */
} svi_best_of;

/* Runs in the order of how good they look, for any number of questions about the best of n. */
typedef struct svi_search {
    size_t n_values;
    double sign;      /* -1 where less is better */
    double *looks;    /* [n_values]: sign times what is searched by, ascending */
    double *is;       /* [n_values]: sign times what the found run is worth */
    double *shared;   /* [n_values]: the same, runs that look equal share their mean */
    double *leverage; /* [n_values]: scratch */
    double mean;      /* of is */
} svi_search;

/* looks: what the best is chosen by; is: what it is judged by, in the same order, or NULL for looks
 * itself. Best is the largest, or the smallest unless is_more_better. n_values >= 1. */
sv_status svi_search_make(const double *looks, const double *is, size_t n_values,
                          bool is_more_better, svi_search *search, sv_error *error);
void svi_search_clear(svi_search *search);

/* What the run that looks best of n is worth; n >= 1. With as_gain, less the mean of all runs and
 * positive where the search helped. spread is NaN where is is not looks. */
sv_status svi_search_best(svi_search *search, size_t n, bool as_gain, double level,
                          svi_best_of *out, sv_error *error);

/* A claimed value x against a pool of runs. */
typedef struct svi_claim {
    uint64_t n_reaching, n;      /* runs at least as good as x, of all */
    double n_independent;        /* runs without a common seed that these are worth */
    double share;                /* of runs at least as good */
    svi_interval share_interval; /* pool: Clopper and Pearson; normal: noncentral t */
    double p; /* chance that the best of k is at least as good: 1 - (1 - share)^k */
    svi_interval p_interval;
    double
        n_seeds; /* with so many the best is as good in half of the cases: ln 0.5 / ln(1 - share) */
    svi_interval n_seeds_interval;
} svi_claim;

/* From the runs themselves; n_values >= 1, k >= 1. n_independent: n_values where no two runs share
 * a seed, else svi_independent_runs; it makes the interval. */
sv_status svi_claim_of_pool(const double *values, size_t n_values, double n_independent, double x,
                            bool is_more_better, uint64_t k, double level, svi_claim *out,
                            sv_error *error);
/* From mean and SD of n >= 2 runs, taken for normal; n_reaching is 0. sd > 0. */
sv_status svi_claim_of_normal(double mean, double sd, uint64_t n, double x, bool is_more_better,
                              uint64_t k, double level, svi_claim *out, sv_error *error);

#endif
