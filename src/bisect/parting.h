/* Two networks of one shape, parameter by parameter. */
#ifndef SVI_PARTING_H
#define SVI_PARTING_H

#include <stdbool.h>

#include "net.h"

enum { SVI_TENSORS_MOST = 2 * SVK_MAX_LAYERS };

/* Weights of a layer, or its biases. */
typedef struct svi_tensor_parting {
    int layer; /* from 1 */
    bool is_bias;
    uint64_t n, n_different, max_ulp;
} svi_tensor_parting;

typedef struct svi_parting {
    uint64_t n, n_different;
    int n_tensors;
    svi_tensor_parting tensor[SVI_TENSORS_MOST];
    /* the first parameter that differs, where n_different > 0 */
    uint64_t parameter; /* its number: layer by layer, weights [out][in], then biases */
    int of_tensor;
    uint64_t out, in; /* from 0; in: of weights */
    uint64_t bits[2], ulps;
    double value[2];
    int n_bits; /* 32, 64 */
} svi_parting;

/* a, b: [svk_net_n_parameters], values of fp64 or, exactly, of fp32. */
void svi_parting_find(const svk_net *net, bool is_fp64, const double *a, const double *b,
                      svi_parting *out);

#endif
