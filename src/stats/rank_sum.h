/* Ranks, and whether a named few of a sample rank differently from the rest. */
#ifndef SVI_RANK_SUM_H
#define SVI_RANK_SUM_H

#include "stats/sample.h"

/* ranks[i]: of values[i] in ascending order, from 1; equal values share the mean of their ranks. n
 * from 1 to 2^32 - 1. */
sv_status svi_midranks(const double *values, size_t n, double *ranks, sv_error *error);

/* count[i]: of the reference values below values[i], equal ones counted half. sorted_reference is
 * ascending. */
void svi_placements(const double *values, size_t n, const double *sorted_reference,
                    size_t n_reference, double *count);

typedef struct svi_rank_sum {
    size_t n_members;
    double rank_sum;         /* of the members' midranks */
    double probability;      /* that a member exceeds one of the rest, ties counted half; 1/2 means
                                nothing special */
    double z, p;             /* two-sided; p is 1 where all values are equal */
    double least_detectable; /* distance of probability from 1/2 that p < 0.05 finds with power
                                about 0.8, by the variance without a difference (Noether 1987);
                                above 1/2: none is found so often */
} svi_rank_sum;

/* Wilcoxon's rank-sum test of the values at member[0..n_members) against the others: normal
 * approximation with the corrections for ties and continuity (below about 8 members it is
 * conservative). member: distinct indices < n; 1 <= n_members < n. ranks: as svi_midranks gives
 * them for the whole pool. */
sv_status svi_rank_sum_test(const double *ranks, size_t n, const size_t *member, size_t n_members,
                            svi_rank_sum *out, sv_error *error);

#endif
