/* A stand-in for cublasLt. It knows two algorithms, of which only the second can cut its sums, into
 * 16 parts at most; these take whole tiles of 8 x 8 values in the workspace. Matrices must lie as
 * the algorithm's preference said. */
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "calls.h"
#include "cublas_stand_in.h"
#include "device_memory.h"

struct cublasLtContext {
};

struct emulated_operation {
    cublasComputeType_t compute;
    int32_t op[2]; /* of a, of b */
};

struct emulated_layout {
    int n_rows, n_columns, ld;
    int32_t n_products;
    int64_t stride;
};

struct emulated_preference {
    uint64_t workspace_bytes;
    uint32_t scheme;
    uint32_t alignment[4] = {256, 256, 256, 256}; /* of a, b, c, d, in bytes */
};

namespace emulator
{

enum { ALGORITHM, PARTS, SCHEME, ALIGNMENT }; /* words of cublasLtMatmulAlgo_t */
enum { PARTS_MOST = 16, TILE = 8 };

static cublasStatus_t status_if(bool is_done)
{
    return is_done ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}

/* To a member of the same size. */
template <class VALUE> static bool set(VALUE *to, const void *from, size_t size_bytes)
{
    if (size_bytes == sizeof *to) memcpy(to, from, sizeof *to);
    return size_bytes == sizeof *to;
}

cublasStatus_t lt_create(cublasLtHandle_t *handle)
{
    ONE_AT_A_TIME;
    cudaError_t error = begin("cublasLtCreate");
    if (error == cudaSuccess) *handle = new cublasLtContext{};
    return status_of(error);
}

cublasStatus_t lt_destroy(cublasLtHandle_t handle)
{
    delete handle;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t operation_create(cublasLtMatmulDesc_t *p, cublasComputeType_t compute, cudaDataType)
{
    *p = new emulated_operation{compute, {CUBLAS_OP_N, CUBLAS_OP_N}};
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t operation_destroy(cublasLtMatmulDesc_t p)
{
    delete p;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t operation_set(cublasLtMatmulDesc_t p, cublasLtMatmulDescAttributes_t name,
                             const void *value, size_t size_bytes)
{
    return status_if(set(&p->op[name - CUBLASLT_MATMUL_DESC_TRANSA], value, size_bytes));
}

cublasStatus_t layout_create(cublasLtMatrixLayout_t *p, cudaDataType, uint64_t n_rows,
                             uint64_t n_columns, int64_t ld)
{
    *p = new emulated_layout{static_cast<int>(n_rows), static_cast<int>(n_columns),
                             static_cast<int>(ld), 1, 0};
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t layout_destroy(cublasLtMatrixLayout_t p)
{
    delete p;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t layout_set(cublasLtMatrixLayout_t p, cublasLtMatrixLayoutAttribute_t name,
                          const void *value, size_t size_bytes)
{
    return status_if(name == CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT
                         ? set(&p->n_products, value, size_bytes)
                         : set(&p->stride, value, size_bytes));
}

cublasStatus_t preference_create(cublasLtMatmulPreference_t *p)
{
    *p = new emulated_preference{};
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t preference_destroy(cublasLtMatmulPreference_t p)
{
    delete p;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t preference_set(cublasLtMatmulPreference_t p, cublasLtMatmulPreferenceAttributes_t n,
                              const void *value, size_t size_bytes)
{
    if (n >= CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES)
        return status_if(
            set(&p->alignment[n - CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES], value, size_bytes));
    return status_if(n == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES
                         ? set(&p->workspace_bytes, value, size_bytes)
                         : set(&p->scheme, value, size_bytes));
}

cublasStatus_t suggest_algorithms(cublasLtHandle_t, cublasLtMatmulDesc_t, cublasLtMatrixLayout_t,
                                  cublasLtMatrixLayout_t, cublasLtMatrixLayout_t,
                                  cublasLtMatrixLayout_t, cublasLtMatmulPreference_t p, int n_most,
                                  cublasLtMatmulHeuristicResult_t *found, int *n_found)
{
    for (*n_found = 0; *n_found < 2 && *n_found < n_most; ++*n_found) {
        found[*n_found] = {};
        found[*n_found].algo.data[ALGORITHM] = static_cast<uint64_t>(*n_found);
        found[*n_found].algo.data[ALIGNMENT] =
            *std::max_element(std::begin(p->alignment), std::end(p->alignment));
    }
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t algorithm_set(cublasLtMatmulAlgo_t *a, cublasLtMatmulAlgoConfigAttributes_t name,
                             const void *value, size_t size_bytes)
{
    uint32_t word = 0;
    bool is_done = set(&word, value, size_bytes);
    a->data[name == CUBLASLT_ALGO_CONFIG_SPLITK_NUM ? PARTS : SCHEME] = word;
    return status_if(is_done);
}

/* Columns of a, as it is used. */
static int n_inner_of(cublasLtMatmulDesc_t operation, cublasLtMatrixLayout_t a)
{
    return operation->op[0] == CUBLAS_OP_T ? a->n_rows : a->n_columns;
}

static size_t round_up(int n) { return static_cast<size_t>((n + TILE - 1) / TILE * TILE); }

cublasStatus_t check_algorithm(cublasLtHandle_t, cublasLtMatmulDesc_t operation,
                               cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t,
                               cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t,
                               const cublasLtMatmulAlgo_t *algorithm,
                               cublasLtMatmulHeuristicResult_t *result)
{
    uint64_t n_parts = algorithm->data[PARTS];
    bool is_cut = n_parts > 1;
    bool is_set = algorithm->data[SCHEME] == (is_cut ? CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE
                                                     : CUBLASLT_REDUCTION_SCHEME_NONE);
    bool is_there = algorithm->data[ALGORITHM] == 1 || !is_cut;
    bool is_right = n_parts <= static_cast<uint64_t>(n_inner_of(operation, a));
    if (!is_set || !is_there || !is_right || n_parts > PARTS_MOST)
        return CUBLAS_STATUS_NOT_SUPPORTED;
    result->workspaceSize = is_cut ? n_parts * round_up(c->n_rows) * round_up(c->n_columns) *
                                         sizeof(float) * static_cast<size_t>(c->n_products)
                                   : 0;
    return CUBLAS_STATUS_SUCCESS;
}

static matrix_batch batch_of(const void *at, int32_t op, cublasLtMatrixLayout_t layout)
{
    bool is_transposed = op == CUBLAS_OP_T;
    return matrix_batch(static_cast<const float *>(at), static_cast<cublasOperation_t>(op),
                        is_transposed ? layout->n_columns : layout->n_rows,
                        is_transposed ? layout->n_rows : layout->n_columns, layout->ld,
                        layout->stride);
}

cublasStatus_t lt_multiply(cublasLtHandle_t handle, cublasLtMatmulDesc_t operation,
                           const void *alpha, const void *a, cublasLtMatrixLayout_t a_layout,
                           const void *b, cublasLtMatrixLayout_t b_layout, const void *beta,
                           const void *c, cublasLtMatrixLayout_t c_layout, void *d,
                           cublasLtMatrixLayout_t d_layout, const cublasLtMatmulAlgo_t *algorithm,
                           void *workspace, size_t workspace_bytes, cudaStream_t)
{
    ONE_AT_A_TIME;
    cudaError_t error = begin("cublasLtMatmul");
    if (error == cudaSuccess) error = finish_queue();
    if (error != cudaSuccess) return status_of(error);
    if (is_ptx_forced()) return CUBLAS_STATUS_EXECUTION_FAILED;
    cublasLtMatmulHeuristicResult_t needed;
    cublasStatus_t status = check_algorithm(handle, operation, a_layout, b_layout, c_layout,
                                            d_layout, algorithm, &needed);
    if (status != CUBLAS_STATUS_SUCCESS) return status;
    bool is_aligned = true;
    for (const void *matrix : {a, b, c})
        is_aligned =
            is_aligned && reinterpret_cast<uintptr_t>(matrix) % algorithm->data[ALIGNMENT] == 0;
    bool is_sound = is_aligned && needed.workspaceSize <= workspace_bytes &&
                    device_holds(workspace, workspace_bytes) && c == d &&
                    *static_cast<const float *>(alpha) == 1.0f &&
                    *static_cast<const float *>(beta) == 0.0f;
    return status_if(
        is_sound &&
        multiply_batch(batch_of(a, operation->op[0], a_layout),
                       batch_of(b, operation->op[1], b_layout), batch_of(d, CUBLAS_OP_N, d_layout),
                       n_inner_of(operation, a_layout), static_cast<int>(algorithm->data[PARTS]),
                       operation->compute == CUBLAS_COMPUTE_32F_FAST_TF32, d_layout->n_products));
}

} // namespace emulator
