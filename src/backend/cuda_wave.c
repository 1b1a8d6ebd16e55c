#include "backend/cuda_wave.h"

#include <inttypes.h>
#include <stdlib.h>

#include "backend/cuda_compare.h"
#include "backend/cuda_stress.h"
#include "backend/job_shape.h"

/* Runs of a wave, whatever fits: what the host keeps for them stays small. */
enum { WAVE_MOST = 1 << 20 };
/* Pieces of device memory that a wave takes. */
enum { N_PIECES = 10 + SVI_CUDA_KEPT_PIECES };

/* Those of runs that are kept at checkpoints are kept at the end, too. */
static bool has_predictions(const svi_cuda_launch *launch)
{
    return launch->predictions != NULL || svi_cuda_keeps_predictions(launch);
}

static bool has_parameters(const svi_cuda_launch *launch)
{
    return launch->parameters != NULL || svi_cuda_is_kept(launch);
}

/* Device memory that each run of a wave needs, its table apart. */
static uint64_t run_bytes(const svi_cuda_waves *s)
{
    uint64_t n = sizeof(svk_cuda_run) + (1 + s->wave->n_checkpoints) * sizeof(svk_result);
    if (has_predictions(s->launch)) n += s->n_test;
    if (has_parameters(s->launch)) n += s->n_parameters * sizeof(double);
    if (s->launch->job->arrivals != NULL) n += s->launch->job->arrivals->n_words * sizeof(uint32_t);
    if (s->has_meetings) n += sizeof(svk_cuda_meeting);
    return n + svi_cuda_kept_bytes(s);
}

static uint64_t workspace_bytes(const svi_cuda_waves *s, uint64_t n_at_once)
{
    return n_at_once * s->workspace_bytes + s->workspace_rest_bytes;
}

static uint64_t at_once_of(const svi_cuda_waves *s, uint64_t n)
{
    return n < s->n_at_once ? n : s->n_at_once;
}

/* Of n runs from `first` on n_tables tables, with the boundaries between the pieces. */
static uint64_t wave_bytes(const svi_cuda_waves *s, size_t first, uint64_t n, uint64_t n_tables)
{
    return n * run_bytes(s) + svi_cuda_references_bytes(s, first, n) +
           n_tables * s->wave->tables.size_bytes + workspace_bytes(s, at_once_of(s, n)) +
           s->wave->n_checkpoints * sizeof(uint64_t) + N_PIECES * svi_cuda_memory_round(1);
}

/* As many runs from `first` as fit into budget bytes, at least one. */
static uint64_t collect_wave(svi_cuda_waves *s, size_t first, uint64_t budget)
{
    uint64_t n = 0;
    svi_cuda_splits_clear(&s->splits);
    while (n < s->n_most && first + n < s->launch->n_runs) {
        const svi_run *run = &s->launch->runs[first + n];
        if (n > 0 && wave_bytes(s, first, n + 1, s->splits.n + 1) > budget) break;
        s->runs[n++] = (svk_cuda_run){.seed_init = run->seed[SVK_SOURCE_INIT],
                                      .seed_order = run->seed[SVK_SOURCE_ORDER],
                                      .seed_schedule = svi_job_schedule_seed(run),
                                      .seed_dropout = run->seed[SVK_SOURCE_DROPOUT],
                                      .table = (uint32_t)svi_cuda_splits_find(&s->splits, run)};
    }
    return n;
}

/* Deals out the device memory. */
static sv_status place_wave(svi_cuda_waves *s, size_t first, uint64_t n, sv_error *error)
{
    const svi_cuda_launch *launch = s->launch;
    svi_cuda_memory *memory = launch->memory;
    svk_cuda_wave *w = s->wave;
    SVI_TRY(svi_cuda_memory_reserve(launch->device, memory, wave_bytes(s, first, n, s->splits.n),
                                    error));
    w->tables.base = svi_cuda_memory_take(memory, s->splits.n * w->tables.size_bytes);
    w->runs = svi_cuda_memory_take(memory, n * sizeof *w->runs);
    w->n_runs = n;
    w->results = svi_cuda_memory_take(memory, n * sizeof *w->results);
    w->curves = svi_cuda_memory_take(memory, n * w->n_checkpoints * sizeof *w->curves);
    w->checkpoint = svi_cuda_memory_take(memory, w->n_checkpoints * sizeof *w->checkpoint);
    w->workspace = svi_cuda_memory_take(memory, workspace_bytes(s, at_once_of(s, n)));
    w->predictions = NULL;
    w->parameters = NULL;
    w->arrivals = NULL;
    w->meetings = NULL;
    if (s->has_meetings) w->meetings = svi_cuda_memory_take(memory, n * sizeof *w->meetings);
    if (has_predictions(launch)) w->predictions = svi_cuda_memory_take(memory, n * s->n_test);
    if (has_parameters(launch))
        w->parameters = svi_cuda_memory_take(memory, n * s->n_parameters * sizeof(double));
    svi_cuda_kept_place(s, first, n);
    if (launch->job->arrivals == NULL) return SV_OK;
    w->n_arrival_words = launch->job->arrivals->n_words;
    w->arrivals = svi_cuda_memory_take(memory, n * w->n_arrival_words * sizeof *w->arrivals);
    return SV_OK;
}

static sv_status send_checkpoints(svi_cuda_waves *s, sv_error *error)
{
    uint64_t n = s->wave->n_checkpoints;
    if (n == 0) return SV_OK;
    return svi_cuda_send(s->launch->device, s->wave->checkpoint, s->launch->job->checkpoints->step,
                         n * sizeof(uint64_t), "checkpoints", error);
}

