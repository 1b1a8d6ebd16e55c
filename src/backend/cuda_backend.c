#include "backend/cuda_backend.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backends.h"
#include "backend/cuda_stress.h"
#include "backend/job_shape.h"
#include "base/parallel.h"

uint32_t svi_cuda_shared_limit(const svi_cuda_gpu *self)
{
    return (uint32_t)self->properties.sharedMemPerBlockOptin;
}

/* The calling thread may have chosen another. */
sv_status svi_cuda_choose(svi_cuda_gpu *self, sv_error *error)
{
    return svi_cuda_check(&self->device, cudaSetDevice(self->device.number), error,
                          "cudaSetDevice");
}

/* ---- open ---- */

/* "cuda" is cuda:0. */
static sv_status parse_device(const char *text, int *number, sv_error *error)
{
    const char *digits = text + strlen("cuda");
    *number = 0;
    if (*digits == '\0') return SV_OK;
    size_t n_digits = *digits == ':' ? strspn(digits + 1, "0123456789") : 0;
    if (n_digits == 0 || n_digits > 4 || digits[1 + n_digits] != '\0')
        return svi_fail(error, SV_ERR_USAGE,
                        "--device %s: not a device; use cuda:N with N = 0, 1, ..., auto or cpu",
                        text);
    *number = atoi(digits + 1);
    return SV_OK;
}

static sv_status check_number(const char *asked, int number, int n_devices, sv_error *error)
{
    if (number < n_devices) return SV_OK;
    if (n_devices == 1)
        return svi_fail(error, SV_ERR_DEVICE,
                        "--device %s: this machine has one GPU; use cuda:0 or cpu", asked);
    return svi_fail(error, SV_ERR_DEVICE,
                    "--device %s: this machine has %d GPUs; use cuda:0 to cuda:%d, or cpu", asked,
                    n_devices, n_devices - 1);
}

/* SASS and PTX of this build begin at compute capability 8.0. */
static sv_status check_capability(const svi_cuda_gpu *self, sv_error *error)
{
    const struct cudaDeviceProp *p = &self->properties;
    if (p->major >= 8) return SV_OK;
    return svi_fail(error, SV_ERR_DEVICE,
                    "cuda:%d: %s has compute capability %d.%d, this program needs 8.0 or more; use "
                    "--device cpu",
                    self->device.number, p->name, p->major, p->minor);
}

static sv_status start_device(svi_cuda_gpu *self, sv_error *error)
{
    svi_cuda_device *device = &self->device;
    SVI_TRY(svi_cuda_check(device, cudaGetDeviceProperties(&self->properties, device->number),
                           error, "cudaGetDeviceProperties"));
    SVI_TRY(check_capability(self, error));
    SVI_TRY(svi_cuda_check(device, cudaSetDevice(device->number), error, "cudaSetDevice"));
    SVI_TRY(svi_cuda_check(device, cudaDriverGetVersion(&self->driver_version), error,
                           "cudaDriverGetVersion"));
    SVI_TRY(svi_cuda_check(device, cudaRuntimeGetVersion(&self->runtime_version), error,
                           "cudaRuntimeGetVersion"));
    /* the first call that needs the GPU itself */
    SVI_TRY(svi_cuda_check(device, cudaFree(NULL), error, "start of the GPU"));
    return svi_cuda_code(device, self->code, error);
}

static sv_status cuda_open(const svi_backend_options *options, svi_backend **backend,
                           sv_error *error)
{
    int number, n_devices;
    SVI_TRY(parse_device(options->device, &number, error));
    SVI_TRY(svi_cuda_count(options->device, &n_devices, error));
    SVI_TRY(check_number(options->device, number, n_devices, error));
    svi_cuda_gpu *self = calloc(1, sizeof *self);
    if (self == NULL) return svi_fail_memory(error, sizeof *self, "the CUDA backend");
    self->base.ops = &svi_cuda_backend;
    self->device.number = number;
    self->device.n_host_threads = options->n_threads > 0 ? options->n_threads : svi_n_cores();
    sv_status status = start_device(self, error);
    if (status != SV_OK) {
        free(self);
        return status;
    }
    *backend = &self->base;
    return SV_OK;
}

