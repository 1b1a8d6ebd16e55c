/* Networks on a GPU, a wave at a time. */
#include <inttypes.h>
#include <stdlib.h>

#include "backend/cuda_launch.h"
#include "backend/cuda_tables.h"
#include "backend/job_shape.h"

/* Runs of a wave, whatever fits: what the host keeps for them stays small. */
enum { WAVE_MOST = 1 << 20 };

typedef struct session {
    const svi_cuda_launch *launch;
    svk_cuda_mlp mlp; /* pointers are set for every wave */
    uint64_t n_parameters;
    uint64_t n_blocks_most; /* that the GPU holds at a time */
    svi_cuda_splits splits;
    svk_cuda_run *runs; /* [n_most]: of the wave, on the host */
    uint64_t n_most;
} session;

/* Device memory that each run of a wave needs, its table apart. */
static uint64_t run_bytes(const session *s)
{
    uint64_t n = sizeof(svk_cuda_run) + sizeof(svk_result);
    if (s->launch->predictions != NULL) n += s->mlp.training.n_test;
    if (s->launch->parameters != NULL) n += s->n_parameters * sizeof(double);
    return n;
}

/* Of n runs on n_tables tables, with the boundaries between the pieces. */
static uint64_t wave_bytes(const session *s, uint64_t n, uint64_t n_tables)
{
    uint64_t n_blocks = n < s->n_blocks_most ? n : s->n_blocks_most;
    return n * run_bytes(s) + n_tables * s->mlp.tables.size_bytes +
           n_blocks * s->mlp.layout.workspace_bytes + 6 * svi_cuda_memory_round(1);
}

/* As many runs from `first` as fit into budget bytes, at least one. */
static uint64_t collect_wave(session *s, size_t first, uint64_t budget)
{
    uint64_t n = 0;
    svi_cuda_splits_clear(&s->splits);
    while (n < s->n_most && first + n < s->launch->n_runs) {
        const svi_run *run = &s->launch->runs[first + n];
        if (n > 0 && wave_bytes(s, n + 1, s->splits.n + 1) > budget) break;
        s->runs[n++] = (svk_cuda_run){.seed_init = run->seed[SVK_SOURCE_INIT],
                                      .seed_order = run->seed[SVK_SOURCE_ORDER],
                                      .table = svi_cuda_splits_find(&s->splits, run)};
    }
    return n;
}

static sv_status send_wave(session *s, uint64_t n, sv_error *error)
{
    svi_cuda_memory *memory = s->launch->memory;
    svi_cuda_device *device = s->launch->device;
    uint64_t n_blocks = n < s->n_blocks_most ? n : s->n_blocks_most;
    SVI_TRY(svi_cuda_memory_reserve(device, memory, wave_bytes(s, n, s->splits.n), error));
    unsigned char *base = svi_cuda_memory_take(memory, s->splits.n * s->mlp.tables.size_bytes);
    svk_cuda_run *runs = svi_cuda_memory_take(memory, n * sizeof *runs);
    s->mlp.tables.base = base;
    s->mlp.runs = runs;
    s->mlp.n_runs = n;
    s->mlp.results = svi_cuda_memory_take(memory, n * sizeof *s->mlp.results);
    s->mlp.workspace = svi_cuda_memory_take(memory, n_blocks * s->mlp.layout.workspace_bytes);
    s->mlp.predictions = NULL;
    s->mlp.parameters = NULL;
    if (s->launch->predictions != NULL)
        s->mlp.predictions = svi_cuda_memory_take(memory, n * s->mlp.training.n_test);
    if (s->launch->parameters != NULL)
        s->mlp.parameters = svi_cuda_memory_take(memory, n * s->n_parameters * sizeof(double));
    SVI_TRY(svi_cuda_tables_send(device, &s->splits, &s->mlp.tables, base, error));
    SVI_TRY(svi_cuda_check(device,
                           cudaMemcpy(runs, s->runs, n * sizeof *runs, cudaMemcpyHostToDevice),
                           error, "cudaMemcpy of %" PRIu64 " runs to the GPU", n));
    return svi_cuda_check(device, (cudaError_t)svk_cuda_mlp_launch(&s->mlp, (unsigned)n_blocks),
                          error,
                          "launch of %" PRIu64 " networks with %" PRIu32 " bytes of shared memory",
                          n, s->mlp.layout.shared_bytes);
}

