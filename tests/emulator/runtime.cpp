/* The CUDA runtime's calls. Kernels run when the host next waits for them. Any call can be made to
 * fail. Each of the host's threads has a GPU of its own choice; one call is served at a time. */
#include <cstdio>
#include <cstring>
#include <deque>
#include <map>

#include "calls.h"
#include "cuda_runtime.h"
#include "device_memory.h"
#include "emulator.h"
#include "launch.h"
#include "reports.h"
#include "watch.h"

namespace emulator
{

void forget_reports();

enum {
    VERSION = 13000,
    THREADS_MOST = 1024,        /* of a block */
    THREADS_A_PROCESSOR = 2048, /* of all blocks that it holds */
    BLOCKS_A_PROCESSOR = 32,
    CACHE_BYTES = 64 << 10,
    SHARED_UNASKED = 48 << 10, /* a kernel that wants more must ask */
    SHARED_OF_SYSTEM = 1 << 10 /* of every block */
};

struct gpu {
    std::deque<std::unique_ptr<launch>> queue;
    std::map<const void *, int> shared_limits; /* that kernels have asked for */
    cudaError_t broken = cudaSuccess;          /* an error that stays */
};

fair_mutex one_at_a_time;
static std::map<int, gpu> gpus;
static uint64_t n_calls, n_counted; /* counted: that may fail */
static thread_local int chosen;
static thread_local cudaError_t last; /* the latest error of this thread */

static gpu &here() { return gpus[chosen]; }

static cudaError_t keep(cudaError_t error)
{
    if (error != cudaSuccess) last = error;
    return error;
}

/* Errors after which only a new process can use the GPU. */
static bool is_lasting(cudaError_t error)
{
    return error == cudaErrorIllegalAddress || error == cudaErrorLaunchTimeout ||
           error == cudaErrorLaunchFailure || error == cudaErrorECCUncorrectable;
}

cudaError_t begin(const char *call)
{
    const settings &set = current_settings();
    cudaError_t error = here().broken;
    n_calls++;
    bool is_counted = set.at == ANY_DEVICE || set.at == static_cast<uint64_t>(chosen);
    if (is_counted && ++n_counted == set.fault) {
        error = static_cast<cudaError_t>(set.error);
        if (set.quiet == 0)
            fprintf(stderr, "emulator: call %llu, %s, fails with %s\n",
                    static_cast<unsigned long long>(n_calls), call, cudaGetErrorName(error));
        if (is_lasting(error)) here().broken = error;
    }
    return keep(error);
}

cudaError_t finish_queue()
{
    size_t n_before = count_reports();
    std::deque<std::unique_ptr<launch>> &queue = here().queue;
    device_open(true);
    while (!queue.empty()) {
        std::unique_ptr<launch> l = std::move(queue.front());
        queue.pop_front();
        if (count_reports() == n_before) launch_run(*l);
    }
    device_check_ends();
    device_open(false);
    if (count_reports() > n_before) here().broken = cudaErrorLaunchFailure;
    return keep(here().broken);
}

/* By one multiprocessor. */
static uint64_t blocks_held(uint64_t n_threads, size_t shared_bytes)
{
    uint64_t by_shared =
        (current_settings().shared + SHARED_OF_SYSTEM) / (shared_bytes + SHARED_OF_SYSTEM);
    uint64_t most = THREADS_A_PROCESSOR / n_threads;
    if (most > BLOCKS_A_PROCESSOR) most = BLOCKS_A_PROCESSOR;
    return by_shared < most ? by_shared : most;
}

cudaError_t queue_launch(const cudaLaunchConfig_t &config, const void *kernel, kernel_call *call)
{
    ONE_AT_A_TIME;
    std::unique_ptr<kernel_call> owned(call);
    cudaError_t error = begin("cudaLaunchKernelEx");
    if (error != cudaSuccess) return error;
    const dim3 &grid = config.gridDim, &size = config.blockDim;
    uint64_t n_threads = uint64_t{size.x} * size.y * size.z;
    const std::map<const void *, int> &shared_limits = here().shared_limits;
    auto asked = shared_limits.find(kernel);
    size_t limit = SHARED_UNASKED;
    if (asked != shared_limits.end()) limit = static_cast<size_t>(asked->second);
    if (n_threads == 0 || n_threads > THREADS_MOST || grid.x == 0 || grid.y == 0 || grid.z == 0 ||
        grid.x > INT32_MAX || grid.y > UINT16_MAX || grid.z > UINT16_MAX)
        return keep(cudaErrorInvalidConfiguration);
    if (config.dynamicSmemBytes > limit) return keep(cudaErrorInvalidValue);
    std::unique_ptr<launch> l(new launch);
    l->is_cooperative = config.numAttrs > 0 && config.attrs->val.cooperative != 0;
    uint64_t n_held =
        blocks_held(n_threads, config.dynamicSmemBytes) * current_settings().processors;
    if (l->is_cooperative && uint64_t{grid.x} * grid.y * grid.z > n_held)
        return keep(cudaErrorCooperativeLaunchTooLarge);
    l->config = config;
    l->call = std::move(owned);
    l->set = current_settings();
    here().queue.push_back(std::move(l));
    return cudaSuccess;
}

cudaError_t limit_shared(const void *kernel, int size_bytes)
{
    ONE_AT_A_TIME;
    cudaError_t error = begin("cudaFuncSetAttribute");
    if (error != cudaSuccess) return error;
    if (size_bytes < 0 || static_cast<uint64_t>(size_bytes) > current_settings().shared)
        return keep(cudaErrorInvalidValue);
    int least = SHARED_UNASKED;
    here().shared_limits[kernel] = size_bytes > least ? size_bytes : least;
    return cudaSuccess;
}

cudaError_t occupancy(int *n_blocks, int n_threads, size_t shared_bytes)
{
    ONE_AT_A_TIME;
    cudaError_t error = begin("cudaOccupancyMaxActiveBlocksPerMultiprocessor");
    if (error != cudaSuccess) return error;
    if (n_threads < 1 || n_threads > THREADS_MOST) return keep(cudaErrorInvalidValue);
    *n_blocks = static_cast<int>(blocks_held(static_cast<uint64_t>(n_threads), shared_bytes));
    return cudaSuccess;
}

cudaError_t code_versions(int *binary, int *ptx)
{
    ONE_AT_A_TIME;
    cudaError_t error = begin("cudaFuncGetAttributes");
    if (error != cudaSuccess) return error;
    bool is_compiled = is_ptx_forced() || current_settings().sass == 0;
    if (is_compiled && current_settings().ptx == 0) return keep(cudaErrorNoKernelImageForDevice);
    *binary = 90;
    *ptx = is_compiled ? 80 : 90;
    return cudaSuccess;
}

bool is_ptx_forced()
{
    const char *value = getenv("CUDA_FORCE_PTX_JIT");
    return value != nullptr && strcmp(value, "1") == 0;
}

} // namespace emulator

