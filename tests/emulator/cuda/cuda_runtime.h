/* What the kernels use of CUDA C++, for the host's compiler. Each thread of a block is a fiber; the
 * operations on which threads wait for one another, or which order memory, are where fibers change
 * places. Barriers know the line that calls them. */
#ifndef EMULATED_CUDA_RUNTIME_H
#define EMULATED_CUDA_RUNTIME_H

#include <cmath>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <type_traits>

#include "cuda_runtime_api.h"
#include "tensor_cores.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __grid_constant__
/* A thread block has an operating system's thread for itself, so that what is shared in a block is
 * that thread's own. */
#define __shared__ thread_local

struct uint3 {
    unsigned x, y, z;
};
struct dim3 {
    unsigned x, y, z;
    constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};

enum cudaLaunchAttributeID { cudaLaunchAttributeCooperative = 2 };
struct cudaLaunchAttribute {
    cudaLaunchAttributeID id;
    struct {
        int cooperative;
    } val;
};
struct cudaLaunchConfig_t {
    dim3 gridDim, blockDim;
    size_t dynamicSmemBytes;
    cudaStream_t stream;
    cudaLaunchAttribute *attrs;
    unsigned numAttrs;
};

extern thread_local uint3 threadIdx, blockIdx;
extern thread_local dim3 blockDim, gridDim;
constexpr int warpSize = 32;

namespace emulator
{

struct place {
    const char *file;
    int line;
};

/* A kernel with its arguments, as every thread calls it. */
struct kernel_call {
    size_t size_bytes; /* of the object with the arguments */
    virtual void call() const = 0;
    virtual ~kernel_call() = default;
};

enum class warp_operation {
    SYNC,
    SHUFFLE,
    SHUFFLE_UP,
    SHUFFLE_DOWN,
    SHUFFLE_XOR,
    BALLOT,
    ANY,
    ALL,
    ADD,
    MIN,
    MAX,
    AND,
    OR,
    XOR,
    MMA_TF32,
    MMA_BF16
};

void barrier(place at);
/* argument, width: of a shuffle; is_signed: how MIN and MAX compare. */
uint64_t exchange(warp_operation operation, uint32_t mask, uint64_t value, int argument, int width,
                  bool is_signed, place at);
void fence();
/* Lets other threads go first. */
void give_way();
uint64_t clock_now();
/* Before an atomic operation on size_bytes at p, called from this address of the code. */
void before_atomic(void *p, size_t size_bytes, const void *caller);
bool is_global(const void *p);
cudaError_t queue_launch(const cudaLaunchConfig_t &config, const void *kernel, kernel_call *call);
cudaError_t limit_shared(const void *kernel, int size_bytes);
cudaError_t occupancy(int *n_blocks, int n_threads, size_t shared_bytes);
/* As of a program with SASS for this device and PTX of compute_80, unless the settings say that it
 * lacks one of them. */
cudaError_t code_versions(int *binary, int *ptx);

template <class Value>
Value exchange_value(warp_operation operation, uint32_t mask, Value value, int argument, int width,
                     place at)
{
    static_assert(sizeof(Value) <= sizeof(uint64_t) && std::is_trivially_copyable<Value>::value,
                  "a lane exchanges at most eight bytes");
    uint64_t word = 0;
    memcpy(&word, &value, sizeof value);
    word = exchange(operation, mask, word, argument, width, std::is_signed<Value>::value, at);
    memcpy(&value, &word, sizeof value);
    return value;
}

/* Replaces *p by change(*p); returns what was there. Not watched as a plain access would be. */
template <class Value, class Change>
__attribute__((noinline, no_sanitize_thread)) Value update_atomically(Value *p, Change change)
{
    before_atomic(p, sizeof *p, __builtin_return_address(0));
    Value old = *p;
    *p = change(old);
    return old;
}

/* As the memory of a GPU adds: subnormal numbers are flushed, but not in shared memory, where a
 * loop of compare-and-swap adds. */
inline float add_in_memory(const float *p, float a, float b)
{
    if (!is_global(p)) return a + b;
    auto flush = [](float x) { return std::fabs(x) < 0x1p-126f ? std::copysign(0.0f, x) : x; };
    return flush(flush(a) + flush(b));
}

} // namespace emulator

