/* The images form of the training kernel: the general one with convolutions and pools, in binary32
 * and binary64. */
#ifndef SVK_CNN_CUH
#define SVK_CNN_CUH

#include "mlp_run.cuh"

template <class REAL>
static __global__ void __launch_bounds__(SVK_BLOCK_MOST, 1)
    svk_cnn(const __grid_constant__ svk_cuda_mlp job)
{
    train_runs<general_form<REAL, true>>(job);
}

#endif
