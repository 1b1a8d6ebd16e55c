/* NVIDIA GPUs: one seed a thread block, or a thread. */
#ifndef SVI_CUDA_BACKEND_H
#define SVI_CUDA_BACKEND_H

#include "backend/cublas_engine.h"
#include "backend/cuda_code.h"
#include "backend/cuda_launch.h"

typedef struct svi_cuda_gpu {
    svi_backend base;
    svi_cuda_device device;
    svi_cuda_memory memory;
    svi_cublas *cublas; /* NULL until a launch has used it */
    struct cudaDeviceProp properties;
    int driver_version, runtime_version;
    char code[SVI_CUDA_CODE_SIZE];
} svi_cuda_gpu;

/* Dynamic shared memory that a block may have. */
uint32_t svi_cuda_shared_limit(const svi_cuda_gpu *gpu);

/* Makes its device the calling thread's. */
sv_status svi_cuda_choose(svi_cuda_gpu *gpu, sv_error *error);

/* As of svi_backend_ops. */
sv_status svi_cuda_supports(const svi_backend *backend, const svi_job *job, sv_error *error);

/* The same runs under the numerics that distances are measured from. */
svi_job svi_cuda_reference_job(const svi_job *job);

#endif
