#include "backend/cublas_handles.h"

#include <inttypes.h>
#include <stdlib.h>

/* Products that one call makes: its count is the third side of a grid. */
enum { PRODUCTS_MOST = 65535 };

/* SV_OK, or the error of this call: the GPU's, where that is what it hides. */
static sv_status check(svi_cublas *s, cublasStatus_t status, const char *what, sv_error *error)
{
    if (status == CUBLAS_STATUS_SUCCESS) return SV_OK;
    SVI_TRY(svi_cuda_check(s->device, cudaDeviceSynchronize(), error, "%s", what));
    cudaGetLastError(); /* what the library may have left is told below */
    return svi_fail(error, SV_ERR_DEVICE,
                    "cuda:%d: %s: %s; run the same command again, or use engine: native",
                    s->device->number, what, s->calls->status_name(status));
}

static cublasMath_t math_mode_of(int mode)
{
    switch (mode) {
    case SVK_MATH_MODE_PEDANTIC: return CUBLAS_PEDANTIC_MATH;
    case SVK_MATH_MODE_TF32: return CUBLAS_TF32_TENSOR_OP_MATH;
#if SVI_CUBLAS_HAS_BF16X9
    case SVK_MATH_MODE_BF16X9: return CUBLAS_FP32_EMULATED_BF16X9_MATH;
#endif
    default: return CUBLAS_DEFAULT_MATH;
    }
}

/* ---- streams ---- */

static sv_status open_stream(svi_cublas *s, sv_error *error)
{
    svi_cublas_stream *stream = &s->stream[s->n_streams];
    SVI_TRY(
        svi_cuda_check(s->device, cudaStreamCreate(&stream->stream), error, "cudaStreamCreate"));
    sv_status status = check(s, s->calls->create(&stream->handle), "cublasCreate", error);
    if (status == SV_OK)
        s->n_streams++;
    else
        cudaStreamDestroy(stream->stream);
    return status;
}

static sv_status give_workspace(svi_cublas *s, svi_cublas_stream *stream, uint64_t size_bytes,
                                sv_error *error)
{
    if (stream->workspace_bytes != size_bytes) {
        cudaFree(stream->workspace);
        stream->workspace = NULL;
        stream->workspace_bytes = 0;
    }
    if (size_bytes == 0) return SV_OK; /* setting the stream has given back cuBLAS's own */
    if (stream->workspace == NULL)
        SVI_TRY(svi_cuda_check(s->device, cudaMalloc(&stream->workspace, size_bytes), error,
                               "cudaMalloc of %" PRIu64 " bytes for cuBLAS", size_bytes));
    stream->workspace_bytes = size_bytes;
    return check(s, s->calls->set_workspace(stream->handle, stream->workspace, size_bytes),
                 "cublasSetWorkspace", error);
}

/* Left to itself the library takes binary32 where that is faster, which this mode is not for. */
static sv_status set_emulation(svi_cublas *s, cublasHandle_t handle, sv_error *error)
{
#if SVI_CUBLAS_HAS_BF16X9
    return check(s, s->calls->set_emulation(handle, CUBLAS_EMULATION_STRATEGY_EAGER),
                 "cublasSetEmulationStrategy", error);
#else
    (void)s, (void)handle, (void)error;
    return SV_OK;
#endif
}

static sv_status set_up(svi_cublas *s, svi_cublas_stream *stream, const svi_numerics_spec *n,
                        sv_error *error)
{
    cublasAtomicsMode_t atomics =
        n->allows_atomics ? CUBLAS_ATOMICS_ALLOWED : CUBLAS_ATOMICS_NOT_ALLOWED;
    SVI_TRY(
        check(s, s->calls->set_stream(stream->handle, stream->stream), "cublasSetStream", error));
    SVI_TRY(check(s, s->calls->set_math_mode(stream->handle, math_mode_of(n->math_mode)),
                  "cublasSetMathMode", error));
    SVI_TRY(check(s, s->calls->set_atomics_mode(stream->handle, atomics), "cublasSetAtomicsMode",
                  error));
    if (n->math_mode == SVK_MATH_MODE_BF16X9) SVI_TRY(set_emulation(s, stream->handle, error));
    return give_workspace(
        s, stream, n->n_parts > 1 ? svi_cublas_split_bytes(n) : (uint64_t)n->workspace_kib << 10,
        error);
}

sv_status svi_cublas_prepare(svi_cublas **cublas, svi_cuda_device *device,
                             const svi_numerics_spec *numerics, sv_error *error)
{
    if (*cublas == NULL) {
        *cublas = calloc(1, sizeof **cublas);
        if (*cublas == NULL) return svi_fail_memory(error, sizeof **cublas, "cuBLAS");
        (*cublas)->device = device;
    }
    svi_cublas *s = *cublas;
    SVI_TRY(svi_cublas_load(&s->calls, error));
    while (s->n_streams < numerics->n_streams) SVI_TRY(open_stream(s, error));
    if (numerics->n_parts > 1)
        SVI_TRY(check(s, svi_cublas_splitter_prepare(&s->splitter, s->calls, numerics),
                      "cublasLtCreate", error));
    for (int i = 0; i < numerics->n_streams; i++)
        SVI_TRY(set_up(s, &s->stream[i], numerics, error));
    return SV_OK;
}

/* As with svi_cuda_memory_free, nobody could mend an error here. */
void svi_cublas_close(svi_cublas *s)
{
    if (s == NULL) return;
    svi_cublas_splitter_close(&s->splitter);
    for (int i = 0; i < s->n_streams; i++) {
        s->calls->destroy(s->stream[i].handle);
        cudaStreamDestroy(s->stream[i].stream);
        cudaFree(s->stream[i].workspace);
    }
    free(s);
}

/* ---- products ---- */

sv_status svi_cublas_multiply(svi_cublas *s, int stream, svi_cublas_product p, sv_error *error)
{
    const float one = 1.0f, zero = 0.0f;
    for (uint64_t first = 0; first < p.n_runs; first += PRODUCTS_MOST) {
        uint64_t n = p.n_runs - first < PRODUCTS_MOST ? p.n_runs - first : PRODUCTS_MOST;
        cublasStatus_t status = s->calls->multiply(
            s->stream[stream].handle, svi_cublas_operation(&p.a), svi_cublas_operation(&p.b),
            p.c.n_rows, p.n_columns, p.n_inner, &one, p.a.at + first * p.a.stride, p.a.n_rows,
            (long long)p.a.stride, p.b.at + first * p.b.stride, p.b.n_rows, (long long)p.b.stride,
            &zero, p.c.at + first * p.c.stride, p.c.n_rows, (long long)p.c.stride, (int)n);
        SVI_TRY(check(s, status, "cublasSgemmStridedBatched", error));
    }
    return SV_OK;
}

sv_status svi_cublas_multiply_split(svi_cublas *s, int stream, svi_cublas_product product,
                                    sv_error *error)
{
    const svi_cublas_stream *to = &s->stream[stream];
    return check(s, svi_cublas_split(&s->splitter, product, to->workspace, to->stream),
                 "cublasLtMatmul", error);
}
