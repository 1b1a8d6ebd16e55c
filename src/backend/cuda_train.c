/* Networks on a GPU. */
#include <inttypes.h>

#include "backend/cuda_wave.h"
#include "backend/job_shape.h"

typedef struct training {
    svi_cuda_device *device;
    svk_cuda_mlp mlp;
} training;

static sv_status start(void *job, unsigned n_blocks, sv_error *error)
{
    const training *t = job;
    return svi_cuda_check(t->device, (cudaError_t)svk_cuda_mlp_launch(&t->mlp, n_blocks), error,
                          "launch of %" PRIu64 " networks", t->mlp.wave.n_runs);
}

sv_status svi_cuda_train(const svi_cuda_launch *launch, uint32_t shared_limit, int n_processors,
                         sv_error *error)
{
    training job = {launch->device, {.is_fitted = launch->job->arm->model.is_closed_form}};
    svk_cuda_mlp *mlp = &job.mlp;
    svk_training *t = &mlp->training;
    int n_resident = 0;
    SVI_TRY(svi_job_net(launch->job, &mlp->net, t, error));
    svk_mlp_layout_make(&mlp->layout, &mlp->net, t, mlp->is_fitted, shared_limit);
    svi_cuda_tables_shape((uint64_t)t->n_train + t->n_val + t->n_test, t->ld, t->precision,
                          &mlp->wave.tables);
    SVI_TRY(svi_cuda_check_occupancy(launch->device,
                                     (cudaError_t)svk_cuda_mlp_occupancy(&mlp->layout, &n_resident),
                                     mlp->layout.shared_bytes, error));
    svi_cuda_waves waves = {.launch = launch,
                            .wave = &mlp->wave,
                            .n_test = t->n_test,
                            .n_parameters = svk_net_n_parameters(&mlp->net),
                            .workspace_bytes = mlp->layout.workspace_bytes,
                            .n_blocks_most = (uint64_t)(n_resident > 0 ? n_resident : 1) *
                                             (uint64_t)n_processors,
                            .what = "networks",
                            .start = start,
                            .job = &job};
    return svi_cuda_waves_run(&waves, error);
}
