/* Gradient descent on a polynomial: one seed a thread. */
#include <cuda_runtime.h>

#include "cuda_kernels.h"
#include "real.cuh"

template <class REAL> struct descent {
    REAL derivative[SVK_MAX_DEGREE];
    REAL rate;
    int n_coefficients;
};

/* N is known when the kernel is compiled, so that the coefficients stay in registers. */
template <int N, class REAL>
SVK_DEVICE REAL descend(const descent<REAL> &d, uint64_t n_steps, REAL x)
{
    for (uint64_t i = 0; i < n_steps; i++) {
        REAL slope = d.derivative[N - 1];
#pragma unroll
        for (int k = N - 2; k >= 0; k--) slope = real_fma(slope, x, d.derivative[k]);
        x = real_fma(-d.rate, slope, x);
    }
    return x;
}

/* The function for each number of coefficients of the derivative. */
#define EACH_LENGTH(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12)
static_assert(SVK_MAX_DEGREE == 12, "EACH_LENGTH lists every length");

template <class REAL>
static __global__ void __launch_bounds__(256)
    svk_poly(const __grid_constant__ svk_polynomial polynomial,
             const __grid_constant__ descent<REAL> d, const uint64_t *seed, const double *start,
             uint64_t n, double *end)
{
    uint64_t i = static_cast<uint64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i >= n) return;
    REAL x = start != nullptr ? static_cast<REAL>(start[i])
                              : real_of<REAL>::poly_start(&polynomial, seed[i]);
    switch (d.n_coefficients) {
#define DESCEND(length)                                                                            \
    case length: x = descend<length>(d, polynomial.n_steps, x); break;
        EACH_LENGTH(DESCEND)
#undef DESCEND
    }
    end[i] = static_cast<double>(x);
}

template <class REAL>
static int launch(const svk_polynomial *polynomial, const uint64_t *seed, const double *start,
                  uint64_t n, double *end)
{
    descent<REAL> d = {};
    d.rate = static_cast<REAL>(polynomial->learning_rate);
    d.n_coefficients = polynomial->degree;
    for (int k = 0; k < polynomial->degree; k++)
        d.derivative[k] = static_cast<REAL>(polynomial->derivative[k]);
    cudaLaunchConfig_t config = {};
    config.blockDim = dim3(256);
    config.gridDim = dim3(static_cast<unsigned>((n + 255) / 256));
    return cudaLaunchKernelEx(&config, svk_poly<REAL>, *polynomial, d, seed, start, n, end);
}

int svk_cuda_poly_launch(const svk_polynomial *polynomial, int is_double, const uint64_t *seed,
                         const double *start, uint64_t n, double *end)
{
    return is_double ? launch<double>(polynomial, seed, start, n, end)
                     : launch<float>(polynomial, seed, start, n, end);
}
