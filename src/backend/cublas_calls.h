/* The calls of cuBLAS that are made, as a table: the library is half a gigabyte, which takes the
 * better part of a second to load, so it is opened when a study first asks for it. */
#ifndef SVI_CUBLAS_CALLS_H
#define SVI_CUBLAS_CALLS_H

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
