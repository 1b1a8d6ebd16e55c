/* Gradient descent on a polynomial: one seed a thread. */
#include <cuda_runtime.h>

#include "cuda_kernels.h"

struct descent {
    float derivative[SVK_MAX_DEGREE];
    float rate;
    int n_coefficients;
};

/* N is known when the kernel is compiled, so that the coefficients stay in registers. */
template <int N>
static __device__ __forceinline__ float descend(const descent &d, uint64_t n_steps, float x)
{
    for (uint64_t i = 0; i < n_steps; i++) {
        float slope = d.derivative[N - 1];
#pragma unroll
        for (int k = N - 2; k >= 0; k--) slope = fmaf(slope, x, d.derivative[k]);
        x = fmaf(-d.rate, slope, x);
    }
    return x;
}

/* The function for each number of coefficients of the derivative. */
#define EACH_LENGTH(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12)
static_assert(SVK_MAX_DEGREE == 12, "EACH_LENGTH lists every length");

static __global__ void __launch_bounds__(256)
    svk_poly(const __grid_constant__ svk_polynomial polynomial, const __grid_constant__ descent d,
             const uint64_t *seed, const float *start, uint64_t n, float *end)
{
    uint64_t i = static_cast<uint64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i >= n) return;
    float x = start != nullptr ? start[i] : svk_poly_start_f32(&polynomial, seed[i]);
    switch (d.n_coefficients) {
#define DESCEND(length)                                                                            \
    case length: x = descend<length>(d, polynomial.n_steps, x); break;
        EACH_LENGTH(DESCEND)
#undef DESCEND
    }
    end[i] = x;
}

int svk_cuda_poly_launch(const svk_polynomial *polynomial, const uint64_t *seed, const float *start,
                         uint64_t n, float *end)
{
    descent d = {};
    d.rate = static_cast<float>(polynomial->learning_rate);
    d.n_coefficients = polynomial->degree;
    for (int k = 0; k < polynomial->degree; k++)
        d.derivative[k] = static_cast<float>(polynomial->derivative[k]);
    cudaLaunchConfig_t config = {};
    config.blockDim = dim3(256);
    config.gridDim = dim3(static_cast<unsigned>((n + 255) / 256));
    return cudaLaunchKernelEx(&config, svk_poly, *polynomial, d, seed, start, n, end);
}
