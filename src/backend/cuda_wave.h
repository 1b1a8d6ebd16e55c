/* Waves: as many runs of a launch at a time as fit into the GPU's memory, one run a thread block.
 */
#ifndef SVI_CUDA_WAVE_H
#define SVI_CUDA_WAVE_H

#include "backend/cuda_launch.h"
#include "backend/cuda_tables.h"

/* What is trained in waves. */
typedef struct svi_cuda_waves {
    const svi_cuda_launch *launch;
    svk_cuda_wave *wave; /* in the kernel's argument; filled for every wave */
    uint64_t n_test;     /* most test rows of a run */
    uint64_t n_parameters;
    uint64_t workspace_bytes;      /* of the blocks that train a run */
    uint64_t workspace_rest_bytes; /* beside those of the runs */
    uint64_t n_at_once;            /* runs that the GPU trains at a time */
    bool has_meetings;             /* several blocks share a run */
    const char *what;              /* "networks": for messages */
    /* Queues the kernels of a wave. */
    sv_status (*start)(void *job, unsigned n_at_once, sv_error *error);
    void *job;
    svk_cuda_comparison comparison;
    svi_cuda_splits splits;
    svk_cuda_run *runs; /* [n_most]: of the wave, on the host */
    uint64_t n_most;
} svi_cuda_waves;

/* Trains all runs of the launch. The fields from comparison on are this function's own. The shape
 * of the tables is set. */
sv_status svi_cuda_waves_run(svi_cuda_waves *waves, sv_error *error);

#endif
