/* One launch on a GPU: cut into waves that fit into its memory, sent, waited for, fetched. */
#ifndef SVI_CUDA_LAUNCH_H
#define SVI_CUDA_LAUNCH_H

#include "backend/backend.h"
#include "backend/cuda_check.h"
#include "backend/cuda_memory.h"
#include "backend/job_reference.h"
#include "cuda_kernels.h"

typedef struct svi_cuda_launch {
    svi_cuda_device *device;
    svi_cuda_memory *memory;
    const svi_job *job;
    const svi_run *runs; /* [n_runs] */
    size_t n_runs;
    svi_run_result *results; /* [n_runs] */
    svi_run_result *curves;  /* [n_runs][n_checkpoints of the job] or NULL */
    uint8_t *predictions;    /* [n_runs][n_test] or NULL */
    double *parameters;      /* [n_runs][n_parameters] or NULL */
    /* Not NULL: nothing is trained. It gets the device memory that a wave of the launch would take,
     * with n_tables tables of rows, curves and predictions. */
    uint64_t *reckoned_bytes;
    uint64_t n_tables;
    /* At checkpoints, which the job then has; of networks. */
    double *kept;                       /* [n_runs][n_checkpoints][n_parameters] or NULL */
    uint8_t *kept_predictions;          /* [n_runs][n_checkpoints][n_test] or NULL */
    const svi_job_reference *reference; /* what the job's distances are measured from, or NULL;
                                           its parameters are in binary64 */
} svi_cuda_launch;

/* shared_limit: dynamic shared memory that a block may have; n_processors: of the GPU. */
sv_status svi_cuda_train(const svi_cuda_launch *launch, uint32_t shared_limit, int n_processors,
                         sv_error *error);
sv_status svi_cuda_cluster(const svi_cuda_launch *launch, uint32_t shared_limit, int n_processors,
                           sv_error *error);
sv_status svi_cuda_descend(const svi_cuda_launch *launch, sv_error *error);

/* Networks of this layout that the GPU, which is the current one, trains at a time. SV_ERR_DEVICE
 * where it does not hold all the blocks that share one. */
sv_status svi_cuda_networks_at_once(svi_cuda_device *device, const svi_job *job,
                                    const svk_mlp_layout *layout, int n_processors,
                                    uint64_t *n_runs, sv_error *error);

/* binary32 operations a second with n_threads at work, a multiple of 256. */
sv_status svi_cuda_peak(svi_cuda_device *device, uint64_t n_threads, double *flop_per_s,
                        sv_error *error);

#endif