/* ---- threads wait ---- */

#define EMULATOR_AT emulator::place at = {__builtin_FILE(), __builtin_LINE()}

inline void __syncthreads(EMULATOR_AT) { emulator::barrier(at); }
inline void __syncwarp(unsigned mask = ~0u, EMULATOR_AT)
{
    emulator::exchange(emulator::warp_operation::SYNC, mask, 0, 0, warpSize, false, at);
}
inline void __nanosleep(unsigned) { emulator::give_way(); }
inline void __threadfence() { emulator::fence(); }
inline void __threadfence_block() { emulator::fence(); }
inline long long clock64() { return static_cast<long long>(emulator::clock_now()); }

/* ---- lanes exchange values ---- */

#define EMULATOR_SHUFFLE(name, operation)                                                          \
    template <class Value>                                                                         \
    inline Value name(unsigned mask, Value value, int argument, int width = warpSize, EMULATOR_AT) \
    {                                                                                              \
        return emulator::exchange_value(emulator::warp_operation::operation, mask, value,          \
                                        argument, width, at);                                      \
    }
EMULATOR_SHUFFLE(__shfl_sync, SHUFFLE)
EMULATOR_SHUFFLE(__shfl_up_sync, SHUFFLE_UP)
EMULATOR_SHUFFLE(__shfl_down_sync, SHUFFLE_DOWN)
EMULATOR_SHUFFLE(__shfl_xor_sync, SHUFFLE_XOR)
#undef EMULATOR_SHUFFLE

#define EMULATOR_VOTE(type, name, operation)                                                       \
    inline type name(unsigned mask, int predicate, EMULATOR_AT)                                    \
    {                                                                                              \
        return static_cast<type>(emulator::exchange(emulator::warp_operation::operation, mask,     \
                                                    predicate != 0, 0, warpSize, false, at));      \
    }
EMULATOR_VOTE(unsigned, __ballot_sync, BALLOT)
EMULATOR_VOTE(int, __any_sync, ANY)
EMULATOR_VOTE(int, __all_sync, ALL)
#undef EMULATOR_VOTE

/* Of 32-bit integers; AND, OR and XOR of unsigned ones. */
#define EMULATOR_REDUCE(name, operation)                                                           \
    template <class Value> inline Value name(unsigned mask, Value value, EMULATOR_AT)              \
    {                                                                                              \
        static_assert(std::is_integral<Value>::value && sizeof(Value) == 4, "a 32-bit integer");   \
        return emulator::exchange_value(emulator::warp_operation::operation, mask, value, 0,       \
                                        warpSize, at);                                             \
    }
EMULATOR_REDUCE(__reduce_add_sync, ADD)
EMULATOR_REDUCE(__reduce_min_sync, MIN)
EMULATOR_REDUCE(__reduce_max_sync, MAX)
EMULATOR_REDUCE(__reduce_and_sync, AND)
EMULATOR_REDUCE(__reduce_or_sync, OR)
EMULATOR_REDUCE(__reduce_xor_sync, XOR)
#undef EMULATOR_REDUCE

/* In the place of mma.sync: kernels/cuda/mma_sync.cuh. */
namespace emulator
{
void multiply(warp_operation operation, float (&c)[4], const uint32_t (&a)[4],
              const uint32_t (&b)[2], place at);
}
inline void emulated_mma_tf32(float (&c)[4], const uint32_t (&a)[4], const uint32_t (&b)[2],
                              EMULATOR_AT)
{
    emulator::multiply(emulator::warp_operation::MMA_TF32, c, a, b, at);
}
inline void emulated_mma_bf16(float (&c)[4], const uint32_t (&a)[4], const uint32_t (&b)[2],
                              EMULATOR_AT)
{
    emulator::multiply(emulator::warp_operation::MMA_BF16, c, a, b, at);
}

/* ---- atomic operations ---- */

