/* A stand-in for cuBLAS: one chain of fma a value, k ascending. It is as strict as the library or
 * stricter: what it is given must lie in device memory, and products must not overlap. */
#include "calls.h"
#include "cublas_stand_in.h"
#include "device_memory.h"

struct cublasContext {
    cublasMath_t math_mode;
};

namespace emulator
{

cublasStatus_t status_of(cudaError_t error)
{
    if (error == cudaSuccess) return CUBLAS_STATUS_SUCCESS;
    return error == cudaErrorMemoryAllocation ? CUBLAS_STATUS_ALLOC_FAILED
                                              : CUBLAS_STATUS_EXECUTION_FAILED;
}

static cublasStatus_t create(cublasHandle_t *handle)
{
    ONE_AT_A_TIME;
    cudaError_t error = begin("cublasCreate");
    if (error == cudaSuccess) *handle = new cublasContext{};
    return status_of(error);
}

static cublasStatus_t destroy(cublasHandle_t handle)
{
    delete handle;
    ONE_AT_A_TIME;
    return status_of(begin("cublasDestroy"));
}

static cublasStatus_t get_property(libraryPropertyType type, int *value)
{
    *value = type == MAJOR_VERSION ? CUBLAS_VER_MAJOR : 0;
    return CUBLAS_STATUS_SUCCESS;
}

static cublasStatus_t set_stream(cublasHandle_t, cudaStream_t)
{
    ONE_AT_A_TIME;
    return status_of(begin("cublasSetStream"));
}

static cublasStatus_t set_workspace(cublasHandle_t, void *workspace, size_t size_bytes)
{
    ONE_AT_A_TIME;
    cudaError_t error = begin("cublasSetWorkspace");
    if (error != cudaSuccess) return status_of(error);
    bool is_aligned = reinterpret_cast<uintptr_t>(workspace) % 256 == 0;
    return is_aligned && device_holds(workspace, size_bytes) ? CUBLAS_STATUS_SUCCESS
                                                             : CUBLAS_STATUS_INVALID_VALUE;
}

static cublasStatus_t set_math_mode(cublasHandle_t handle, cublasMath_t mode)
{
    handle->math_mode = mode;
    ONE_AT_A_TIME;
    return status_of(begin("cublasSetMathMode"));
}

static cublasStatus_t set_atomics_mode(cublasHandle_t, cublasAtomicsMode_t)
{
    ONE_AT_A_TIME;
    return status_of(begin("cublasSetAtomicsMode"));
}

static cublasStatus_t set_emulation(cublasHandle_t, cublasEmulationStrategy_t)
{
    ONE_AT_A_TIME;
    return status_of(begin("cublasSetEmulationStrategy"));
}

static cublasStatus_t multiply(cublasHandle_t handle, cublasOperation_t a_op,
                               cublasOperation_t b_op, int m, int n, int k, const float *alpha,
                               const float *a_at, int a_ld, long long a_stride, const float *b_at,
                               int b_ld, long long b_stride, const float *beta, float *c_at,
                               int c_ld, long long c_stride, int n_products)
{
    ONE_AT_A_TIME;
    cudaError_t error = begin("cublasSgemmStridedBatched");
    if (error == cudaSuccess) error = finish_queue();
    if (error != cudaSuccess) return status_of(error);
    if (is_ptx_forced()) return CUBLAS_STATUS_EXECUTION_FAILED;
    if (m < 1 || n < 1 || k < 1 || n_products < 1 || *alpha != 1.0f || *beta != 0.0f)
        return CUBLAS_STATUS_INVALID_VALUE;
    matrix_batch a(a_at, a_op, m, k, a_ld, a_stride), b(b_at, b_op, k, n, b_ld, b_stride),
        c(c_at, CUBLAS_OP_N, m, n, c_ld, c_stride);
    bool is_tf32 = handle->math_mode == CUBLAS_TF32_TENSOR_OP_MATH;
    return multiply_batch(a, b, c, k, 1, is_tf32, n_products) ? CUBLAS_STATUS_SUCCESS
                                                              : CUBLAS_STATUS_INVALID_VALUE;
}

static const char *status_name(cublasStatus_t status)
{
    switch (status) {
    case CUBLAS_STATUS_SUCCESS: return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_ALLOC_FAILED: return "CUBLAS_STATUS_ALLOC_FAILED";
    case CUBLAS_STATUS_INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_NOT_SUPPORTED: return "CUBLAS_STATUS_NOT_SUPPORTED";
    default: return "CUBLAS_STATUS_EXECUTION_FAILED";
    }
}

static const svi_cublas_calls calls = {
#define CALL(member, name, arguments) member,
    SVI_CUBLAS_CALLS(CALL)
#undef CALL
        status_name};

} // namespace emulator

static bool is_loaded;

sv_status svi_cublas_load(const svi_cublas_calls **calls, sv_error *)
{
    is_loaded = true;
    *calls = &emulator::calls;
    return SV_OK;
}

const svi_cublas_calls *svi_cublas_loaded(void) { return is_loaded ? &emulator::calls : nullptr; }
