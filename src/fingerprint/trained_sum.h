/* Sums that a device makes while it trains, taken out of the trained parameters. */
#ifndef SVI_TRAINED_SUM_H
#define SVI_TRAINED_SUM_H

#include "backend/backend.h"

/* One step of a net without hidden layers makes each of them, from weights of zero:
 * weight: the gradient of a weight over the samples of a batch, in the order of their places;
 * bias: that of the bias;
 * output: the sum of weights times features, after a step that has made the weights;
 * centre: the mean of a cluster of all rows, times their number, which is a power of two. */
#define SVI_SUM_KINDS(X)                                                                           \
    X(WEIGHT, "weight")                                                                            \
    X(BIAS, "bias")                                                                                \
    X(OUTPUT, "output")                                                                            \
    X(CENTRE, "centre")

typedef enum svi_sum_kind {
#define SVI_SUM_KIND_ID(id, name) SVI_SUM_##id,
    SVI_SUM_KINDS(SVI_SUM_KIND_ID)
#undef SVI_SUM_KIND_ID
} svi_sum_kind;

typedef struct svi_trained_sum {
    svi_backend *backend;
    svi_sum_kind kind;
    const svi_numerics_spec *numerics;
    uint64_t seed; /* of all sources */
} svi_trained_sum;

/* *reason is empty where the device can make such a sum of n_terms. */
sv_status svi_trained_sum_check(const svi_trained_sum *of, int n_terms, sv_error *reason,
                                sv_error *error);

/* An svi_sum_fn; context: svi_trained_sum. */
sv_status svi_trained_sum_make(void *context, const double *term, int n_terms, size_t n_columns,
                               double *sum, sv_error *error);

#endif
