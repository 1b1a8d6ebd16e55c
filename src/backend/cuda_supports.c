/* What can run on a GPU. */
#include "backend/cuda_backend.h"
#include "backend/job_shape.h"

/* Blocks that share a run wait for one another: they must all be at work, which other work could
 * prevent. */
static sv_status check_blocks(svi_cuda_gpu *self, const svi_job *job, const svk_mlp_layout *layout,
                              sv_error *error)
{
    uint64_t n_runs;
    if (layout->n_blocks == 1) return SV_OK;
    if (SVK_STRESS_HAS(job->numerics->stress, CO_RESIDENT))
        return svi_fail(error, SV_ERR_DEVICE,
                        "numerics %s: blocks that share a run need the GPU for themselves; use "
                        "stress: delays or cold_cache, or blocks: 1",
                        job->numerics->name);
    SVI_TRY(svi_cuda_choose(self, error));
    return svi_cuda_networks_at_once(&self->device, job, layout,
                                     self->properties.multiProcessorCount, &n_runs, error);
}

/* The hardware makes an order, it does not follow one; and atomics have sums in shared memory. */
static sv_status check_path(svi_cuda_gpu *self, const svi_job *job, const svk_net *net,
                            const svk_training *training, sv_error *error)
{
    svk_mlp_layout layout;
    if (job->arrivals != NULL && job->arrivals->is_replayed)
        return svi_fail(error, SV_ERR_DEVICE,
                        "numerics %s: a GPU does not follow orders that were logged; use --device "
                        "cpu",
                        job->numerics->name);
    if (svk_mlp_layout_make(&layout, net, training, job->arm->model.is_closed_form,
                            svi_cuda_shared_limit(self)))
        return check_blocks(self, job, &layout, error);
    return svi_fail(error, SV_ERR_DEVICE,
                    "arm %s, numerics %s: the network does not fit into the shared memory of this "
                    "GPU; use path atomic-global, or fewer units",
                    job->arm->name, job->numerics->name);
}

svi_job svi_cuda_reference_job(const svi_job *job)
{
    svi_job plain = *job;
    plain.numerics = job->reference;
    plain.reference = NULL;
    plain.distances = NULL;
    plain.arrivals = NULL;
    return plain;
}

static sv_status supports(const svi_backend *backend, const svi_job *job, sv_error *error)
{
    svk_net net;
    svk_training training;
    svk_kmeans kmeans;
    svi_cuda_gpu *self = (svi_cuda_gpu *)backend;
    if (job->arm->model.kind == SVI_MODEL_KMEANS) return svi_job_kmeans(job, &kmeans, error);
    if (job->arm->model.kind == SVI_MODEL_POLY) return SV_OK;
    SVI_TRY(svi_job_net(job, &net, &training, error));
    if (job->numerics->engine == SVK_ENGINE_CUBLAS && training.has_delays)
        return svi_fail(error, SV_ERR_DEVICE,
                        "numerics %s: kernels of cuBLAS cannot be delayed; use stress: co_resident "
                        "or cold_cache, or engine: native",
                        job->numerics->name);
    if (job->numerics->engine == SVK_ENGINE_CUBLAS)
        return svi_cublas_supports(job, &net, &training, &self->device, &self->properties, error);
    SVI_TRY(check_path(self, job, &net, &training, error));
    return job->arm->model.is_closed_form ? svi_job_check_fit(job, &net, &training, error) : SV_OK;
}

sv_status svi_cuda_supports(const svi_backend *backend, const svi_job *job, sv_error *error)
{
    SVI_TRY(supports(backend, job, error));
    if (job->reference == NULL) return SV_OK;
    svi_job plain = svi_cuda_reference_job(job);
    return supports(backend, &plain, error);
}
