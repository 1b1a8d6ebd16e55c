/* Descents on a polynomial on a GPU, a wave at a time. What an end point means is reckoned on the
 * host. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backend/cuda_launch.h"
#include "backend/job_shape.h"
#include "base/parallel.h"

enum { WAVE_MOST = 1 << 20, REPORT_PART = 256, SCATTER_GROUP = 64 };

/* What a wave brings and takes: a seed or a start, and an end. */
typedef struct wave {
    uint64_t *seed; /* on the host */
    double *start, *end;
    uint64_t *device_seed;
    double *device_start, *device_end;
} wave;

/* Some runs of a launch on their way. */
typedef struct descents {
    const svi_cuda_launch *launch;
    const svk_polynomial *polynomial;
    const wave *w;
    size_t first;
    uint64_t n;
    uint64_t n_steps; /* taken so far */
    bool is_at_start; /* what they go on from has not been on the GPU yet */
} descents;

static sv_status send_starts(const descents *d, sv_error *error)
{
    const svi_cuda_launch *launch = d->launch;
    const wave *w = d->w;
    bool is_given = launch->job->arm->model.n_starts > 0;
    for (uint64_t i = 0; i < d->n; i++) {
        uint64_t seed = launch->runs[d->first + i].seed[SVK_SOURCE_INIT];
        w->seed[i] = seed;
        if (is_given) w->start[i] = svi_job_poly_start(launch->job, seed);
    }
    return svi_cuda_check(
        launch->device,
        is_given
            ? cudaMemcpy(w->device_start, w->start, d->n * sizeof(double), cudaMemcpyHostToDevice)
            : cudaMemcpy(w->device_seed, w->seed, d->n * sizeof(uint64_t), cudaMemcpyHostToDevice),
        error, "cudaMemcpy of %" PRIu64 " starts to the GPU", d->n);
}

/* On to n_steps steps in all, and back to w->end with where that is. */
static sv_status descend_to(descents *d, uint64_t n_steps, sv_error *error)
{
    const wave *w = d->w;
    svi_cuda_device *device = d->launch->device;
    svk_polynomial part = *d->polynomial;
    bool is_given = d->launch->job->arm->model.n_starts > 0;
    bool is_double = d->launch->job->numerics->precision == SVK_PRECISION_FP64;
    const double *from = !d->is_at_start ? w->device_end : is_given ? w->device_start : NULL;
    part.n_steps = n_steps - d->n_steps;
    SVI_TRY(svi_cuda_check(device,
                           (cudaError_t)svk_cuda_poly_launch(&part, is_double, w->device_seed, from,
                                                             d->n, w->device_end),
                           error, "launch of %" PRIu64 " descents", d->n));
    SVI_TRY(svi_cuda_check(device, cudaDeviceSynchronize(), error, "%" PRIu64 " descents", d->n));
    d->is_at_start = false;
    d->n_steps = n_steps;
    return svi_cuda_check(
        device, cudaMemcpy(w->end, w->device_end, d->n * sizeof(double), cudaMemcpyDeviceToHost),
        error, "cudaMemcpy of %" PRIu64 " end points from the GPU", d->n);
}

/* What the points in w->end mean; run i's result goes to results[i * apart]. */
typedef struct meaning {
    const svi_job *job;
    svk_polynomial so_far;
    const double *end;
    svi_run_result *results;
    size_t apart;
} meaning;

static void report_scattered(const meaning *m, size_t first, size_t n)
{
    svi_run_result group[SCATTER_GROUP];
    for (size_t done = 0, more; done < n; done += more) {
        more = n - done < SCATTER_GROUP ? n - done : SCATTER_GROUP;
        svi_job_poly_results(m->job, &m->so_far, m->end + first + done, more, group);
        for (size_t i = 0; i < more; i++) m->results[(first + done + i) * m->apart] = group[i];
    }
}

static void report_part(void *context, size_t first, size_t n)
{
    const meaning *m = context;
    if (m->apart == 1)
        svi_job_poly_results(m->job, &m->so_far, m->end + first, n, m->results + first);
    else
        report_scattered(m, first, n);
}

static void report(const descents *d, svi_run_result *results, size_t apart)
{
    meaning m = {d->launch->job, *d->polynomial, d->w->end, results, apart};
    m.so_far.n_steps = d->n_steps;
    svi_work_in_parallel(d->launch->device->n_host_threads, d->n, REPORT_PART, report_part, &m);
}

static sv_status descend_wave(descents *d, sv_error *error)
{
    const svi_cuda_launch *launch = d->launch;
    size_t n_checkpoints = launch->curves != NULL ? launch->job->checkpoints->n : 0;
    SVI_TRY(send_starts(d, error));
    for (size_t c = 0; c < n_checkpoints; c++) {
        SVI_TRY(descend_to(d, launch->job->checkpoints->step[c], error));
        report(d, launch->curves + d->first * n_checkpoints + c, n_checkpoints);
    }
    SVI_TRY(descend_to(d, d->polynomial->n_steps, error));
    report(d, launch->results + d->first, 1);
    if (launch->parameters != NULL)
        memcpy(launch->parameters + d->first, d->w->end, d->n * sizeof(double));
    return SV_OK;
}

/* Seeds, starts and ends of n runs. */
static uint64_t wave_bytes(uint64_t n)
{
    return svi_cuda_memory_round(n * sizeof(uint64_t)) +
           2 * svi_cuda_memory_round(n * sizeof(double));
}

static sv_status descend_waves(const svi_cuda_launch *launch, wave *w, uint64_t n_most,
                               sv_error *error)
{
    svk_polynomial polynomial;
    svi_cuda_memory *memory = launch->memory;
    svi_job_polynomial(launch->job, &polynomial);
    SVI_TRY(svi_cuda_memory_reserve(launch->device, memory, wave_bytes(n_most), error));
    w->device_seed = svi_cuda_memory_take(memory, n_most * sizeof(uint64_t));
    w->device_start = svi_cuda_memory_take(memory, n_most * sizeof(double));
    w->device_end = svi_cuda_memory_take(memory, n_most * sizeof(double));
    for (size_t first = 0; first < launch->n_runs; first += n_most) {
        uint64_t left = launch->n_runs - first;
        descents d = {launch, &polynomial, w, first, left < n_most ? left : n_most, 0, true};
        SVI_TRY(descend_wave(&d, error));
    }
    return SV_OK;
}

sv_status svi_cuda_descend(const svi_cuda_launch *launch, sv_error *error)
{
    uint64_t n_most = launch->n_runs < WAVE_MOST ? launch->n_runs : WAVE_MOST;
    if (launch->reckoned_bytes != NULL) {
        *launch->reckoned_bytes = wave_bytes(n_most);
        return SV_OK;
    }
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