static sv_status clear_meetings(svi_cuda_waves *s, uint64_t n, sv_error *error)
{
    svk_cuda_meeting *meetings = s->wave->meetings;
    if (meetings == NULL) return SV_OK;
    return svi_cuda_check(s->launch->device, cudaMemset(meetings, 0, n * sizeof *meetings), error,
                          "cudaMemset of the meetings of %" PRIu64 " runs", n);
}

static sv_status send_wave(svi_cuda_waves *s, size_t first, uint64_t n, sv_error *error)
{
    svi_cuda_device *device = s->launch->device;
    SVI_TRY(place_wave(s, first, n, error));
    SVI_TRY(send_checkpoints(s, error));
    SVI_TRY(clear_meetings(s, n, error));
    SVI_TRY(svi_cuda_tables_send(device, &s->splits, &s->wave->tables,
                                 (unsigned char *)s->wave->tables.base, error));
    for (uint64_t i = 0; i < n; i++) s->runs[i].n_test = s->splits.n_test[s->runs[i].table];
    SVI_TRY(svi_cuda_references_send(s, first, n, error));
    SVI_TRY(
        svi_cuda_send(device, (void *)s->wave->runs, s->runs, n * sizeof *s->runs, "runs", error));
    s->wave->delay_key = (uint64_t)device->n_launches++ << 32;
    if (SVK_STRESS_HAS(s->launch->job->numerics->stress, COLD_CACHE))
        SVI_TRY(svi_cuda_flush_caches(device, error));
    SVI_TRY(s->start(s->job, (unsigned)at_once_of(s, n), error));
    return svi_cuda_kept_finish(s, error);
}

static sv_status fetch_wave(svi_cuda_waves *s, size_t first, uint64_t n, sv_error *error)
{
    const svi_cuda_launch *launch = s->launch;
    const svk_cuda_wave *w = s->wave;
    SVI_TRY(svi_cuda_check(launch->device, cudaDeviceSynchronize(), error,
                           "training of %" PRIu64 " %s", n, s->what));
    SVI_TRY(svi_cuda_fetch(launch->device, launch->results + first, w->results,
                           n * sizeof *w->results, "results", error));
    if (launch->curves != NULL)
        SVI_TRY(svi_cuda_fetch(launch->device, launch->curves + first * w->n_checkpoints, w->curves,
                               n * w->n_checkpoints * sizeof *w->curves, "results at checkpoints",
                               error));
    if (launch->predictions != NULL)
        SVI_TRY(svi_cuda_fetch(launch->device, launch->predictions + first * s->n_test,
                               w->predictions, n * s->n_test, "predictions", error));
    if (launch->parameters != NULL)
        SVI_TRY(svi_cuda_fetch(launch->device, launch->parameters + first * s->n_parameters,
                               w->parameters, n * s->n_parameters * sizeof(double), "parameters",
                               error));
    SVI_TRY(svi_cuda_kept_fetch(s, first, error));
    if (launch->job->arrivals == NULL) return SV_OK;
    return svi_cuda_fetch(launch->device, launch->job->arrivals->word + first * w->n_arrival_words,
                          w->arrivals, n * w->n_arrival_words * sizeof *w->arrivals, "orders",
                          error);
}

static sv_status run_waves(svi_cuda_waves *s, sv_error *error)
{
    uint64_t budget;
    SVI_TRY(svi_cuda_memory_budget(s->launch->device, s->launch->memory, &budget, error));
    for (size_t first = 0; first < s->launch->n_runs;) {
        uint64_t n = collect_wave(s, first, budget);
        SVI_TRY(send_wave(s, first, n, error));
        SVI_TRY(fetch_wave(s, first, n, error));
        first += n;
    }
    return SV_OK;
}

/* Of the first wave, were everything wanted, and each run compared with a reference of its own. */
static sv_status reckon(svi_cuda_waves *s, sv_error *error)
{
    const svi_cuda_launch *launch = s->launch;
    uint64_t budget, n_checkpoints = launch->job->checkpoints->n;
    SVI_TRY(svi_cuda_memory_budget(launch->device, launch->memory, &budget, error));
    uint64_t at_checkpoint = sizeof(svk_result);
    if (launch->job->reference != NULL)
        at_checkpoint += 2 * (s->n_parameters * sizeof(double) + s->n_test) + sizeof(svk_result) +
                         sizeof(svk_distance);
    uint64_t bytes = wave_bytes(s, 0, s->n_most, launch->n_tables) +
                     s->n_most * (s->n_test + n_checkpoints * at_checkpoint);
    *launch->reckoned_bytes = bytes < budget ? bytes : budget;
    return SV_OK;
}

sv_status svi_cuda_waves_run(svi_cuda_waves *s, sv_error *error)
{
    const svi_job *job = s->launch->job;
    s->n_most = s->launch->n_runs < WAVE_MOST ? s->launch->n_runs : WAVE_MOST;
    bool has_checkpoints = s->launch->curves != NULL || svi_cuda_is_kept(s->launch);
    s->wave->n_checkpoints = has_checkpoints ? job->checkpoints->n : 0;
    if (s->launch->reckoned_bytes != NULL) return reckon(s, error);
    SVI_TRY(svi_cuda_splits_make(job->dataset, SVK_KEPT_PRECISION(job->numerics->precision),
                                 s->n_most, &s->splits, error));
    s->runs = malloc(s->n_most * sizeof *s->runs);
    sv_status status = s->runs == NULL ? svi_fail_memory(error, s->n_most * sizeof *s->runs,
                                                         "the runs of a launch")
                                       : run_waves(s, error);
    free(s->runs);
    svi_cuda_splits_free(&s->splits);
    return status;
}
