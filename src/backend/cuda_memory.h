/* One piece of device memory that grows when it must, and is dealt out anew for every wave. */
#ifndef SVI_CUDA_MEMORY_H
#define SVI_CUDA_MEMORY_H

#include <stdint.h>

#include "backend/cuda_check.h"

typedef struct svi_cuda_memory {
    unsigned char *base; /* device memory */
    uint64_t size_bytes, used_bytes;
} svi_cuda_memory;

/* What a wave may use: most of what is free and what is held already. */
sv_status svi_cuda_memory_budget(svi_cuda_device *device, const svi_cuda_memory *memory,
                                 uint64_t *n_bytes, sv_error *error);
/* Takes back all that was dealt out and makes room for size_bytes. */
sv_status svi_cuda_memory_reserve(svi_cuda_device *device, svi_cuda_memory *memory,
                                  uint64_t size_bytes, sv_error *error);
/* Within what was reserved, on a boundary of 256 bytes: reckon with svi_cuda_memory_round. */
void *svi_cuda_memory_take(svi_cuda_memory *memory, uint64_t size_bytes);
uint64_t svi_cuda_memory_round(uint64_t size_bytes);
void svi_cuda_memory_free(svi_cuda_memory *memory);

/* Copies between host and device. what: "predictions", for messages. */
sv_status svi_cuda_send(svi_cuda_device *device, void *to, const void *from, uint64_t size_bytes,
                        const char *what, sv_error *error);
sv_status svi_cuda_fetch(svi_cuda_device *device, void *to, const void *from, uint64_t size_bytes,
                         const char *what, sv_error *error);

#endif
