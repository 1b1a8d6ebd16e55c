#include "backend/cublas_handles.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Products that one call makes: its count is the third side of a grid. */
enum { PRODUCTS_MOST = 65535 };

/* SV_OK, or the error of this call: the GPU's, where that is what it hides. */
static sv_status check(svi_cublas *s, cublasStatus_t status, const char *what, sv_error *error)
{
    if (status == CUBLAS_STATUS_SUCCESS) return SV_OK;
    SVI_TRY(svi_cuda_check(s->device, cudaDeviceSynchronize(), error, "%s", what));
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

/* ---- what can be done here ---- */

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

sv_status svi_cublas_supports(const svi_job *job, const svi_cuda_device *device,
                              const struct cudaDeviceProp *properties, sv_error *error)
{
    const svi_cublas_calls *calls;
    if (job->checkpoints != NULL && job->checkpoints->n > 0)
        return svi_fail(error, SV_ERR_DEVICE,
                        "numerics %s: engine cublas measures runs at their end only; set "
                        "record.checkpoints to none, or use engine: native",
                        job->numerics->name);
    SVI_TRY(svi_cublas_load(&calls, error));
    if (job->numerics->math_mode != SVK_MATH_MODE_BF16X9) return SV_OK;
    if (!SVI_CUBLAS_HAS_BF16X9)
        return svi_fail(error, SV_ERR_DEVICE,
                        "numerics %s: this program was built with cuBLAS %d, which has no bf16x9; "
                        "build it with CUDA 13, or use another math_mode",
                        job->numerics->name, CUBLAS_VER_MAJOR);
    if (properties->major == 10) return SV_OK;
    return svi_fail(error, SV_ERR_DEVICE,
                    "numerics %s: cuda:%d (%s) has compute capability %d.%d, and cuBLAS makes "
                    "bf16x9 on 10.x only; use another math_mode",
                    job->numerics->name, device->number, properties->name, properties->major,
                    properties->minor);
}

void svi_cublas_version(char text[24])
{
    const svi_cublas_calls *calls = svi_cublas_loaded();
    int major = 0, minor = 0, patch = 0;
    text[0] = '\0';
    if (calls == NULL) return;
    calls->get_property(MAJOR_VERSION, &major);
    calls->get_property(MINOR_VERSION, &minor);
    calls->get_property(PATCH_LEVEL, &patch);
    snprintf(text, 24, "cuBLAS %d.%d.%d", major, minor, patch);
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
    return give_workspace(s, stream, (uint64_t)n->workspace_kib << 10, error);
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
    for (int i = 0; i < numerics->n_streams; i++)
        SVI_TRY(set_up(s, &s->stream[i], numerics, error));
    return SV_OK;
}

/* As with svi_cuda_memory_free, nobody could mend an error here. */
void svi_cublas_close(svi_cublas *s)
{
    if (s == NULL) return;
    for (int i = 0; i < s->n_streams; i++) {
        s->calls->destroy(s->stream[i].handle);
        cudaStreamDestroy(s->stream[i].stream);
        cudaFree(s->stream[i].workspace);
    }
    free(s);
}

/* ---- products ---- */

static cublasOperation_t operation_of(svi_cublas_matrix m)
{
    return m.is_transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
}

sv_status svi_cublas_multiply(svi_cublas *s, int stream, svi_cublas_matrix a, svi_cublas_matrix b,
                              svi_cublas_matrix c, int n_inner, int n_columns, uint64_t n_runs,
                              sv_error *error)
{
    const float one = 1.0f, zero = 0.0f;
    for (uint64_t first = 0; first < n_runs; first += PRODUCTS_MOST) {
        uint64_t n = n_runs - first < PRODUCTS_MOST ? n_runs - first : PRODUCTS_MOST;
        cublasStatus_t status = s->calls->multiply(
            s->stream[stream].handle, operation_of(a), operation_of(b), c.n_rows, n_columns,
            n_inner, &one, a.at + first * a.stride, a.n_rows, (long long)a.stride,
            b.at + first * b.stride, b.n_rows, (long long)b.stride, &zero, c.at + first * c.stride,
            c.n_rows, (long long)c.stride, (int)n);
        SVI_TRY(check(s, status, "cublasSgemmStridedBatched", error));
    }
    return SV_OK;
}