static void cuda_close(svi_backend *backend)
{
    svi_cuda_gpu *self = (svi_cuda_gpu *)backend;
    svi_cublas_close(self->cublas);
    svi_cuda_memory_free(&self->memory);
    free(self);
}

/* ---- describe ---- */

/* The driver's build, "580.65.06", is only told by the operating system; "" where it does not. */
static void driver_build(char build[64])
{
    char line[256] = "", *rest;
    build[0] = '\0';
    FILE *file = fopen("/proc/driver/nvidia/version", "r");
    if (file == NULL) return;
    if (fgets(line, sizeof line, file) == NULL) line[0] = '\0';
    fclose(file);
    for (char *word = strtok_r(line, " \t\n", &rest); word != NULL;
         word = strtok_r(NULL, " \t\n", &rest)) {
        if (!isdigit((unsigned char)word[0]) || strchr(word, '.') == NULL) continue;
        snprintf(build, 64, "%.63s", word);
        return;
    }
}

/* As nvidia-smi writes it. */
static void uuid_text(const struct cudaDeviceProp *p, char text[48])
{
    int n = snprintf(text, 48, "GPU");
    for (int i = 0; i < 16; i++) {
        bool is_group = i == 0 || i == 4 || i == 6 || i == 8 || i == 10;
        n += snprintf(text + n, 48 - (size_t)n, "%s%02x", is_group ? "-" : "",
                      (unsigned)(unsigned char)p->uuid.bytes[i]);
    }
}

static void cuda_describe(const svi_backend *backend, svi_device_info *info)
{
    const svi_cuda_gpu *self = (const svi_cuda_gpu *)backend;
    const struct cudaDeviceProp *p = &self->properties;
    char build[64], cublas[24];
    driver_build(build);
    svi_cublas_version(cublas);
    memset(info, 0, sizeof *info);
    snprintf(info->name, sizeof info->name, "cuda:%d", self->device.number);
    snprintf(info->model, sizeof info->model, "%.127s", p->name);
    snprintf(info->detail, sizeof info->detail, "sm_%d%d, %d SMs, %.1f GiB", p->major, p->minor,
             p->multiProcessorCount, (double)p->totalGlobalMem / (1 << 30));
    uuid_text(p, info->uuid);
    snprintf(info->driver, sizeof info->driver, "%s%sCUDA %d.%d", build,
             build[0] == '\0' ? "" : ", ", self->driver_version / 1000,
             self->driver_version % 1000 / 10);
    snprintf(info->cuda_runtime, sizeof info->cuda_runtime, "%d.%d%s%.16s",
             self->runtime_version / 1000, self->runtime_version % 1000 / 10,
             cublas[0] == '\0' ? "" : ", ", cublas);
    memcpy(info->cuda_code, self->code, sizeof self->code);
}

/* Runs that engine cublas trains side by side on one multiprocessor, at the least: a step is a
 * dozen small kernels whose start takes as long as their work on fewer. */
enum { BATCHED_RUNS = 32 };

/* What the driver and its context keep on the host, about. */
enum { CONTEXT_BYTES = 200 << 20 };

static sv_status networks_at_once(svi_cuda_gpu *self, const svi_job *job, uint64_t *n_runs,
                                  sv_error *error)
{
    svk_net net;
    svk_training training;
    svk_mlp_layout layout;
    SVI_TRY(svi_job_net(job, &net, &training, error));
    svk_mlp_layout_make(&layout, &net, &training, job->arm->model.is_closed_form,
                        svi_cuda_shared_limit(self));
    return svi_cuda_networks_at_once(&self->device, job, &layout,
                                     self->properties.multiProcessorCount, n_runs, error);
}

