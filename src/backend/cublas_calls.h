/* The calls of cuBLAS that are made, as a table: the library is half a gigabyte, which takes the
 * better part of a second to load, so it is opened when a study first asks for it. */
#ifndef SVI_CUBLAS_CALLS_H
#define SVI_CUBLAS_CALLS_H

#include <cublasLt.h>
#include <cublas_v2.h>

#include "base/error.h"

/* bf16x9 came with CUDA 13. */
#define SVI_CUBLAS_HAS_BF16X9 (CUBLAS_VERSION >= 130000)
#if SVI_CUBLAS_HAS_BF16X9
#define SVI_CUBLAS_EMULATION(X)                                                                    \
    X(set_emulation, cublasSetEmulationStrategy, (cublasHandle_t, cublasEmulationStrategy_t))
#else
#define SVI_CUBLAS_EMULATION(X)
#endif

/* Of cublasLt, which comes with cuBLAS: how it makes a product can be chosen. */
#define SVI_CUBLAS_LT_CALLS(X)                                                                     \
    X(lt_create, cublasLtCreate, (cublasLtHandle_t *))                                             \
    X(lt_destroy, cublasLtDestroy, (cublasLtHandle_t))                                             \
    X(operation_create, cublasLtMatmulDescCreate,                                                  \
      (cublasLtMatmulDesc_t *, cublasComputeType_t, cudaDataType))                                 \
    X(operation_destroy, cublasLtMatmulDescDestroy, (cublasLtMatmulDesc_t))                        \
    X(operation_set, cublasLtMatmulDescSetAttribute,                                               \
      (cublasLtMatmulDesc_t, cublasLtMatmulDescAttributes_t, const void *, size_t))                \
    X(layout_create, cublasLtMatrixLayoutCreate,                                                   \
      (cublasLtMatrixLayout_t *, cudaDataType, uint64_t, uint64_t, int64_t))                       \
    X(layout_destroy, cublasLtMatrixLayoutDestroy, (cublasLtMatrixLayout_t))                       \
    X(layout_set, cublasLtMatrixLayoutSetAttribute,                                                \
      (cublasLtMatrixLayout_t, cublasLtMatrixLayoutAttribute_t, const void *, size_t))             \
    X(preference_create, cublasLtMatmulPreferenceCreate, (cublasLtMatmulPreference_t *))           \
    X(preference_destroy, cublasLtMatmulPreferenceDestroy, (cublasLtMatmulPreference_t))           \
    X(preference_set, cublasLtMatmulPreferenceSetAttribute,                                        \
      (cublasLtMatmulPreference_t, cublasLtMatmulPreferenceAttributes_t, const void *, size_t))    \
    X(suggest_algorithms, cublasLtMatmulAlgoGetHeuristic,                                          \
      (cublasLtHandle_t, cublasLtMatmulDesc_t, cublasLtMatrixLayout_t, cublasLtMatrixLayout_t,     \
       cublasLtMatrixLayout_t, cublasLtMatrixLayout_t, cublasLtMatmulPreference_t, int,            \
       cublasLtMatmulHeuristicResult_t *, int *))                                                  \
    X(algorithm_set, cublasLtMatmulAlgoConfigSetAttribute,                                         \
      (cublasLtMatmulAlgo_t *, cublasLtMatmulAlgoConfigAttributes_t, const void *, size_t))        \
    X(check_algorithm, cublasLtMatmulAlgoCheck,                                                    \
      (cublasLtHandle_t, cublasLtMatmulDesc_t, cublasLtMatrixLayout_t, cublasLtMatrixLayout_t,     \
       cublasLtMatrixLayout_t, cublasLtMatrixLayout_t, const cublasLtMatmulAlgo_t *,               \
       cublasLtMatmulHeuristicResult_t *))                                                         \
    X(lt_multiply, cublasLtMatmul,                                                                 \
      (cublasLtHandle_t, cublasLtMatmulDesc_t, const void *, const void *, cublasLtMatrixLayout_t, \
       const void *, cublasLtMatrixLayout_t, const void *, const void *, cublasLtMatrixLayout_t,   \
       void *, cublasLtMatrixLayout_t, const cublasLtMatmulAlgo_t *, void *, size_t,               \
       cudaStream_t))

/* Member of the table, name in the library, arguments. */
#define SVI_CUBLAS_CALLS(X)                                                                        \
    X(create, cublasCreate_v2, (cublasHandle_t *))                                                 \
    X(destroy, cublasDestroy_v2, (cublasHandle_t))                                                 \
    X(get_property, cublasGetProperty, (libraryPropertyType, int *))                               \
    X(set_stream, cublasSetStream_v2, (cublasHandle_t, cudaStream_t))                              \
    X(set_workspace, cublasSetWorkspace_v2, (cublasHandle_t, void *, size_t))                      \
    X(set_math_mode, cublasSetMathMode, (cublasHandle_t, cublasMath_t))                            \
    X(set_atomics_mode, cublasSetAtomicsMode, (cublasHandle_t, cublasAtomicsMode_t))               \
    X(multiply, cublasSgemmStridedBatched,                                                         \
      (cublasHandle_t, cublasOperation_t, cublasOperation_t, int, int, int, const float *,         \
       const float *, int, long long, const float *, int, long long, const float *, float *, int,  \
       long long, int))                                                                            \
    SVI_CUBLAS_LT_CALLS(X)                                                                         \
    SVI_CUBLAS_EMULATION(X)

typedef struct svi_cublas_calls {
#define SVI_CUBLAS_MEMBER(member, name, arguments) cublasStatus_t(*member) arguments;
    SVI_CUBLAS_CALLS(SVI_CUBLAS_MEMBER)
#undef SVI_CUBLAS_MEMBER
    const char *(*status_name)(cublasStatus_t);
} svi_cublas_calls;

/* SV_ERR_DEVICE where the library cannot be opened. It stays open. Not for two threads at once. */
sv_status svi_cublas_load(const svi_cublas_calls **calls, sv_error *error);
/* NULL before that. */
const svi_cublas_calls *svi_cublas_loaded(void);

#endif
