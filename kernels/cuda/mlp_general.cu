/* The general form of the training kernel: what the plain one leaves out, in binary32 and
 * binary64. */
#include "mlp_run.cuh"

template <class REAL>
static __global__ void __launch_bounds__(SVK_BLOCK_MOST, 1)
    svk_mlp_general(const __grid_constant__ svk_cuda_mlp job)
{
    train_runs<general_form<REAL>>(job);
}

mlp_kernel svk_mlp_general_kernel(bool is_double)
{
    return is_double ? svk_mlp_general<double> : svk_mlp_general<float>;
}
