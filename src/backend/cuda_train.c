/* Networks on a GPU. */
#include <inttypes.h>

#include "backend/cuda_wave.h"
#include "backend/job_shape.h"

typedef struct training {
    svi_cuda_device *device;
    svk_cuda_mlp mlp;
} training;

static sv_status start(void *job, unsigned n_at_once, sv_error *error)
{
    const training *t = job;
    unsigned n_blocks = n_at_once * (unsigned)t->mlp.layout.n_blocks;
    return svi_cuda_check(t->device, (cudaError_t)svk_cuda_mlp_launch(&t->mlp, n_blocks), error,
                          "launch of %" PRIu64 " networks", t->mlp.wave.n_runs);
}

sv_status svi_cuda_networks_at_once(svi_cuda_device *device, const svi_job *job,
                                    const svk_mlp_layout *layout, int n_processors,
                                    uint64_t *n_runs, sv_error *error)
{
    int n_resident = 0;
    SVI_TRY(svi_cuda_check_occupancy(device,
                                     (cudaError_t)svk_cuda_mlp_occupancy(layout, &n_resident),
                                     layout->shared_bytes, error));
    uint64_t n_blocks = (uint64_t)n_resident * (uint64_t)n_processors;
    *n_runs = n_blocks / (uint64_t)layout->n_blocks;
    if (*n_runs == 0 && layout->n_blocks == 1) *n_runs = 1; /* a launch says why it cannot be */
    if (*n_runs > 0) return SV_OK;
    return svi_fail(error, SV_ERR_DEVICE,
                    "arm %s, numerics %s: %d blocks share a run and wait for one another, but this "
                    "GPU holds %" PRIu64 " of them at a time; lower numerics.blocks",
                    job->arm->name, job->numerics->name, layout->n_blocks, n_blocks);
}

sv_status svi_cuda_train(const svi_cuda_launch *launch, uint32_t shared_limit, int n_processors,
                         sv_error *error)
{
    training job = {launch->device, {.is_fitted = launch->job->arm->model.is_closed_form}};
    svk_cuda_mlp *mlp = &job.mlp;
    svk_training *t = &mlp->training;
    uint64_t n_at_once;
    SVI_TRY(svi_job_net(launch->job, &mlp->net, t, error));
    svk_mlp_layout_make(&mlp->layout, &mlp->net, t, mlp->is_fitted, shared_limit);
    svi_cuda_tables_shape((uint64_t)t->n_train + t->n_val + t->n_test, t->ld, t->precision,
                          &mlp->wave.tables);
    SVI_TRY(svi_cuda_networks_at_once(launch->device, launch->job, &mlp->layout, n_processors,
                                      &n_at_once, error));
    svi_cuda_waves waves = {.launch = launch,
                            .wave = &mlp->wave,
                            .n_test = t->n_test,
                            .n_parameters = svk_net_n_parameters(&mlp->net),
                            .workspace_bytes =
                                mlp->layout.workspace_bytes * (uint64_t)mlp->layout.n_blocks,
                            .n_at_once = n_at_once,
                            .has_meetings = mlp->layout.n_blocks > 1,
                            .what = "networks",
                            .start = start,
                            .job = &job};
    return svi_cuda_waves_run(&waves, error);
}
