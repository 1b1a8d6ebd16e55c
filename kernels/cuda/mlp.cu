/* Networks: one seed a thread block, the whole run in one kernel. Here the plain form, in which
 * speed matters most, and the launches of all. */
#include "mlp_run.cuh"

template <int PLACE>
static __global__ void __launch_bounds__(SVK_BLOCK_MOST, 2)
    svk_mlp(const __grid_constant__ svk_cuda_mlp job)
{
    train_runs<plain_form<PLACE>>(job);
}

static mlp_kernel kernel_of(const svk_mlp_layout *layout)
{
    static const mlp_kernel plain[SVK_N_PLACES] = {svk_mlp<SVK_PLACE_SHARED>,
                                                   svk_mlp<SVK_PLACE_VALUES_SHARED>, nullptr,
                                                   svk_mlp<SVK_PLACE_WORKSPACE>};
    if (!layout->is_general) return plain[layout->place];
    if (layout->has_tensor_cores) return layout->has_images ? svk_cnn_mma() : svk_mlp_mma();
    if (layout->has_device_math && layout->has_images)
        return layout->is_double ? svk_cnn_device_math_fp64() : svk_cnn_device_math_fp32();
    if (layout->has_device_math)
        return layout->is_double ? svk_mlp_device_math_fp64() : svk_mlp_device_math_fp32();
    if (layout->has_images) return layout->is_double ? svk_cnn_fp64() : svk_cnn_fp32();
    return layout->is_double ? svk_mlp_general_fp64() : svk_mlp_general_fp32();
}

/* More than 48 KiB must be asked for. */
static cudaError_t allow_shared_memory(const svk_mlp_layout *layout)
{
    return cudaFuncSetAttribute(kernel_of(layout), cudaFuncAttributeMaxDynamicSharedMemorySize,
                                static_cast<int>(layout->shared_bytes));
}

int svk_cuda_mlp_occupancy(const svk_mlp_layout *layout, int *n_blocks)
{
    cudaError_t status = allow_shared_memory(layout);
    if (status == cudaSuccess)
        status = cudaOccupancyMaxActiveBlocksPerMultiprocessor(
            n_blocks, kernel_of(layout), layout->n_threads, layout->shared_bytes);
    return status;
}

int svk_cuda_mlp_launch(const svk_cuda_mlp *job, unsigned n_blocks)
{
    cudaLaunchConfig_t config = {};
    config.gridDim = dim3(n_blocks);
    config.blockDim = dim3(static_cast<unsigned>(job->layout.n_threads));
    config.dynamicSmemBytes = job->layout.shared_bytes;
    /* blocks that wait for one another are refused where they cannot all be at work */
    cudaLaunchAttribute together = {};
    together.id = cudaLaunchAttributeCooperative;
    together.val.cooperative = 1;
    config.attrs = &together;
    config.numAttrs = job->layout.n_blocks > 1 ? 1 : 0;
    cudaError_t status = allow_shared_memory(&job->layout);
    if (status == cudaSuccess) status = cudaLaunchKernelEx(&config, kernel_of(&job->layout), *job);
    return status;
}
