#include "device_load.h"

#include <cuda_runtime.h>

#include <atomic>
#include <cstdint>
#include <thread>

/* Twice the largest second-level cache of today and more. */
static const size_t load_bytes = size_t{256} << 20;
static const long long load_cycles = 2000000;

static __device__ uint32_t next_word(uint32_t x)
{
    x ^= x << 13;
    x ^= x >> 17;
    return x ^ x << 5;
}

static __global__ void keep_busy(uint32_t *words, uint32_t n_words, uint32_t seed)
{
    long long begun = clock64();
    uint32_t draw = seed ^ (blockIdx.x * blockDim.x + threadIdx.x) * 2654435761u;
    uint32_t of_warp = (seed + blockIdx.x * 97 + threadIdx.x / 32) | 1;
    while (clock64() - begun < load_cycles) {
        draw = next_word(draw | 1);
        of_warp = next_word(of_warp);
        atomicAdd(&words[draw % n_words], words[(draw >> 7) % n_words]);
        if (of_warp % 8 == 0) __nanosleep(of_warp % 4096);
    }
}

struct device_load {
    int device = 0, n_blocks = 0;
    uint32_t *words = nullptr;
    cudaStream_t stream = nullptr;
    std::atomic<bool> is_over{false};
    cudaError_t status = cudaSuccess;
    std::thread thread;
};

/* Two launches are queued at a time, so that the GPU does not wait for the host. */
static void launch_on_and_on(device_load *load)
{
    load->status = cudaSetDevice(load->device);
    for (uint32_t seed = 1; load->status == cudaSuccess && !load->is_over; seed++) {
        keep_busy<<<load->n_blocks, 128, 0, load->stream>>>(load->words, load_bytes / 4, seed);
        load->status = cudaGetLastError();
        if (load->status == cudaSuccess && seed % 2 == 0)
            load->status = cudaStreamSynchronize(load->stream);
    }
    if (load->status == cudaSuccess) load->status = cudaStreamSynchronize(load->stream);
}

static cudaError_t prepare(device_load *load)
{
    cudaError_t status = cudaSetDevice(load->device);
    if (status == cudaSuccess)
        status =
            cudaDeviceGetAttribute(&load->n_blocks, cudaDevAttrMultiProcessorCount, load->device);
    if (status == cudaSuccess) status = cudaMalloc(&load->words, load_bytes);
    if (status == cudaSuccess) status = cudaMemset(load->words, 0, load_bytes);
    if (status == cudaSuccess)
        status = cudaStreamCreateWithFlags(&load->stream, cudaStreamNonBlocking);
    return status;
}

int device_load_start(int device, device_load **load)
{
    device_load *started = new device_load;
    started->device = device;
    started->status = prepare(started);
    if (started->status == cudaSuccess) {
        started->thread = std::thread(launch_on_and_on, started);
        *load = started;
        return cudaSuccess;
    }
    *load = nullptr;
    return device_load_stop(started);
}

int device_load_stop(device_load *load)
{
    if (load == nullptr) return cudaSuccess;
    load->is_over = true;
    if (load->thread.joinable()) load->thread.join();
    cudaError_t status = load->status;
    if (load->stream != nullptr) cudaStreamDestroy(load->stream);
    cudaFree(load->words);
    delete load;
    return status;
}

int device_caches_flush(void)
{
    unsigned char *bytes = nullptr;
    cudaError_t status = cudaMalloc(&bytes, load_bytes);
    if (status == cudaSuccess) status = cudaMemset(bytes, 0xa5, load_bytes);
    if (status == cudaSuccess) status = cudaDeviceSynchronize();
    cudaFree(bytes);
    return status;
}
