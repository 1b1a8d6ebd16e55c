/* One fault a kernel, on the line that bears its name; known_faults.h says how each is reported. */
#include "known_faults.h"

#include <cuda_runtime.h>

/* As many words as a block has threads. */
extern __shared__ unsigned dynamic_words[];

static __device__ unsigned neighbour() { return (threadIdx.x + 1) % blockDim.x; }
static __device__ unsigned own_word() { return blockIdx.x * blockDim.x + threadIdx.x; }

/* ---- order ---- */

static __global__ void missing_barrier(unsigned *words)
{
    dynamic_words[threadIdx.x] = threadIdx.x; /* missing_barrier */
    words[own_word()] = dynamic_words[neighbour()];
}

static __global__ void barrier_between(unsigned *words)
{
    dynamic_words[threadIdx.x] = threadIdx.x;
    __syncthreads();
    words[own_word()] = dynamic_words[neighbour()];
}

static __global__ void missing_barrier_static(unsigned *words)
{
    static __shared__ unsigned static_words[FAULT_THREADS];
    static_words[threadIdx.x] = threadIdx.x;
    __syncthreads();
    words[own_word()] = static_words[neighbour()];
    static_words[threadIdx.x] = 0; /* missing_barrier_static */
}

/* The first block hands a word to the second: words[1], announced by words[0]. */
static __global__ void missing_fence(unsigned *words)
{
    if (threadIdx.x != 0) return;
    if (blockIdx.x == 0) {
        words[1] = 7; /* missing_fence */
        atomicExch(&words[0], 1u);
    } else {
        while (atomicAdd(&words[0], 0u) == 0) __nanosleep(20);
        words[2] = words[1];
    }
}

static __global__ void fence_between(unsigned *words)
{
    if (threadIdx.x != 0) return;
    if (blockIdx.x == 0) {
        words[1] = 7;
        __threadfence();
        atomicExch(&words[0], 1u);
    } else {
        while (atomicAdd(&words[0], 0u) == 0) __nanosleep(20);
        __threadfence();
        words[2] = words[1];
    }
}

static __global__ void two_blocks_one_word(unsigned *words)
{
    words[threadIdx.x] = blockIdx.x; /* two_blocks_one_word */
}

static __global__ void atomics_together(unsigned *words) { atomicAdd(&words[threadIdx.x], 1u); }

/* ---- threads that wait for others ---- */

static __global__ void barrier_left_out(unsigned *words)
{
    if (threadIdx.x != 17) __syncthreads(); /* barrier_left_out */
    words[own_word()] = 1;
}

static __global__ void barriers_of_two_places(unsigned *words)
{
    words[own_word()] = 1;
    if (threadIdx.x < 32)
        __syncthreads(); /* barriers_of_two_places */
    else
        __syncthreads();
}

static __global__ void lane_outside_mask(unsigned *words)
{
    words[own_word()] = __shfl_sync(0xffffu, threadIdx.x, 3); /* lane_outside_mask */
}

static __global__ void lane_ended(unsigned *words)
{
    if (threadIdx.x == 5) return;
    words[own_word()] = __shfl_xor_sync(~0u, threadIdx.x, 1); /* lane_ended */
}

static __global__ void lanes_in_step(unsigned *words)
{
    words[own_word()] = __shfl_xor_sync(~0u, threadIdx.x, 1);
}

/* Nobody ever comes to change the word. */
static __global__ void endless(unsigned *words)
{
    if (own_word() > 0) return;
    while (atomicAdd(&words[0], 0u) == 0) __nanosleep(20);
}

/* ---- places ---- */

static __global__ void shared_read_behind_end(unsigned *words)
{
    dynamic_words[threadIdx.x] = 1;
    __syncthreads();
    words[own_word()] = dynamic_words[threadIdx.x + 1]; /* shared_read_behind_end */
}

static __global__ void shared_written_behind_end(unsigned *words)
{
    dynamic_words[threadIdx.x + 1] = words[own_word()]; /* shared_written_behind_end */
}

static __global__ void global_read_behind_end(unsigned *words)
{
    dynamic_words[threadIdx.x] = words[own_word() + 1]; /* global_read_behind_end */
}

static __global__ void global_written_behind_end(unsigned *words)
{
    words[own_word() + 1] = 1; /* global_written_behind_end */
}

static __global__ void global_far_away(unsigned *words)
{
    words[uint64_t{1} << 40] = threadIdx.x; /* global_far_away */
}

static __global__ void shared_never_written(unsigned *words)
{
    words[own_word()] = dynamic_words[threadIdx.x]; /* shared_never_written */
}

/* The words are of a new allocation that nobody has filled. */
static __global__ void global_never_written(unsigned *words)
{
    dynamic_words[threadIdx.x] = words[own_word()]; /* global_never_written */
}

static __global__ void half_a_pair(unsigned *words)
{
    uint64_t *pairs = reinterpret_cast<uint64_t *>(words + 1);
    if (own_word() == 0) *pairs = 1; /* half_a_pair */
}

static unsigned of_host;

static __global__ void memory_of_host(unsigned *words)
{
    words[own_word()] = of_host; /* memory_of_host */
}

/* ---- launches ---- */

static int run(void (*kernel)(unsigned *), unsigned *words)
{
    cudaLaunchConfig_t config = {};
    config.gridDim = dim3(FAULT_BLOCKS);
    config.blockDim = dim3(FAULT_THREADS);
    config.dynamicSmemBytes = FAULT_THREADS * sizeof(unsigned);
    of_host++;
    cudaError_t error = cudaLaunchKernelEx(&config, kernel, words);
    return error == cudaSuccess ? cudaDeviceSynchronize() : error;
}

#define DEFINE_FAULT(name, says, needs_watch)                                                      \
    int run_##name(unsigned *words) { return run(name, words); }
#define DEFINE_SOUND(name)                                                                         \
    int run_##name(unsigned *words) { return run(name, words); }
KNOWN_FAULTS(DEFINE_FAULT)
SOUND_KERNELS(DEFINE_SOUND)
