/* The images form with gradients on tensor cores. */
#include "mlp_run.cuh"

static __global__ void __launch_bounds__(SVK_BLOCK_MOST, 1)
    svk_cnn_tensor(const __grid_constant__ svk_cuda_mlp job)
{
    train_runs<general_form<float, true, true>>(job);
}

mlp_kernel svk_cnn_mma() { return svk_cnn_tensor; }