/* Blocks that one multiprocessor holds. */
static sv_status blocks_of_clusters(svi_cuda_gpu *self, const svi_job *job, int *n_blocks,
                                    sv_error *error)
{
    svk_kmeans shape;
    svk_kmeans_layout layout;
    SVI_TRY(svi_job_kmeans(job, &shape, error));
    svk_kmeans_layout_make(&layout, &shape, job->numerics->precision == SVK_PRECISION_FP64,
                           svi_cuda_shared_limit(self));
    return svi_cuda_check_occupancy(&self->device,
                                    (cudaError_t)svk_cuda_kmeans_occupancy(&layout, n_blocks),
                                    layout.shared_bytes, error);
}

static sv_status cuda_grain(svi_backend *backend, const svi_job *job, uint64_t *n_runs,
                            sv_error *error)
{
    svi_cuda_gpu *self = (svi_cuda_gpu *)backend;
    uint64_t n_processors = (uint64_t)self->properties.multiProcessorCount;
    int n_blocks = 0, kind = job->arm->model.kind;
    *n_runs = n_processors * (uint64_t)self->properties.maxThreadsPerMultiProcessor;
    if (kind == SVI_MODEL_POLY) return SV_OK;
    *n_runs = n_processors * BATCHED_RUNS;
    if (job->numerics->engine == SVK_ENGINE_CUBLAS) return SV_OK;
    SVI_TRY(svi_cuda_choose(self, error));
    if (kind != SVI_MODEL_KMEANS) return networks_at_once(self, job, n_runs, error);
    SVI_TRY(blocks_of_clusters(self, job, &n_blocks, error));
    *n_runs = n_processors * (uint64_t)(n_blocks > 0 ? n_blocks : 1);
    return SV_OK;
}

/* A tenth of the multiply-adds that 128 lanes a multiprocessor do at 1.5 GHz; binary64 has half as
 * many lanes where there are many (compute capability 8.0, 9.0 and 10.0), else a 64th. */
static sv_status cuda_speed(svi_backend *backend, const svi_job *job, svi_device_speed *speed,
                            sv_error *error)
{
    const struct cudaDeviceProp *p = &((svi_cuda_gpu *)backend)->properties;
    double peak = 2 * 1.5e9 * 128 * p->multiProcessorCount;
    if (job->numerics->precision == SVK_PRECISION_FP64)
        peak /= p->minor == 0 && p->major < 12 ? 2 : 64;
    *speed = (svi_device_speed){.start_s = SVI_GPU_START_S,
                                .flop_per_s = peak / 10,
                                .n_table_makers = ((svi_cuda_gpu *)backend)->device.n_host_threads};
    return cuda_grain(backend, job, &speed->n_at_once, error);
}

static sv_status train_alone(svi_cuda_gpu *self, const svi_cuda_launch *launch, sv_error *error)
{
    const svi_job *job = launch->job;
    int n_processors = self->properties.multiProcessorCount;
    if (job->arm->model.kind == SVI_MODEL_POLY) return svi_cuda_descend(launch, error);
    if (job->arm->model.kind == SVI_MODEL_KMEANS)
        return svi_cuda_cluster(launch, svi_cuda_shared_limit(self), n_processors, error);
    if (job->numerics->engine == SVK_ENGINE_CUBLAS)
        return svi_cublas_train(&self->cublas, launch, svi_cuda_shared_limit(self), n_processors,
                                error);
    return svi_cuda_train(launch, svi_cuda_shared_limit(self), n_processors, error);
}

static sv_status cuda_memory(svi_backend *backend, const svi_job *job, uint64_t n_runs,
                             uint64_t n_tables, svi_device_memory *memory, sv_error *error)
{
    svi_cuda_gpu *self = (svi_cuda_gpu *)backend;
    svi_cuda_launch launch = {.device = &self->device,
                              .memory = &self->memory,
                              .job = job,
                              .n_runs = n_runs,
                              .n_tables = n_tables,
                              .reckoned_bytes = &memory->device_bytes};
    *memory = (svi_device_memory){.host_bytes = CONTEXT_BYTES};
    SVI_TRY(svi_cuda_choose(self, error));
    return train_alone(self, &launch, error);
}

