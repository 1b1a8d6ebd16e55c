/* The operations from which a run's arithmetic is built: IEEE-754 + - * / sqrt fma, comparisons,
 * bit operations. Everything in this folder is the C17/C++17 common subset: the CPU's compiler and
 * nvcc read the same text. */
#ifndef SVK_ARITH_H
#define SVK_ARITH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__CUDACC__)
#define SVK_FN static __host__ __device__ __forceinline__
#elif defined(__GNUC__)
#define SVK_FN static inline __attribute__((always_inline, unused))
#else
#define SVK_FN static inline
#endif

/* A pass over rows that a compiler should see by itself: loops over lanes are vectorized only where
 * nothing else is inlined around them, and where the arrays are known to be apart. */
#if defined(__CUDACC__)
#define SVK_PASS static __host__ __device__
#elif defined(__GNUC__)
#define SVK_PASS static __attribute__((noinline, unused))
#else
#define SVK_PASS static
#endif
#ifdef __cplusplus
#define SVK_RESTRICT __restrict__
#else
#define SVK_RESTRICT restrict
#endif

SVK_FN uint32_t svk_bits_f32(float x)
{
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

SVK_FN float svk_from_bits_f32(uint32_t u)
{
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}

SVK_FN uint64_t svk_bits_f64(double x)
{
    uint64_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

SVK_FN double svk_from_bits_f64(uint64_t u)
{
    double x;
    memcpy(&x, &u, sizeof x);
    return x;
}

#endif
