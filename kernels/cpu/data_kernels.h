/* What is done to every row of the data that a run trains on, one set of functions for each
 * instruction set: the bits are the same. */
#ifndef SVK_DATA_KERNELS_H
#define SVK_DATA_KERNELS_H

#include <stddef.h>

#include "generators.h"

/* What becomes of the rows of a data set. */
typedef struct svk_filling {
    const double *x; /* [..][n_columns] */
    size_t n_columns, ld;
    const double *mean, *divisor; /* [n_columns]: column j is (x - mean[j]) / divisor[j]; or NULL */
    uint64_t seed_noise;
    double noise; /* SD of the input noise; 0 for none */
} svk_filling;

typedef struct svk_data_kernels {
    const char *simd;
    /* Places first .. first + n_places - 1 of the shuffle of 0..n-1. */
    void (*shuffle)(uint64_t seed, uint32_t stream, uint32_t part, uint32_t n, uint32_t first,
                    uint32_t n_places, uint32_t *item);
    /* n rows of a part of a generator. x: [n][n_features], y: [n]. */
    void (*draw)(const svk_generator *g, uint64_t seed, uint32_t part, uint64_t n, double *x,
                 double *y);
    /* Mean and SD (divisor n) of each column over the rows listed. x: [..][n_columns]. */
    void (*measure)(const double *x, size_t n_columns, const uint32_t *row, uint64_t n_rows,
                    double *mean, double *sd);
    /* Writes the rows listed to out[n_rows][ld], zeros after each. Returns n_rows, or the number of
     * the first row with a value that the precision cannot hold: z[n_columns] has the row. */
    uint64_t (*fill_f32)(const svk_filling *filling, const uint32_t *row, uint64_t n_rows,
                         double *z, float *out);
    uint64_t (*fill_f64)(const svk_filling *filling, const uint32_t *row, uint64_t n_rows,
                         double *z, double *out);
} svk_data_kernels;

/* NULL when this build or this processor lacks it. simd: "avx512", "avx2", "plain". */
const svk_data_kernels *svk_data_kernels_find(const char *simd);
/* The widest that this processor has. */
const svk_data_kernels *svk_data_kernels_best(void);

#endif