/* With other work on the GPU. */
static sv_status train_loaded(svi_cuda_gpu *self, const svi_cuda_launch *launch, sv_error *error)
{
    svi_cuda_load *load = NULL;
    sv_error late = {0};
    SVI_TRY(svi_cuda_load_start(&self->device, &load, error));
    sv_status status = train_alone(self, launch, error), of_load = svi_cuda_load_stop(load, &late);
    if (status != SV_OK || of_load == SV_OK) return status;
    return svi_fail(error, of_load, "%s", late.message);
}

static sv_status train(svi_cuda_gpu *self, const svi_cuda_launch *launch, sv_error *error)
{
    bool is_loaded = SVK_STRESS_HAS(launch->job->numerics->stress, CO_RESIDENT);
    return is_loaded ? train_loaded(self, launch, error) : train_alone(self, launch, error);
}

static sv_status train_reference(svi_cuda_gpu *self, const svi_cuda_launch *launch,
                                 const svi_job_reference *reference, sv_error *error)
{
    svi_job plain = svi_cuda_reference_job(launch->job);
    svi_cuda_launch first = {.device = launch->device,
                             .memory = launch->memory,
                             .job = &plain,
                             .runs = reference->runs,
                             .n_runs = reference->n,
                             .results = reference->results,
                             .curves = reference->at_checkpoints,
                             .kept = reference->parameters,
                             .kept_predictions = reference->predictions_at_checkpoints};
    return train(self, &first, error);
}

/* Trains the reference of every seed vector first, and then the runs. */
static sv_status train_compared(svi_cuda_gpu *self, svi_cuda_launch *launch, sv_error *error)
{
    svi_job_reference reference;
    sv_status status = svi_job_reference_make(launch->job, launch->runs, launch->n_runs,
                                              sizeof(double), &reference, error);
    if (status == SV_OK) status = train_reference(self, launch, &reference, error);
    launch->reference = &reference;
    if (status == SV_OK) status = train(self, launch, error);
    svi_job_reference_clear(&reference);
    return status;
}

static sv_status cuda_launch(svi_backend *backend, const svi_job *job, const svi_run *runs,
                             size_t n, svi_run_result *results, svi_run_result *curves,
                             uint8_t *predictions, double *parameters, sv_error *error)
{
    svi_cuda_gpu *self = (svi_cuda_gpu *)backend;
    svi_cuda_launch launch = {.device = &self->device,
                              .memory = &self->memory,
                              .job = job,
                              .runs = runs,
                              .n_runs = n,
                              .results = results,
                              .curves = curves,
                              .predictions = predictions,
                              .parameters = parameters,
                              .kept = job->kept};
    SVI_TRY(svi_cuda_check_usable(&self->device, error));
    if (n == 0) return SV_OK;
    SVI_TRY(svi_cuda_choose(self, error));
    return job->distances != NULL ? train_compared(self, &launch, error)
                                  : train(self, &launch, error);
}

static sv_status cuda_peak(svi_backend *backend, int precision, double *flop_per_s, sv_error *error)
{
    svi_cuda_gpu *self = (svi_cuda_gpu *)backend;
    const struct cudaDeviceProp *p = &self->properties;
    uint64_t n_threads =
        (uint64_t)p->multiProcessorCount * (uint64_t)p->maxThreadsPerMultiProcessor / 256 * 256;
    *flop_per_s = 0;
    if (precision != SVK_PRECISION_FP32) return SV_OK;
    SVI_TRY(svi_cuda_check_usable(&self->device, error));
    SVI_TRY(
        svi_cuda_check(&self->device, cudaSetDevice(self->device.number), error, "cudaSetDevice"));
    return svi_cuda_peak(&self->device, n_threads, flop_per_s, error);
}

const svi_backend_ops svi_cuda_backend = {
    .name = "cuda",
    .open = cuda_open,
    .close = cuda_close,
    .describe = cuda_describe,
    .supports = svi_cuda_supports,
    .grain = cuda_grain,
    .speed = cuda_speed,
    .memory = cuda_memory,
    .launch = cuda_launch,
    .peak = cuda_peak,
    .count = svi_cuda_count,
};
