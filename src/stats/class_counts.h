/* What many runs predict for the same test points: how often they disagree, how often they are
 * wrong, and what a vote among them would gain. */
#ifndef SVI_CLASS_COUNTS_H
#define SVI_CLASS_COUNTS_H

#include "stats/sample.h"

/* count[i * n_classes + c]: of n_runs runs, how many give point i the class c. */
typedef struct svi_class_counts {
    uint64_t n_runs;
    size_t n_points, n_classes;
    const int32_t *label;  /* [n_points]: true classes, 0..n_classes-1 */
    const uint64_t *count; /* [n_points][n_classes] */
} svi_class_counts;

/* Sizes of the ensembles that are looked at. */
#define SVI_VOTE_SIZES(X) X(2) X(3) X(5) X(10) X(20)

enum {
#define SVI_COUNT_SIZE(size) +1
    SVI_N_VOTE_SIZES = 0 SVI_VOTE_SIZES(SVI_COUNT_SIZE),
#undef SVI_COUNT_SIZE
    SVI_VOTE_SIZE_MAX = 64
};

extern const size_t svi_vote_sizes[SVI_N_VOTE_SIZES];

/* A mean over test points. Its error is that of the choice of points; the runs are taken as they
 * are. */
typedef struct svi_point_mean {
    double value, standard_error;
} svi_point_mean;

/* Student's t, of n >= 2 points. */
svi_interval svi_point_interval(svi_point_mean mean, size_t n_points, double level);

typedef struct svi_agreement {
    uint64_t n_runs;
    size_t n_points;
    svi_point_mean error; /* share of wrong predictions */
    /* Chance that two different runs predict different classes: 1 - sum_c c (c - 1) / (R (R - 1))
     */
    svi_point_mean churn;
    svi_point_mean gap; /* churn - error: 0 where the ensemble is calibrated */
    /* Variance of one run's error rate over these points if runs erred independently at each:
     * n^-2 sum_i R/(R-1) eps_i (1 - eps_i). */
    double independent_variance;
    /* Accuracy of a vote of svi_vote_sizes[s] different runs, ties shared; NaN for more than
     * n_runs. */
    double vote_accuracy[SVI_N_VOTE_SIZES];
} svi_agreement;

/* n_runs >= 2, n_points >= 2; SV_ERR_DATA where a label is no class or the counts of a point do not
 * add up to n_runs. */
sv_status svi_counts_agreement(const svi_class_counts *counts, svi_agreement *out, sv_error *error);

typedef struct svi_class_agreement {
    size_t n_points; /* of the class; with 0 the rest is NaN */
    double error, churn;
    double independent_sd; /* of the class's error rate if runs erred independently */
} svi_class_agreement;

/* The points of one class alone; counts as svi_counts_agreement has accepted them. */
void svi_counts_of_class(const svi_class_counts *counts, int32_t label, svi_class_agreement *out);

/* Chance that `size` different runs of those counted vote for label, a tie of m classes counting
 * 1/m. 1 <= size <= SVI_VOTE_SIZE_MAX, size <= n_runs, which is the sum of count[0..n_classes). */
double svi_vote_accuracy(const uint64_t *count, size_t n_classes, size_t label, uint64_t n_runs,
                         size_t size);

/* The part of the variance of a run's error rate that other test points would not average out
 * (Jordan 2023, "distribution-wise" variance): n/(n-1) (variance - independent_variance),
 * untruncated. */
double svi_distribution_variance(double variance, double independent_variance, double n_points);

#endif
