/* The CPU: seeds across the lanes of a vector, groups of lanes across pinned threads. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/backends.h"
#include "backend/cpu_model.h"
#include "backend/cpu_trace.h"
#include "backend/cpu_work.h"
#include "backend/job_shape.h"
#include "base/clock.h"

enum { MAX_THREADS = 1024 };

typedef struct cpu_backend {
    svi_backend base;
    const char *simd;
    int n_threads;
    cpu_set_t cores;
} cpu_backend;

/* The contract needs rounding to nearest and subnormal numbers; a library loaded before us may have
 * changed either. */
static bool is_float_mode_right(void)
{
    volatile float smallest_normal = 0x1p-126f, one = 1.0f, half_ulp = 0x1p-24f;
    volatile float subnormal = smallest_normal * 0.5f, rounded = one + half_ulp,
                   above = one + 3 * half_ulp;
    return subnormal > 0.0f && rounded == 1.0f && above == 1.0f + 0x1p-22f;
}

static sv_status choose_simd(const char *asked, const char **simd, sv_error *error)
{
    *simd = svk_cpu_best_simd();
    if (asked == NULL || strcmp(asked, "auto") == 0) return SV_OK;
    const svk_cpu_kernels *kernels = svk_cpu_kernels_find(asked, SVK_PRECISION_FP32);
    if (kernels == NULL)
        return svi_fail(
            error, SV_ERR_DEVICE,
            "--simd %s: this processor or build does not have it; use auto, %s or plain", asked,
            *simd);
    *simd = kernels->simd;
    return SV_OK;
}

static sv_status cpu_open(const svi_backend_options *options, svi_backend **backend,
                          sv_error *error)
{
    if (!is_float_mode_right())
        return svi_fail(error, SV_ERR_DEVICE,
                        "the processor is not in IEEE-754 mode (round to nearest, subnormals "
                        "kept): a library in this "
                        "process was built with -ffast-math");
    if (options->n_threads < 0 || options->n_threads > MAX_THREADS)
        return svi_fail(error, SV_ERR_USAGE, "--threads %d: use 1 to %d, or 0 for one a core",
                        options->n_threads, MAX_THREADS);
    cpu_backend *self = calloc(1, sizeof *self);
    if (self == NULL) return svi_fail_memory(error, sizeof *self, "the CPU backend");
    self->base.ops = &svi_cpu_backend;
    sv_status status = choose_simd(options->simd, &self->simd, error);
    if (status != SV_OK) {
        free(self);
        return status;
    }
    if (sched_getaffinity(0, sizeof self->cores, &self->cores) != 0) CPU_ZERO(&self->cores);
    int n_cores =
        CPU_COUNT(&self->cores) > 0 ? CPU_COUNT(&self->cores) : (int)sysconf(_SC_NPROCESSORS_ONLN);
    self->n_threads = options->n_threads > 0 ? options->n_threads : n_cores;
    if (self->n_threads > MAX_THREADS) self->n_threads = MAX_THREADS;
    *backend = &self->base;
    return SV_OK;
}

static void cpu_close(svi_backend *backend) { free(backend); }

static void cpu_describe(const svi_backend *backend, svi_device_info *info)
{
    const cpu_backend *self = (const cpu_backend *)backend;
    memset(info, 0, sizeof *info);
    snprintf(info->name, sizeof info->name, "cpu");
    svi_cpu_model(info->model, sizeof info->model);
    snprintf(info->detail, sizeof info->detail, "%s, %d thread%s", self->simd, self->n_threads,
             self->n_threads == 1 ? "" : "s");
}

/* Orders of the hardware are followed where they were logged, never made. */
static sv_status check_path(const svi_job *job, sv_error *error)
{
    int path = job->numerics->path;
    bool is_replay =
        path == SVK_PATH_ARRIVAL && job->arrivals != NULL && job->arrivals->is_replayed;
    if (is_replay) return SV_OK;
    if (!SVK_PATH_IS_HARDWARE(path) && job->numerics->stress == SVK_STRESS_NONE) return SV_OK;
    if (!SVK_PATH_IS_HARDWARE(path))
        return svi_fail(error, SV_ERR_DEVICE,
                        "numerics %s: stress disturbs a GPU and changes nothing on a CPU; use "
                        "--device cuda:0, or take stress out, the bits are the same",
                        job->numerics->name);
    if (path == SVK_PATH_CUBLAS)
        return svi_fail(error, SV_ERR_DEVICE,
                        "numerics %s: cuBLAS multiplies on NVIDIA's GPUs alone; use --device "
                        "cuda:0, or engine: native",
                        job->numerics->name);
    if (SVK_PATH_IS_MMA(path))
        return svi_fail(error, SV_ERR_DEVICE,
                        "numerics %s: a CPU has no tensor cores that add as a GPU's do; use "
                        "--device cuda:0, or path drawn, which draws an order, with precision tf32 "
                        "or bf16",
                        job->numerics->name);
    return svi_fail(error, SV_ERR_DEVICE,
                    "numerics %s: a CPU has no order of warps or atomics of its own; use --device "
                    "cuda:0, or path drawn, which draws an order",
                    job->numerics->name);
}

