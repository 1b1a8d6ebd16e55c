/* The CPU's kernels, one set for each instruction set and precision. Each call trains as many seeds
 * as a vector has lanes, on the calling thread. */
#ifndef SVK_CPU_KERNELS_H
#define SVK_CPU_KERNELS_H

#include <stddef.h>

#include "net.h"
#include "polynomial.h"

enum { SVK_MAX_LANES = 16, SVK_FMA_PEAK_CHAINS = 12 };

/* What one lane trains on. x, y: the precision's table, rows in the order train, val, test. */
typedef struct svk_lane {
    uint64_t seed_init, seed_order, seed_schedule;
    const void *x;         /* [n_rows][ld] */
    const void *y;         /* [n_rows] */
    const int32_t *label;  /* [n_rows], or NULL in regression */
    const double *target;  /* [n_rows], or NULL in classification */
    uint8_t *predictions;  /* [n_test] predicted classes, or NULL */
    const double *initial; /* parameters to start from, in their order, or NULL: drawn */
    double *parameters;    /* final parameters in their order, or NULL */
    svk_result *curve; /* [n_checkpoints]: what the network is after each of these steps, or NULL */
} svk_lane;

typedef struct svk_cpu_kernels {
    const char *simd;
    int precision; /* SVK_PRECISION_* */
    int n_lanes;
    /* Bytes of workspace (64-byte aligned) that mlp_train needs. */
    size_t (*mlp_workspace_size)(const svk_net *net, const svk_training *training);
    void (*mlp_train)(const svk_net *net, const svk_training *training, const svk_lane *lanes,
                      void *workspace, svk_result *results);
    /* Gradient descent from start[0 .. n-1], any n; start and end are rounded to the precision. */
    void (*poly_descend)(const svk_polynomial *polynomial, const double *start, size_t n,
                         double *end);
    /* SVK_FMA_PEAK_CHAINS independent vector fma an iteration. */
    void (*fma_peak)(uint64_t n_iterations);
} svk_cpu_kernels;

/* NULL when this build or this processor lacks it. simd: "avx512", "avx2", "plain". */
const svk_cpu_kernels *svk_cpu_kernels_find(const char *simd, int precision);
/* The widest that this processor has. */
const char *svk_cpu_best_simd(void);

#endif
