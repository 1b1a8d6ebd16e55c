/* As many multiply-adds as the GPU can do: independent chains in registers, every multiprocessor
 * full of threads. The yardstick for the training kernels. */
#include <cuda_runtime.h>

#include "cuda_kernels.h"

enum { N_CHAINS = 8, N_STEPS = SVK_CUDA_PEAK_FMAS / N_CHAINS, N_THREADS = 256 };

/* never: a sum that the chains do not reach, so that the compiler must make it and no thread
 * stores it. */
static __global__ void __launch_bounds__(N_THREADS)
    svk_fma_peak(uint64_t n_iterations, float never, float *sum)
{
    float chain[N_CHAINS];
#pragma unroll
    for (int i = 0; i < N_CHAINS; i++) chain[i] = static_cast<float>(i + 1);
    for (uint64_t n = 0; n < n_iterations; n++) {
#pragma unroll
        for (int step = 0; step < N_STEPS; step++) {
#pragma unroll
            for (int i = 0; i < N_CHAINS; i++) chain[i] = fmaf(chain[i], 0.999f, 0.001f);
        }
    }
    float total = chain[0];
#pragma unroll
    for (int i = 1; i < N_CHAINS; i++) total += chain[i];
    if (total == never) *sum = total;
}

/* All kernels come from the same place as this one. */
int svk_cuda_code_versions(int *binary, int *ptx)
{
    cudaFuncAttributes attributes = {};
    cudaError_t status = cudaFuncGetAttributes(&attributes, svk_fma_peak);
    *binary = attributes.binaryVersion;
    *ptx = attributes.ptxVersion;
    return status;
}

int svk_cuda_peak_launch(uint64_t n_iterations, uint64_t n_threads)
{
    cudaLaunchConfig_t config = {};
    config.blockDim = dim3(N_THREADS);
    config.gridDim = dim3(static_cast<unsigned>(n_threads / N_THREADS));
    return cudaLaunchKernelEx(&config, svk_fma_peak, n_iterations, -1.0f,
                              static_cast<float *>(nullptr));
}
