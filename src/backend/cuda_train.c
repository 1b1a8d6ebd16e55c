/* Networks on a GPU. */
#include "backend/cuda_stress.h"
#include "backend/cuda_wave.h"
#include "backend/job_shape.h"

static int start(const void *job, unsigned n_blocks) { return svk_cuda_mlp_launch(job, n_blocks); }

/* With other work on the GPU. */
static sv_status run_loaded(svi_cuda_waves *waves, sv_error *error)
{
    svi_cuda_load *load = NULL;
    sv_error late = {0};
    SVI_TRY(svi_cuda_load_start(waves->launch->device, &load, error));
    sv_status status = svi_cuda_waves_run(waves, error);
    sv_status of_load = svi_cuda_load_stop(load, &late);
    if (status != SV_OK || of_load == SV_OK) return status;
    return svi_fail(error, of_load, "%s", late.message);
}

sv_status svi_cuda_train(const svi_cuda_launch *launch, uint32_t shared_limit, int n_processors,
                         sv_error *error)
{
    svk_cuda_mlp mlp = {.is_fitted = launch->job->arm->model.is_closed_form};
    svk_training *t = &mlp.training;
    int n_resident = 0;
    SVI_TRY(svi_job_net(launch->job, &mlp.net, t, error));
    svk_mlp_layout_make(&mlp.layout, &mlp.net, t, mlp.is_fitted, shared_limit);
    svi_cuda_tables_shape((uint64_t)t->n_train + t->n_val + t->n_test, t->ld, t->precision,
                          &mlp.wave.tables);
    SVI_TRY(svi_cuda_check_occupancy(launch->device,
                                     (cudaError_t)svk_cuda_mlp_occupancy(&mlp.layout, &n_resident),
                                     mlp.layout.shared_bytes, error));
    svi_cuda_waves waves = {.launch = launch,
                            .wave = &mlp.wave,
                            .n_test = t->n_test,
                            .n_parameters = svk_net_n_parameters(&mlp.net),
                            .workspace_bytes = mlp.layout.workspace_bytes,
                            .n_blocks_most = (uint64_t)(n_resident > 0 ? n_resident : 1) *
                                             (uint64_t)n_processors,
                            .what = "networks",
                            .start = start,
                            .job = &mlp};
    if (!SVK_STRESS_HAS(launch->job->numerics->stress, CO_RESIDENT))
        return svi_cuda_waves_run(&waves, error);
    return run_loaded(&waves, error);
}
