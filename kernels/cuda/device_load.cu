/* Work whose only use is to disturb other work on the same GPU. */
#include <cuda_runtime.h>

#include "cuda_kernels.h"

enum { LOAD_THREADS = 128 };

static __device__ uint32_t next_word(uint32_t x)
{
    x ^= x << 13;
    x ^= x >> 17;
    return x ^ x << 5;
}

/* Each thread goes to places of its own, each warp pauses at times of its own. */
static __global__ void svk_keep_busy(uint32_t *words, uint32_t n_words, uint32_t seed,
                                     long long n_cycles)
{
    long long begun = clock64();
    uint32_t half = n_words / 2;
    uint32_t draw = seed ^ (blockIdx.x * blockDim.x + threadIdx.x) * 2654435761u;
    uint32_t of_warp = (seed + blockIdx.x * 97 + threadIdx.x / 32) | 1;
    while (clock64() - begun < n_cycles) {
        draw = next_word(draw | 1);
        of_warp = next_word(of_warp);
        atomicAdd(&words[draw % half], words[half + (draw >> 7) % half]);
        if (of_warp % 8 == 0) __nanosleep(of_warp % 4096);
    }
}

int svk_cuda_load_launch(uint32_t *words, uint32_t n_words, uint32_t seed, long long n_cycles,
                         unsigned n_blocks, void *stream)
{
    cudaLaunchConfig_t config = {};
    config.gridDim = dim3(n_blocks);
    config.blockDim = dim3(LOAD_THREADS);
    config.stream = static_cast<cudaStream_t>(stream);
    return cudaLaunchKernelEx(&config, svk_keep_busy, words, n_words, seed, n_cycles);
}
