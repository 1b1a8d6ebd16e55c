#include "backend/cuda_memory.h"

#include <inttypes.h>

enum { BOUNDARY_BYTES = 256 };

uint64_t svi_cuda_memory_round(uint64_t size_bytes)
{
    return (size_bytes + BOUNDARY_BYTES - 1) / BOUNDARY_BYTES * BOUNDARY_BYTES;
}

sv_status svi_cuda_memory_budget(svi_cuda_device *device, const svi_cuda_memory *memory,
                                 uint64_t *n_bytes, sv_error *error)
{
    size_t n_free = 0, n_total = 0;
    SVI_TRY(svi_cuda_check(device, cudaMemGetInfo(&n_free, &n_total), error, "cudaMemGetInfo"));
    *n_bytes = (n_free + memory->size_bytes) / 10 * 8;
    return SV_OK;
}

sv_status svi_cuda_memory_reserve(svi_cuda_device *device, svi_cuda_memory *memory,
                                  uint64_t size_bytes, sv_error *error)
{
    memory->used_bytes = 0;
    if (memory->size_bytes >= size_bytes) return SV_OK;
    void *base = memory->base;
    *memory = (svi_cuda_memory){0};
    if (base != NULL)
        SVI_TRY(svi_cuda_check(device, cudaFree(base), error, "cudaFree of a launch's memory"));
    base = NULL;
    SVI_TRY(svi_cuda_check(device, cudaMalloc(&base, size_bytes), error,
                           "cudaMalloc of %" PRIu64 " bytes for a launch", size_bytes));
    memory->base = base;
    memory->size_bytes = size_bytes;
    return SV_OK;
}

void *svi_cuda_memory_take(svi_cuda_memory *memory, uint64_t size_bytes)
{
    unsigned char *p = memory->base + memory->used_bytes;
    memory->used_bytes += svi_cuda_memory_round(size_bytes);
    return p;
}

/* Freeing cannot fail in a way that anybody could mend: the error, if any, is one of an earlier
 * call. */
void svi_cuda_memory_free(svi_cuda_memory *memory)
{
    if (memory->base != NULL) cudaFree(memory->base);
    *memory = (svi_cuda_memory){0};
}

sv_status svi_cuda_send(svi_cuda_device *device, void *to, const void *from, uint64_t size_bytes,
                        const char *what, sv_error *error)
{
    if (size_bytes == 0) return SV_OK;
    return svi_cuda_check(device, cudaMemcpy(to, from, size_bytes, cudaMemcpyHostToDevice), error,
                          "cudaMemcpy of %" PRIu64 " bytes of %s to the GPU", size_bytes, what);
}

sv_status svi_cuda_fetch(svi_cuda_device *device, void *to, const void *from, uint64_t size_bytes,
                         const char *what, sv_error *error)
{
    if (size_bytes == 0) return SV_OK;
    return svi_cuda_check(device, cudaMemcpy(to, from, size_bytes, cudaMemcpyDeviceToHost), error,
                          "cudaMemcpy of %" PRIu64 " bytes of %s from the GPU", size_bytes, what);
}
