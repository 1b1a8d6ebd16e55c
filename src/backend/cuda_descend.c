/* Descents on a polynomial on a GPU, a wave at a time. What an end point means is reckoned on the
 * host. */
#include <inttypes.h>
#include <stdlib.h>

#include "backend/cuda_launch.h"
#include "backend/job_shape.h"

enum { WAVE_MOST = 1 << 20 };

/* What a wave brings and takes: a seed or a start, and an end. */
typedef struct wave {
    uint64_t *seed; /* on the host */
    double *start, *end;
    uint64_t *device_seed;
    double *device_start, *device_end;
} wave;

static sv_status descend_wave(const svi_cuda_launch *launch, const svk_polynomial *p, const wave *w,
                              size_t first, uint64_t n, sv_error *error)
{
    svi_cuda_device *device = launch->device;
    bool is_given = launch->job->arm->model.n_starts > 0;
    bool is_double = launch->job->numerics->precision == SVK_PRECISION_FP64;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t seed = launch->runs[first + i].seed[SVK_SOURCE_INIT];
        w->seed[i] = seed;
        if (is_given) w->start[i] = svi_job_poly_start(launch->job, seed);
    }
    SVI_TRY(svi_cuda_check(
        device,
        is_given
            ? cudaMemcpy(w->device_start, w->start, n * sizeof(double), cudaMemcpyHostToDevice)
            : cudaMemcpy(w->device_seed, w->seed, n * sizeof(uint64_t), cudaMemcpyHostToDevice),
        error, "cudaMemcpy of %" PRIu64 " starts to the GPU", n));
    SVI_TRY(svi_cuda_check(device,
                           (cudaError_t)svk_cuda_poly_launch(p, is_double, w->device_seed,
                                                             is_given ? w->device_start : NULL, n,
                                                             w->device_end),
                           error, "launch of %" PRIu64 " descents", n));
    SVI_TRY(svi_cuda_check(device, cudaDeviceSynchronize(), error, "%" PRIu64 " descents", n));
    SVI_TRY(svi_cuda_check(
        device, cudaMemcpy(w->end, w->device_end, n * sizeof(double), cudaMemcpyDeviceToHost),
        error, "cudaMemcpy of %" PRIu64 " end points from the GPU", n));
    for (uint64_t i = 0; i < n; i++) {
        svi_job_poly_result(launch->job, p, w->end[i], &launch->results[first + i]);
        if (launch->parameters != NULL) launch->parameters[first + i] = w->end[i];
    }
    return SV_OK;
}

static sv_status descend_waves(const svi_cuda_launch *launch, wave *w, uint64_t n_most,
                               sv_error *error)
{
    svk_polynomial polynomial;
    svi_cuda_memory *memory = launch->memory;
    svi_job_polynomial(launch->job, &polynomial);
    SVI_TRY(svi_cuda_memory_reserve(launch->device, memory,
                                    svi_cuda_memory_round(n_most * sizeof(uint64_t)) +
                                        2 * svi_cuda_memory_round(n_most * sizeof(double)),
                                    error));
    w->device_seed = svi_cuda_memory_take(memory, n_most * sizeof(uint64_t));
    w->device_start = svi_cuda_memory_take(memory, n_most * sizeof(double));
    w->device_end = svi_cuda_memory_take(memory, n_most * sizeof(double));
    for (size_t first = 0; first < launch->n_runs; first += n_most) {
        uint64_t left = launch->n_runs - first;
        SVI_TRY(descend_wave(launch, &polynomial, w, first, left < n_most ? left : n_most, error));
    }
    return SV_OK;
}

sv_status svi_cuda_descend(const svi_cuda_launch *launch, sv_error *error)
{
    uint64_t n_most = launch->n_runs < WAVE_MOST ? launch->n_runs : WAVE_MOST;
    wave w = {.seed = malloc(n_most * sizeof(uint64_t)),
              .start = malloc(n_most * sizeof(double)),
              .end = malloc(n_most * sizeof(double))};
    sv_status status = w.seed == NULL || w.start == NULL || w.end == NULL
                           ? svi_fail_memory(error, n_most * 24, "the descents of a launch")
                           : descend_waves(launch, &w, n_most, error);
    free(w.seed);
    free(w.start);
    free(w.end);
    return status;
}