static sv_status cpu_supports(const svi_backend *backend, const svi_job *job, sv_error *error)
{
    svk_net net;
    svk_training training;
    svk_kmeans kmeans;
    (void)backend;
    if (job->arm->model.kind == SVI_MODEL_POLY) return SV_OK;
    if (job->arm->model.kind == SVI_MODEL_KMEANS) return svi_job_kmeans(job, &kmeans, error);
    SVI_TRY(check_path(job, error));
    SVI_TRY(svi_job_net(job, &net, &training, error));
    return job->arm->model.is_closed_form ? svi_job_check_fit(job, &net, &training, error) : SV_OK;
}

static const svk_cpu_kernels *kernels_for(const cpu_backend *self, const svi_job *job)
{
    return svk_cpu_kernels_find(self->simd, job->numerics->precision);
}

static sv_status cpu_grain(svi_backend *backend, const svi_job *job, uint64_t *n_runs,
                           sv_error *error)
{
    const cpu_backend *self = (const cpu_backend *)backend;
    (void)error;
    if (job->arm->model.kind == SVI_MODEL_POLY)
        *n_runs = 16384;
    else if (job->arm->model.kind == SVI_MODEL_KMEANS)
        *n_runs = (uint64_t)self->n_threads * SVI_KMEANS_GROUP;
    else
        *n_runs = (uint64_t)self->n_threads * (uint64_t)kernels_for(self, job)->n_lanes;
    return SV_OK;
}

/* Sums of single terms, and lanes that each add in an order of their own, take so many times as
 * long (docs/performance.md). */
static double slowness_of(const svi_numerics_spec *numerics)
{
    int path = numerics->path;
    if (path == SVK_PATH_BINNED || path == SVK_PATH_FIXED) return 3;
    return path == SVK_PATH_DRAWN && numerics->n_replicates > 1 ? 5 : 1;
}

/* What lanes of networks reach: 2.2 GFLOP/s each (docs/performance.md, J1). */
static sv_status cpu_speed(svi_backend *backend, const svi_job *job, svi_device_speed *speed,
                           sv_error *error)
{
    const cpu_backend *self = (const cpu_backend *)backend;
    (void)error;
    double n_lanes = (double)self->n_threads * kernels_for(self, job)->n_lanes;
    *speed = (svi_device_speed){.flop_per_s = 2e9 * n_lanes / slowness_of(job->numerics),
                                .n_at_once = 1,
                                .n_table_makers = self->n_threads};
    return SV_OK;
}

/* ---- threads ---- */

typedef struct worker {
    pthread_t thread;
    void (*task)(void *context);
    void *context;
    const cpu_set_t *cores;
    int number;
} worker;

/* Left to itself the scheduler moves threads about; on a small machine that halves the speed at
 * times. */
static void pin(const cpu_set_t *cores, int number)
{
    int n_cores = CPU_COUNT(cores);
    if (n_cores == 0) return;
    int nth = number % n_cores;
    for (int core = 0; core < CPU_SETSIZE; core++) {
        if (!CPU_ISSET(core, cores) || nth-- > 0) continue;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(core, &one);
        pthread_setaffinity_np(pthread_self(), sizeof one, &one);
        return;
    }
}

static void *work(void *context)
{
    worker *w = context;
    pin(w->cores, w->number);
    w->task(w->context);
    return NULL;
}

/* Runs task on every thread. At least one must start; with fewer than asked for, the rest do all
 * the work. */
static sv_status run_threads(const cpu_backend *self, void (*task)(void *), void *context,
                             sv_error *error)
{
    worker *workers = calloc((size_t)self->n_threads, sizeof *workers);
    if (workers == NULL) return svi_fail_memory(error, sizeof *workers, "threads");
    int n = 0;
    for (; n < self->n_threads; n++) {
        workers[n] = (worker){.task = task, .context = context, .cores = &self->cores, .number = n};
        if (pthread_create(&workers[n].thread, NULL, work, &workers[n]) != 0) break;
    }
    for (int i = 0; i < n; i++) pthread_join(workers[i].thread, NULL);
    free(workers);
    if (n == 0) return svi_fail(error, SV_ERR_DEVICE, "no thread could be started");
    return SV_OK;
}

static void work_on_launch(void *context) { svi_cpu_work(context); }

static sv_status train(const cpu_backend *self, svi_cpu_launch *launch, sv_error *error)
{
    launch->kernels = kernels_for(self, launch->job);
    sv_status status = svi_cpu_launch_prepare(launch, self->n_threads, error);
    if (status == SV_OK) status = run_threads(self, work_on_launch, launch, error);
    if (status == SV_OK) status = svi_cpu_launch_status(launch, error);
    svi_cpu_launch_clear(launch);
    return status;
}

