/* The GPU's kernels, as the C side calls them. Every pointer is device memory; every call returns a
 * cudaError_t. */
#ifndef SVK_CUDA_KERNELS_H
#define SVK_CUDA_KERNELS_H

#include <stddef.h>

#include "arrival.h"
#include "distance.h"
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
    uint32_t table;     /* which of the tables */
    uint32_t n_test;    /* rows to test on, at most those of the training */
    uint32_t reference; /* which of the comparison's, where there is one */
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

/* Of blocks that share runs; all zero before a launch. */
typedef struct svk_cuda_meeting {
    uint32_t n_arrived; /* blocks of this number that share, so far, in all meetings */
    uint32_t flags[2];  /* of the run of this number: what its blocks have met, by turns */
} svk_cuda_meeting;

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
    double *kept;         /* [n_runs][n_checkpoints][n_parameters]: those at checkpoints, or NULL */
    uint8_t *kept_predictions; /* [n_runs][n_checkpoints][most test rows], or NULL */
    uint32_t *arrivals;        /* [n_runs][n_arrival_words]: orders of path arrival, or NULL */
    uint64_t n_arrival_words;
    svk_cuda_meeting *meetings; /* [n_runs] where several blocks share a run, or NULL */
    uint64_t delay_key;         /* of the delays of run i: delay_key + i; the low half is 0 */
    void *workspace;            /* [n_blocks] of the size that the kernel asks for */
} svk_cuda_wave;

/* Runs that have been trained and kept, compared with references, at every checkpoint. */
typedef struct svk_cuda_comparison {
    svk_cuda_wave wave;
    uint64_t n_parameters, n_test; /* the most test rows */
    const double *parameters;      /* [n_references][n_checkpoints][n_parameters] */
    const svk_result *results;     /* [n_references][n_checkpoints] */
    const uint8_t *predictions;    /* [n_references][n_checkpoints][n_test]; NULL in regression */
    svk_distance *distances;       /* [n_runs][n_checkpoints] */
} svk_cuda_comparison;

/* The order of an epoch: shuffle, or of few rows the list. */
typedef struct svk_cuda_order {
    svk_shuffle shuffle;
    uint8_t small[SVK_FISHER_YATES_MAX];
} svk_cuda_order;

/* Tensors of several runs, each tensor of all runs in one piece, [n_runs][...], that begins at a
 * multiple of 64 values: weights of layer l [n_out][n_in] at weight[l], biases [n_out] at bias[l].
 */
typedef struct svk_cuda_tensors {
    uint64_t weight[SVK_MAX_DENSE], bias[SVK_MAX_DENSE];
    uint64_t n_values; /* in all, with what fills up */
} svk_cuda_tensors;

/* Networks that were trained elsewhere and are only scored; by the general form. */
typedef struct svk_cuda_given {
    const float *parameters; /* NULL: there are none */
    const uint32_t *has_nan; /* [n_runs]: 1 where a sum was NaN in training */
    svk_cuda_tensors tensors;
} svk_cuda_given;

/* Networks to train. */
typedef struct svk_cuda_mlp {
    svk_net net;
    svk_training training;
    svk_mlp_layout layout;
    int32_t is_fitted; /* the weights come from a closed-form fit */
    svk_cuda_given given;
    svk_cuda_wave wave;
} svk_cuda_mlp;

/* Networks trained side by side, step by step, by products of matrices that another library makes
 * and by the kernels below between them. Of each layer [n_runs][n][width], n the samples of the
 * step. */
typedef struct svk_cuda_batch {
    svk_net net;
    svk_training training;
    svk_cuda_tables tables;
    const svk_cuda_run *runs; /* [n_runs] */
    uint64_t n_runs;
    svk_cuda_tensors tensors;
    float *parameters, *gradients, *velocities, *seconds; /* of these tensors */
    float *value[SVK_MAX_DENSE + 1]; /* layer l's inputs; [n_layers]: outputs, then their deltas */
    float *slope[SVK_MAX_DENSE];     /* [1 .. n_layers-1]: of hidden units */
    float *delta[SVK_MAX_DENSE + 1]; /* [1 .. n_layers] */
    svk_cuda_order *order;           /* [n_runs] */
    uint32_t *row;                   /* [n_runs][n] */
    uint32_t *has_nan;               /* [n_runs]: 1 once a sum was NaN */
    struct CUstream_st *stream;      /* in which its kernels run */
} svk_cuda_batch;

/* One step of a batch. */
typedef struct svk_cuda_step {
    uint64_t number;
    uint32_t epoch, place, n; /* n samples from this place of the epoch */
    svk_step scalars;
} svk_cuda_step;

/* Runs of k-means. */
typedef struct svk_cuda_kmeans {
    svk_kmeans shape;
    svk_kmeans_layout layout;
    svk_cuda_wave wave;
} svk_cuda_kmeans;

/* Blocks of this layout that one multiprocessor holds at a time; layout->n_blocks of them train a
 * run. */
int svk_cuda_mlp_occupancy(const svk_mlp_layout *layout, int *n_blocks);
/* Queues the training; cudaDeviceSynchronize waits for it. */
int svk_cuda_mlp_launch(const svk_cuda_mlp *job, unsigned n_blocks);

/* What runs were at their end also stands for the checkpoints at it and after it. */
int svk_cuda_keep_ends_launch(const svk_cuda_wave *wave, uint64_t n_parameters, uint64_t n_test);
/* Queues the comparison; is_double: parameters are in binary64. */
int svk_cuda_compare_launch(const svk_cuda_comparison *job, int is_double);

/* Each queues one kernel over all runs of the batch. Parameters at their start, the rest zero. */
int svk_cuda_batch_start(const svk_cuda_batch *batch);
/* The order of the epoch that begins; not with sampling replacement. */
int svk_cuda_batch_begin_epoch(const svk_cuda_batch *batch, const svk_cuda_step *step);
/* Which rows, and their features: value[0]. */
int svk_cuda_batch_find_rows(const svk_cuda_batch *batch, const svk_cuda_step *step);
int svk_cuda_batch_gather(const svk_cuda_batch *batch, const svk_cuda_step *step);
/* From the products in value[layer], 1 .. n_layers - 1, to values and slopes of hidden units. */
int svk_cuda_batch_activate(const svk_cuda_batch *batch, const svk_cuda_step *step, int layer);
/* From the products in value[n_layers] to deltas. */
int svk_cuda_batch_output(const svk_cuda_batch *batch, const svk_cuda_step *step);
/* From the products in delta[layer] to deltas of hidden units. */
int svk_cuda_batch_slope(const svk_cuda_batch *batch, const svk_cuda_step *step, int layer);
/* Sums the gradients of the biases, and updates all parameters. */
int svk_cuda_batch_update(const svk_cuda_batch *batch, const svk_cuda_step *step);

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

/* What the kernels on the current device were compiled for: 90 is sm_90, and compute_90. */
int svk_cuda_code_versions(int *binary, int *ptx);

/* binary32 multiply-adds of a thread in one iteration */
#define SVK_CUDA_PEAK_FMAS 128
/* Queues multiply-adds and nothing else. n_threads: a multiple of 256. */
int svk_cuda_peak_launch(uint64_t n_iterations, uint64_t n_threads);

#ifdef __cplusplus
}
#endif

#endif
