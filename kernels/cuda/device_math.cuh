/* exp and tanh of CUDA's library, for `math: device`: what they give is the toolkit's affair. */
#ifndef SVK_DEVICE_MATH_CUH
#define SVK_DEVICE_MATH_CUH

#include "mlp_run.cuh"

struct device_math {
    static __device__ __forceinline__ float exp_of(float x) { return expf(x); }
    static __device__ __forceinline__ double exp_of(double x) { return exp(x); }
    static __device__ __forceinline__ float tanh_of(float x) { return tanhf(x); }
    static __device__ __forceinline__ double tanh_of(double x) { return tanh(x); }
};

template <class REAL, bool HAS_IMAGES>
static __global__ void __launch_bounds__(SVK_BLOCK_MOST, 1)
    svk_device_math(const __grid_constant__ svk_cuda_mlp job)
{
    train_runs<general_form<REAL, HAS_IMAGES, false, device_math>>(job);
}

#endif
