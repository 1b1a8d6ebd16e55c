/* The CPU's kernels, one set for each instruction set and precision. Each call trains as many seeds
 * as a vector has lanes, on the calling thread. */
#ifndef SVK_CPU_KERNELS_H
#define SVK_CPU_KERNELS_H

#include <stddef.h>

#include "distance.h"
#include "kmeans.h"
#include "net.h"
#include "polynomial.h"

enum { SVK_MAX_LANES = 16, SVK_FMA_PEAK_CHAINS = 12 };

/* What a run was at its checkpoints. */
typedef struct svk_trace {
    void *parameters;     /* [n_checkpoints][n_parameters] of the precision; NULL: not wanted */
    svk_result *results;  /* [n_checkpoints] */
    uint8_t *predictions; /* [n_checkpoints][n_test], or NULL in regression */
} svk_trace;

/* What one lane trains on. x, y: the precision's table, rows in the order train, val, test. */
typedef struct svk_lane {
    uint64_t seed_init, seed_order, seed_schedule, seed_dropout;
    const void *x;        /* [n_rows][ld] */
    const void *y;        /* [n_rows] */
    const int32_t *label; /* [n_rows], or NULL in regression */
    const double *target; /* [n_rows], or NULL in classification */
    uint8_t *predictions; /* [n_test] predicted classes, or NULL */
    double *parameters;   /* final parameters in their order, or NULL */
    uint32_t *arrivals;   /* path arrival: the orders to be followed (arrival.h); only read */
    svk_result *curve;    /* [n_checkpoints]: the network after each of these steps, or NULL */
    svk_trace kept;       /* filled where it is wanted */
    const svk_trace *reference; /* what distance is from, or NULL */
    svk_distance *distance;     /* [n_checkpoints] */
} svk_lane;

/* What one lane fits by least squares. x, target: as above, or with the rows that are split in the
 * data set's order and its fresh test rows after them: then the kernel draws the split itself. */
typedef struct svk_fit_lane {
    uint64_t seed_split;
    uint32_t n_test; /* at most training->n_test */
    const void *x;
    const double *target;
    double *parameters; /* coefficients as a network's parameters, or NULL */
} svk_fit_lane;

/* One seed of k-means. */
typedef struct svk_kmeans_seed {
    uint64_t seed_init;
    const void *table;    /* as kmeans_pack made it */
    uint8_t *predictions; /* [n_test] nearest centres, or NULL */
    double *parameters;   /* [n_clusters][n_features] final centres, or NULL */
} svk_kmeans_seed;

typedef struct svk_cpu_kernels {
    const char *simd;
    int precision; /* SVK_PRECISION_* */
    int n_lanes;
    /* Bytes of workspace (64-byte aligned) that mlp_train needs. */
    size_t (*mlp_workspace_size)(const svk_net *net, const svk_training *training);
    void (*mlp_train)(const svk_net *net, const svk_training *training, const svk_lane *lanes,
                      void *workspace, svk_result *results);
    /* Least squares, closed form, of a network without hidden layers. n_split: rows to draw a split
     * of (the first in the table), or 0 where they stand split. */
    size_t (*fit_workspace_size)(const svk_net *net, const svk_training *training);
    void (*fit)(const svk_net *net, const svk_training *training, uint32_t n_split,
                const svk_fit_lane *lanes, void *workspace, svk_result *results);
    /* Gradient descent, any n: drawn starts; from start to end, start rounded to the precision;
     * digest, status and metrics of runs that have come to x in n_steps. start may be end. */
    void (*poly_start)(const svk_polynomial *polynomial, const uint64_t *seed, size_t n,
                       double *start);
    void (*poly_descend)(const svk_polynomial *polynomial, const double *start, size_t n,
                         double *end);
    void (*poly_results)(const svk_polynomial *polynomial, uint64_t n_steps, const double *x,
                         size_t n, svk_result *results);
    /* k-means. Bytes (64-byte aligned) of the table that kmeans_pack makes from the rows of x, in
     * the order train, val, test, and of the workspace that kmeans_train needs for one seed. */
    size_t (*kmeans_table_size)(const svk_kmeans *shape);
    size_t (*kmeans_workspace_size)(const svk_kmeans *shape);
    void (*kmeans_pack)(const svk_kmeans *shape, const void *x, void *table);
    void (*kmeans_train)(const svk_kmeans *shape, const svk_kmeans_seed *seed, void *workspace,
                         svk_result *result);
    /* SVK_FMA_PEAK_CHAINS independent vector fma an iteration. */
    void (*fma_peak)(uint64_t n_iterations);
} svk_cpu_kernels;

/* NULL when this build or this processor lacks it. simd: "avx512", "avx2", "plain". */
const svk_cpu_kernels *svk_cpu_kernels_find(const char *simd, int precision);
/* The widest that this processor has. */
const char *svk_cpu_best_simd(void);

#endif
