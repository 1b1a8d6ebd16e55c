#include "backend/cuda_stress.h"

#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "cuda_kernels.h"

/* Of the second-level cache. */
enum { CACHES = 4 };
static const long long load_cycles = 2000000;

struct svi_cuda_load {
    svi_cuda_device device; /* of the load's own thread */
    int n_processors;
    uint32_t n_words;
    void *words;
    cudaStream_t stream;
    pthread_t thread;
    bool has_thread;
    sem_t has_begun;
    atomic_bool is_over;
    sv_error error;
};

static sv_status cache_bytes(svi_cuda_device *device, size_t *n_bytes, sv_error *error)
{
    int n = 0;
    SVI_TRY(svi_cuda_check(device,
                           cudaDeviceGetAttribute(&n, cudaDevAttrL2CacheSize, device->number),
                           error, "size of the cache"));
    *n_bytes = CACHES * (n > 0 ? (size_t)n : (size_t)1 << 20);
    return SV_OK;
}

/* Two launches are queued at a time, so that the GPU does not wait for the host; the first two
 * whatever happens, so that no work is too short to have them beside it. */
static sv_status keep_busy(svi_cuda_load *l)
{
    svi_cuda_device *device = &l->device;
    SVI_TRY(svi_cuda_check(device, cudaSetDevice(device->number), &l->error, "cudaSetDevice"));
    for (uint32_t seed = 1; seed == 1 || !l->is_over; seed += 2) {
        for (uint32_t i = 0; i < 2; i++)
            SVI_TRY(svi_cuda_check(
                device,
                (cudaError_t)svk_cuda_load_launch(l->words, l->n_words, seed + i, load_cycles,
                                                  (unsigned)l->n_processors, l->stream),
                &l->error, "launch of the work of stress co_resident"));
        if (seed == 1) sem_post(&l->has_begun);
        SVI_TRY(svi_cuda_check(device, cudaStreamSynchronize(l->stream), &l->error,
                               "the work of stress co_resident"));
    }
    return SV_OK;
}

static void *load_thread(void *context)
{
    svi_cuda_load *l = context;
    keep_busy(l);
    sem_post(&l->has_begun); /* if it failed before */
    return NULL;
}

static sv_status prepare(svi_cuda_load *l, sv_error *error)
{
    svi_cuda_device *device = &l->device;
    size_t n_bytes;
    SVI_TRY(cache_bytes(device, &n_bytes, error));
    l->n_words = (uint32_t)(n_bytes / sizeof(uint32_t));
    SVI_TRY(svi_cuda_check(
        device,
        cudaDeviceGetAttribute(&l->n_processors, cudaDevAttrMultiProcessorCount, device->number),
        error, "number of multiprocessors"));
    SVI_TRY(svi_cuda_check(device, cudaMalloc(&l->words, n_bytes), error,
                           "cudaMalloc of %zu bytes for stress co_resident", n_bytes));
    SVI_TRY(svi_cuda_check(device, cudaMemset(l->words, 0, n_bytes), error,
                           "cudaMemset for stress co_resident"));
    /* the stream below waits for no other */
    SVI_TRY(
        svi_cuda_check(device, cudaDeviceSynchronize(), error, "the memory of stress co_resident"));
    SVI_TRY(svi_cuda_check(device, cudaStreamCreateWithFlags(&l->stream, cudaStreamNonBlocking),
                           error, "stream of stress co_resident"));
    l->has_thread = pthread_create(&l->thread, NULL, load_thread, l) == 0;
    if (l->has_thread) {
        while (sem_wait(&l->has_begun) != 0) continue; /* a signal came */
        return SV_OK;
    }
    return svi_fail(error, SV_ERR_MEMORY,
                    "stress co_resident: no thread can be started; end other programs");
}

sv_status svi_cuda_load_start(const svi_cuda_device *device, svi_cuda_load **load, sv_error *error)
{
    svi_cuda_load *l = calloc(1, sizeof *l);
    if (l == NULL) return svi_fail_memory(error, sizeof *l, "stress co_resident");
    l->device.number = device->number;
    sem_init(&l->has_begun, 0, 0);
    sv_status status = prepare(l, error);
    if (status == SV_OK)
        *load = l;
    else
        svi_cuda_load_stop(l, NULL);
    return status;
}

sv_status svi_cuda_load_stop(svi_cuda_load *l, sv_error *error)
{
    if (l == NULL) return SV_OK;
    l->is_over = true;
    if (l->has_thread) pthread_join(l->thread, NULL);
    if (l->stream != NULL) cudaStreamDestroy(l->stream);
    if (l->words != NULL) cudaFree(l->words);
    sv_error failure = l->error;
    sem_destroy(&l->has_begun);
    free(l);
    return failure.status == SV_OK ? SV_OK : svi_fail(error, failure.status, "%s", failure.message);
}

/* Freeing waits for what was queued. */
sv_status svi_cuda_flush_caches(svi_cuda_device *device, sv_error *error)
{
    size_t n_bytes;
    void *bytes = NULL;
    SVI_TRY(cache_bytes(device, &n_bytes, error));
    SVI_TRY(svi_cuda_check(device, cudaMalloc(&bytes, n_bytes), error,
                           "cudaMalloc of %zu bytes for stress cold_cache", n_bytes));
    cudaError_t filled = cudaMemset(bytes, 0xa5, n_bytes), freed = cudaFree(bytes);
    return svi_cuda_check(device, filled != cudaSuccess ? filled : freed, error,
                          "cudaMemset for stress cold_cache");
}
