/* k-means on a GPU. */
#include <inttypes.h>

#include "backend/cuda_wave.h"
#include "backend/job_shape.h"

typedef struct clustering {
    svi_cuda_device *device;
    svk_cuda_kmeans kmeans;
} clustering;

static sv_status start(void *job, unsigned n_blocks, sv_error *error)
{
    const clustering *c = job;
    return svi_cuda_check(c->device, (cudaError_t)svk_cuda_kmeans_launch(&c->kmeans, n_blocks),
                          error, "launch of %" PRIu64 " runs of k-means", c->kmeans.wave.n_runs);
}

sv_status svi_cuda_cluster(const svi_cuda_launch *launch, uint32_t shared_limit, int n_processors,
                           sv_error *error)
{
    int precision = launch->job->numerics->precision, n_resident = 0;
    clustering job = {.device = launch->device};
    svk_cuda_kmeans *kmeans = &job.kmeans;
    svk_kmeans *s = &kmeans->shape;
    SVI_TRY(svi_job_kmeans(launch->job, s, error));
    svk_kmeans_layout_make(&kmeans->layout, s, precision == SVK_PRECISION_FP64, shared_limit);
    svi_cuda_tables_shape((uint64_t)s->n_train + s->n_val + s->n_test, s->ld, precision,
                          &kmeans->wave.tables);
    SVI_TRY(svi_cuda_check_occupancy(
        launch->device, (cudaError_t)svk_cuda_kmeans_occupancy(&kmeans->layout, &n_resident),
        kmeans->layout.shared_bytes, error));
    svi_cuda_waves waves = {.launch = launch,
                            .wave = &kmeans->wave,
                            .n_test = s->n_test,
                            .n_parameters = (uint64_t)s->n_clusters * s->n_features,
                            .workspace_bytes = kmeans->layout.workspace_bytes,
                            .n_at_once = (uint64_t)(n_resident > 0 ? n_resident : 1) *
                                         (uint64_t)n_processors,
                            .what = "runs of k-means",
                            .start = start,
                            .job = &job};
    return svi_cuda_waves_run(&waves, error);
}