static sv_status cpu_memory(svi_backend *backend, const svi_job *job, uint64_t n_runs,
                            uint64_t n_tables, svi_device_memory *memory, sv_error *error)
{
    const cpu_backend *self = (const cpu_backend *)backend;
    svi_cpu_launch launch = {.job = job, .n_runs = n_runs, .kernels = kernels_for(self, job)};
    *memory = (svi_device_memory){0};
    sv_status status = svi_cpu_launch_prepare(&launch, self->n_threads, error);
    if (status == SV_OK)
        memory->host_bytes = svi_cpu_launch_bytes(&launch, self->n_threads, n_tables);
    svi_cpu_launch_clear(&launch);
    return status;
}

static sv_status train_reference(const cpu_backend *self, const svi_job *job,
                                 const svi_job_reference *reference, sv_error *error)
{
    svi_job plain = *job;
    plain.numerics = job->reference;
    plain.arrivals = NULL;
    svi_cpu_launch launch = {.job = &plain,
                             .runs = reference->runs,
                             .n_runs = reference->n,
                             .results = reference->results,
                             .predictions = reference->predictions,
                             .kept = reference->trace};
    return train(self, &launch, error);
}

/* Trains the reference of every seed vector first, and then the runs. */
static sv_status launch_compared(const cpu_backend *self, svi_cpu_launch *launch, sv_error *error)
{
    svi_job_reference reference;
    bool is_fp64 = SVK_KEPT_PRECISION(launch->job->numerics->precision) == SVK_PRECISION_FP64;
    sv_status status =
        svi_job_reference_make(launch->job, launch->runs, launch->n_runs,
                               is_fp64 ? sizeof(double) : sizeof(float), &reference, error);
    if (status == SV_OK) status = train_reference(self, launch->job, &reference, error);
    launch->reference = &reference;
    if (launch->predictions == NULL) launch->predictions = reference.own_predictions;
    if (status == SV_OK) status = train(self, launch, error);
    svi_job_reference_clear(&reference);
    return status;
}

static sv_status launch_traced(const cpu_backend *self, svi_cpu_launch *launch, sv_error *error)
{
    svi_cpu_trace trace;
    sv_status status = svi_cpu_trace_make(launch->job, launch->n_runs, &trace, error);
    launch->kept = trace.trace;
    if (status == SV_OK) status = train(self, launch, error);
    if (status == SV_OK) svi_cpu_trace_read(&trace, launch->job->kept);
    svi_cpu_trace_clear(&trace);
    return status;
}

static sv_status cpu_launch(svi_backend *backend, const svi_job *job, const svi_run *runs, size_t n,
                            svi_run_result *results, svi_run_result *curves, uint8_t *predictions,
                            double *parameters, sv_error *error)
{
    const cpu_backend *self = (const cpu_backend *)backend;
    svi_cpu_launch launch = {.job = job,
                             .runs = runs,
                             .n_runs = n,
                             .results = results,
                             .curves = curves,
                             .predictions = predictions,
                             .parameters = parameters};
    if (job->kept != NULL) return launch_traced(self, &launch, error);
    return job->distances != NULL ? launch_compared(self, &launch, error)
                                  : train(self, &launch, error);
}

/* ---- peak ---- */

/* Long enough that a short pause of one thread does not count as the machine's speed. */
#define PEAK_S 0.25
enum { PEAK_CHUNK = 1 << 14 }; /* iterations between two looks at the clock, some 50 us */

typedef struct peak_work {
    const svk_cpu_kernels *kernels;
    int64_t end_ns;
    _Atomic uint64_t n_iterations; /* of all threads */
} peak_work;

static void work_on_peak(void *context)
{
    peak_work *w = context;
    uint64_t n = 0;
    for (; svi_clock_ns() < w->end_ns; n += PEAK_CHUNK) w->kernels->fma_peak(PEAK_CHUNK);
    atomic_fetch_add(&w->n_iterations, n);
}

static sv_status cpu_peak(svi_backend *backend, int precision, double *flop_per_s, sv_error *error)
{
    const cpu_backend *self = (const cpu_backend *)backend;
    int64_t start_ns = svi_clock_ns();
    peak_work w = {.kernels = svk_cpu_kernels_find(self->simd, precision),
                   .end_ns = start_ns + (int64_t)(PEAK_S * 1e9)};
    SVI_TRY(run_threads(self, work_on_peak, &w, error));
    double seconds = (double)(svi_clock_ns() - start_ns) * 1e-9;
    double n_fma = (double)w.n_iterations * SVK_FMA_PEAK_CHAINS * w.kernels->n_lanes;
    *flop_per_s = 2.0 * n_fma / seconds;
    return SV_OK;
}

const svi_backend_ops svi_cpu_backend = {
    .name = "cpu",
    .open = cpu_open,
    .close = cpu_close,
    .describe = cpu_describe,
    .supports = cpu_supports,
    .grain = cpu_grain,
    .speed = cpu_speed,
    .memory = cpu_memory,
    .launch = cpu_launch,
    .peak = cpu_peak,
};
