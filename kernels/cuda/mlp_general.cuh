/* The general form of the training kernel: what the plain one leaves out, in binary32 and binary64.
 * Each has a source of its own, so that they are compiled side by side. */
#ifndef SVK_MLP_GENERAL_CUH
#define SVK_MLP_GENERAL_CUH

#include "mlp_run.cuh"

template <class REAL>
static __global__ void __launch_bounds__(SVK_BLOCK_MOST, 1)
    svk_mlp_general(const __grid_constant__ svk_cuda_mlp job)
{
    train_runs<general_form<REAL, false>>(job);
}

#endif