static sv_status fetch(session *s, void *to, const void *from, uint64_t size_bytes,
                       const char *what, sv_error *error)
{
    if (size_bytes == 0) return SV_OK;
    return svi_cuda_check(s->launch->device,
                          cudaMemcpy(to, from, size_bytes, cudaMemcpyDeviceToHost), error,
                          "cudaMemcpy of %" PRIu64 " bytes of %s from the GPU", size_bytes, what);
}

static sv_status fetch_wave(session *s, size_t first, uint64_t n, sv_error *error)
{
    const svi_cuda_launch *launch = s->launch;
    uint64_t n_test = s->mlp.training.n_test, n_parameters = s->n_parameters;
    SVI_TRY(svi_cuda_check(launch->device, cudaDeviceSynchronize(), error,
                           "training of %" PRIu64 " networks", n));
    SVI_TRY(fetch(s, launch->results + first, s->mlp.results, n * sizeof *launch->results,
                  "results", error));
    if (launch->predictions != NULL)
        SVI_TRY(fetch(s, launch->predictions + first * n_test, s->mlp.predictions, n * n_test,
                      "predictions", error));
    if (launch->parameters != NULL)
        SVI_TRY(fetch(s, launch->parameters + first * n_parameters, s->mlp.parameters,
                      n * n_parameters * sizeof(double), "parameters", error));
    return SV_OK;
}

static sv_status train_waves(session *s, sv_error *error)
{
    uint64_t budget;
    SVI_TRY(svi_cuda_memory_budget(s->launch->device, s->launch->memory, &budget, error));
    for (size_t first = 0; first < s->launch->n_runs;) {
        uint64_t n = collect_wave(s, first, budget);
        SVI_TRY(send_wave(s, n, error));
        SVI_TRY(fetch_wave(s, first, n, error));
        first += n;
    }
    return SV_OK;
}

static sv_status shape(session *s, uint32_t shared_limit, int n_processors, sv_error *error)
{
    int n_resident = 0;
    SVI_TRY(svi_job_net(s->launch->job, &s->mlp.net, &s->mlp.training, error));
    svk_mlp_layout_make(&s->mlp.layout, &s->mlp.net, &s->mlp.training, shared_limit);
    svi_cuda_tables_shape(&s->mlp.training, &s->mlp.tables);
    s->n_parameters = svk_net_n_parameters(&s->mlp.net);
    SVI_TRY(svi_cuda_check_occupancy(
        s->launch->device, (cudaError_t)svk_cuda_mlp_occupancy(&s->mlp.layout, &n_resident),
        s->mlp.layout.shared_bytes, error));
    s->n_blocks_most = (uint64_t)(n_resident > 0 ? n_resident : 1) * (uint64_t)n_processors;
    return SV_OK;
}

sv_status svi_cuda_train(const svi_cuda_launch *launch, uint32_t shared_limit, int n_processors,
                         sv_error *error)
{
    session s = {.launch = launch,
                 .n_most = launch->n_runs < WAVE_MOST ? launch->n_runs : WAVE_MOST};
    SVI_TRY(shape(&s, shared_limit, n_processors, error));
    SVI_TRY(svi_cuda_splits_make(launch->job->dataset, s.n_most, &s.splits, error));
    s.runs = malloc(s.n_most * sizeof *s.runs);
    sv_status status =
        s.runs == NULL ? svi_fail_memory(error, s.n_most * sizeof *s.runs, "the runs of a launch")
                       : train_waves(&s, error);
    free(s.runs);
    svi_cuda_splits_free(&s.splits);
    return status;
}
