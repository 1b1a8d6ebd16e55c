/* What is done to every row of the data that a run trains on, one set of functions for each
 * instruction set: the bits are the same. */
#ifndef SVK_DATA_KERNELS_H
#define SVK_DATA_KERNELS_H

#include <stddef.h>

#include "generators.h"

/* Column j becomes (x - mean[j]) / divisor[j]. */
typedef struct svk_scale {
    const double *mean, *divisor; /* [n_columns] */
} svk_scale;

typedef struct svk_data_kernels {
    const char *simd;
    /* n rows of a part of a generator. x: [n][n_features], y: [n]. */
    void (*draw)(const svk_generator *g, uint64_t seed, uint32_t part, uint64_t n, double *x,
                 double *y);
    /* Mean and SD (divisor n) of each column over the rows listed. x: [..][n_columns]. */
    void (*measure)(const double *x, size_t n_columns, const uint32_t *row, uint64_t n_rows,
                    double *mean, double *sd);
    /* Each of these takes one row. */
    void (*scale)(const double *x, size_t n_columns, svk_scale scale, double *z);
    /* Adds sd times the input noise of row number `row`. */
    void (*add_noise)(uint64_t seed, uint32_t row, uint32_t n_columns, double sd, double *z);
    /* Round and store; 0 when the precision cannot hold a value. */
    int (*store_f32)(const double *z, size_t n_columns, float *out);
    int (*store_f64)(const double *z, size_t n_columns, double *out);
} svk_data_kernels;

/* The widest that this processor has. */
const svk_data_kernels *svk_data_kernels_best(void);

#endif