using namespace emulator;

uint64_t emulator_n_calls(void) { return n_calls; }

void emulator_clear(void)
{
    ONE_AT_A_TIME;
    forget_reports();
    for (auto &numbered : gpus) numbered.second.broken = cudaSuccess;
    last = cudaSuccess;
}

static bool is_there(int device)
{
    return device >= 0 && static_cast<uint64_t>(device) < current_settings().devices;
}

cudaError_t cudaGetDeviceCount(int *n_devices)
{
    ONE_AT_A_TIME;
    cudaError_t error = begin("cudaGetDeviceCount");
    *n_devices = error == cudaSuccess ? static_cast<int>(current_settings().devices) : 0;
    return error;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int device)
{
    ONE_AT_A_TIME;
    cudaError_t error = begin("cudaGetDeviceProperties");
    if (error != cudaSuccess) return error;
    const settings &set = current_settings();
    if (!is_there(device)) return keep(cudaErrorInvalidDevice);
    *properties = cudaDeviceProp{};
    snprintf(properties->name, sizeof properties->name, "emulated GPU");
    memcpy(properties->uuid.bytes, "emulated GPU 0", 14);
    properties->uuid.bytes[15] = static_cast<char>(device);
    properties->major = 9;
    properties->multiProcessorCount = static_cast<int>(set.processors);
    properties->maxThreadsPerMultiProcessor = THREADS_A_PROCESSOR;
    properties->totalGlobalMem = set.memory;
    properties->sharedMemPerBlockOptin = set.shared;
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int device)
{
    ONE_AT_A_TIME;
    int before = chosen;
    if (is_there(device)) chosen = device;
    cudaError_t error = begin("cudaSetDevice");
    if (error == cudaSuccess && is_there(device)) return cudaSuccess;
    chosen = before;
    return error != cudaSuccess ? error : keep(cudaErrorInvalidDevice);
}

cudaError_t cudaDriverGetVersion(int *version)
{
    ONE_AT_A_TIME;
    *version = VERSION;
    return begin("cudaDriverGetVersion");
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
    ONE_AT_A_TIME;
    *version = VERSION;
    return begin("cudaRuntimeGetVersion");
}

cudaError_t cudaDeviceSynchronize(void)
{
    ONE_AT_A_TIME;
    cudaError_t error = begin("cudaDeviceSynchronize");
    return error != cudaSuccess ? error : finish_queue();
}

cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr attribute, int device)
{
    ONE_AT_A_TIME;
    cudaError_t error = begin("cudaDeviceGetAttribute");
    if (error != cudaSuccess) return error;
    if (!is_there(device)) return keep(cudaErrorInvalidDevice);
    *value = attribute == cudaDevAttrL2CacheSize ? static_cast<int>(CACHE_BYTES)
                                                 : static_cast<int>(current_settings().processors);
    return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned)
{
    ONE_AT_A_TIME;
    cudaError_t error = begin("cudaStreamCreateWithFlags");
    if (error == cudaSuccess) *stream = reinterpret_cast<cudaStream_t>(new char);
    return error;
}

cudaError_t cudaStreamCreate(cudaStream_t *stream)
{
    ONE_AT_A_TIME;
    cudaError_t error = begin("cudaStreamCreate");
    if (error == cudaSuccess) *stream = reinterpret_cast<cudaStream_t>(new char);
    return error;
}

cudaError_t cudaStreamSynchronize(cudaStream_t)
{
    ONE_AT_A_TIME;
    cudaError_t error = begin("cudaStreamSynchronize");
    return error != cudaSuccess ? error : finish_queue();
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    ONE_AT_A_TIME;
    delete reinterpret_cast<char *>(stream);
    return begin("cudaStreamDestroy");
}

cudaError_t cudaMalloc(void **p, size_t size_bytes)
{
    ONE_AT_A_TIME;
    cudaError_t error = begin("cudaMalloc");
    if (error != cudaSuccess) return error;
    device_open(true);
    *p = device_allocate(size_bytes, current_settings().memory, chosen);
    device_open(false);
    return *p == nullptr ? keep(cudaErrorMemoryAllocation) : cudaSuccess;
}

cudaError_t cudaFree(void *p)
{
    ONE_AT_A_TIME;
    cudaError_t error = begin("cudaFree");
    if (error == cudaSuccess) error = finish_queue();
    if (p != nullptr && !device_release(p) && error == cudaSuccess)
        error = keep(cudaErrorInvalidValue);
    return error;
}

/* kind is what the caller takes the pointers for: those of the GPU must lie in one allocation. */
cudaError_t cudaMemcpy(void *to, const void *from, size_t size_bytes, cudaMemcpyKind kind)
{
    ONE_AT_A_TIME;
    cudaError_t error = begin("cudaMemcpy");
    if (error == cudaSuccess) error = finish_queue();
    if (error != cudaSuccess) return error;
    bool is_to_device = kind == cudaMemcpyHostToDevice;
    const void *on_device = is_to_device ? to : from, *on_host = is_to_device ? from : to;
    if (!device_holds(on_device, size_bytes, chosen) || is_device(on_host))
        return keep(cudaErrorInvalidValue);
    device_open(true);
    memcpy(to, from, size_bytes);
    device_open(false);
    is_to_device ? watch_filled(to, size_bytes) : watch_fetched(from, size_bytes);
    return cudaSuccess;
}

cudaError_t cudaMemset(void *to, int value, size_t size_bytes)
{
    ONE_AT_A_TIME;
    cudaError_t error = begin("cudaMemset");
    if (error == cudaSuccess) error = finish_queue();
    if (error != cudaSuccess) return error;
    if (!device_holds(to, size_bytes, chosen)) return keep(cudaErrorInvalidValue);
    device_open(true);
    memset(to, value, size_bytes);
    device_open(false);
    watch_filled(to, size_bytes);
    return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t *n_free, size_t *n_total)
{
    ONE_AT_A_TIME;
    cudaError_t error = begin("cudaMemGetInfo");
    if (error != cudaSuccess) return error;
    *n_total = current_settings().memory;
    *n_free = *n_total - device_used(chosen);
    return cudaSuccess;
}

cudaError_t cudaGetLastError(void)
{
    ONE_AT_A_TIME;
    cudaError_t error = last;
    last = here().broken;
    return error;
}

const char *cudaGetErrorName(cudaError_t error)
{
    switch (error) {
#define NAME_OF_ERROR(name, number, text)                                                          \
    case name: return #name;
        EMULATED_CUDA_ERRORS(NAME_OF_ERROR)
#undef NAME_OF_ERROR
    }
    return "unrecognized error code";
}

const char *cudaGetErrorString(cudaError_t error)
{
    switch (error) {
#define TEXT_OF_ERROR(name, number, text)                                                          \
    case name: return text;
        EMULATED_CUDA_ERRORS(TEXT_OF_ERROR)
#undef TEXT_OF_ERROR
    }
    return "unrecognized error code";
}