#define EMULATOR_ATOMIC(name, result)                                                              \
    template <class Value>                                                                         \
    __forceinline__ Value name(Value *p, typename std::enable_if<true, Value>::type value)         \
    {                                                                                              \
        static_assert(std::is_integral<Value>::value && sizeof(Value) >= 4, "an integer");         \
        return emulator::update_atomically(p, [value](Value old) -> Value { return result; });     \
    }
EMULATOR_ATOMIC(atomicSub, old - value)
EMULATOR_ATOMIC(atomicExch, (static_cast<void>(old), value))
EMULATOR_ATOMIC(atomicMin, old < value ? old : value)
EMULATOR_ATOMIC(atomicMax, old > value ? old : value)
EMULATOR_ATOMIC(atomicAnd, old &value)
EMULATOR_ATOMIC(atomicOr, old | value)
EMULATOR_ATOMIC(atomicXor, old ^ value)
#undef EMULATOR_ATOMIC

template <class Value>
__forceinline__ Value atomicAdd(Value *p, typename std::enable_if<true, Value>::type value)
{
    return emulator::update_atomically(p, [p, value](Value old) -> Value {
        if constexpr (std::is_same<Value, float>::value)
            return emulator::add_in_memory(p, old, value);
        else if constexpr (std::is_same<Value, double>::value)
            return old + value;
        else
            return static_cast<Value>(static_cast<std::make_unsigned_t<Value>>(old) +
                                      static_cast<std::make_unsigned_t<Value>>(value));
    });
}

template <class Value>
__forceinline__ Value atomicCAS(Value *p, typename std::enable_if<true, Value>::type expected,
                                typename std::enable_if<true, Value>::type value)
{
    return emulator::update_atomically(
        p, [expected, value](Value old) -> Value { return old == expected ? value : old; });
}

/* ---- arithmetic and bits ---- */

inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
inline double __fma_rn(double a, double b, double c) { return fma(a, b, c); }
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __clz(unsigned x) { return x == 0 ? 32 : __builtin_clz(x); }
inline int __ffs(unsigned x) { return __builtin_ffs(static_cast<int>(x)); }
inline unsigned __umulhi(unsigned a, unsigned b)
{
    return static_cast<unsigned>(static_cast<uint64_t>(a) * b >> 32);
}
inline unsigned __float_as_uint(float x)
{
    unsigned u;
    memcpy(&u, &x, sizeof u);
    return u;
}
inline float __uint_as_float(unsigned u)
{
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}
template <class Value> inline Value __ldg(const Value *p) { return *p; }

/* ---- launches ---- */

namespace emulator
{

template <class... Parameters> struct call_of final : kernel_call {
    void (*kernel)(Parameters...);
    std::tuple<Parameters...> arguments;

    call_of(void (*kernel_)(Parameters...), std::tuple<Parameters...> arguments_)
        : kernel(kernel_), arguments(arguments_)
    {
        size_bytes = sizeof *this;
    }
    void call() const override { std::apply(kernel, arguments); }
};

} // namespace emulator

template <class... Parameters, class... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t *config, void (*kernel)(Parameters...),
                               Arguments &&...arguments)
{
    using call = emulator::call_of<Parameters...>;
    return emulator::queue_launch(
        *config, reinterpret_cast<const void *>(kernel),
        new call(kernel, std::tuple<Parameters...>(static_cast<Parameters>(arguments)...)));
}

template <class Kernel>
cudaError_t cudaFuncSetAttribute(Kernel *kernel, cudaFuncAttribute, int value)
{
    return emulator::limit_shared(reinterpret_cast<const void *>(kernel), value);
}

struct cudaFuncAttributes {
    int binaryVersion, ptxVersion;
};

template <class Kernel> cudaError_t cudaFuncGetAttributes(cudaFuncAttributes *attributes, Kernel *)
{
    return emulator::code_versions(&attributes->binaryVersion, &attributes->ptxVersion);
}

template <class Kernel>
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *n_blocks, Kernel *, int n_threads,
                                                          size_t shared_bytes)
{
    return emulator::occupancy(n_blocks, n_threads, shared_bytes);
}

#endif
