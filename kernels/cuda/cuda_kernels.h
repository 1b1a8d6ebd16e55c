/* The GPU's kernels, as the C side calls them. Every pointer is device memory; every call returns a
 * cudaError_t. */
#ifndef SVK_CUDA_KERNELS_H
#define SVK_CUDA_KERNELS_H

#include <stddef.h>

#include "arrival.h"
#include "kmeans_layout.h"
#include "mlp_layout.h"
#include "net.h"
#include "polynomial.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What one thread block trains. */
typedef struct svk_cuda_run {
    uint64_t seed_init, seed_order, seed_schedule, seed_dropout;
    uint32_t table;  /* which of the tables */
    uint32_t n_test; /* rows to test on, at most those of the training */
} svk_cuda_run;

/* Tables of rows, one for each split that a launch trains on, all of one shape: rows in the order
 * train, val, test. real is double in fp64, else float. Byte offsets are multiples of 16. */
typedef struct svk_cuda_tables {
    const unsigned char
        *base; /* table i begins at base + i * size_bytes, with x: real [n_rows][ld] */
    uint64_t size_bytes;
    uint64_t y_at;      /* real [n_rows] */
    uint64_t label_at;  /* int32 [n_rows]; classification */
    uint64_t target_at; /* double [n_rows]; regression */
} svk_cuda_tables;

/* What a launch of one run a block reads and leaves, whatever it trains; blocks take runs in turn.
 */
typedef struct svk_cuda_wave {
    svk_cuda_tables tables;
    const svk_cuda_run *runs; /* [n_runs] */
    uint64_t n_runs;
    svk_result *results;  /* [n_runs] */
    svk_result *curves;   /* [n_runs][n_checkpoints]; kmeans has none */
    uint64_t *checkpoint; /* [n_checkpoints] steps, ascending; 0: before the first */
    uint64_t n_checkpoints;
    uint8_t *predictions; /* [n_runs][most test rows], or NULL */
    double *parameters;   /* [n_runs][n_parameters], or NULL */
    uint32_t *arrivals;   /* [n_runs][n_arrival_words]: orders of path arrival, or NULL */
    uint64_t n_arrival_words;
    uint64_t delay_key; /* of the delays of run i: delay_key + i; the low half is 0 */
    void *workspace;    /* [n_blocks] of the size that the kernel asks for */
} svk_cuda_wave;

/* Networks to train. */
typedef struct svk_cuda_mlp {
    svk_net net;
    svk_training training;
    svk_mlp_layout layout;
    int32_t is_fitted; /* the weights come from a closed-form fit */
    svk_cuda_wave wave;
} svk_cuda_mlp;

/* Runs of k-means. */
typedef struct svk_cuda_kmeans {
    svk_kmeans shape;
    svk_kmeans_layout layout;
    svk_cuda_wave wave;
} svk_cuda_kmeans;

/* Blocks of this layout that one multiprocessor holds at a time. */
int svk_cuda_mlp_occupancy(const svk_mlp_layout *layout, int *n_blocks);
/* Queues the training; cudaDeviceSynchronize waits for it. */
int svk_cuda_mlp_launch(const svk_cuda_mlp *job, unsigned n_blocks);

int svk_cuda_kmeans_occupancy(const svk_kmeans_layout *layout, int *n_blocks);
int svk_cuda_kmeans_launch(const svk_cuda_kmeans *job, unsigned n_blocks);

/* Gradient descent in binary32 or binary64, one thread a run: from start[i], rounded, or where
 * start is NULL from the point drawn with seed[i]. end: [n]. */
int svk_cuda_poly_launch(const svk_polynomial *polynomial, int is_double, const uint64_t *seed,
                         const double *start, uint64_t n, double *end);

/* Keeps a block on each of n_blocks multiprocessors busy for so many cycles: atomic additions to
 * the first half of n_words words and reads of the second, all over, and pauses. stream: a
 * cudaStream_t. */
int svk_cuda_load_launch(uint32_t *words, uint32_t n_words, uint32_t seed, long long n_cycles,
                         unsigned n_blocks, void *stream);

/* binary32 multiply-adds of a thread in one iteration */
#define SVK_CUDA_PEAK_FMAS 128
/* Queues multiply-adds and nothing else. n_threads: a multiple of 256. */
int svk_cuda_peak_launch(uint64_t n_iterations, uint64_t n_threads);

#ifdef __cplusplus
}
#endif

#endif
