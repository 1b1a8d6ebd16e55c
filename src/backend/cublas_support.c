/* What engine cublas can do with this library on this GPU. */
#include <stdio.h>
#include <string.h>

#include "backend/cublas_handles.h"

static sv_status check_bf16x9(const svi_numerics_spec *n, const svi_cuda_device *device,
                              const struct cudaDeviceProp *properties, sv_error *error)
{
    if (n->math_mode != SVK_MATH_MODE_BF16X9) return SV_OK;
    if (!SVI_CUBLAS_HAS_BF16X9)
        return svi_fail(error, SV_ERR_DEVICE,
                        "numerics %s: this program was built with cuBLAS %d, which has no bf16x9; "
                        "build it with CUDA 13, or use another math_mode",
                        n->name, CUBLAS_VER_MAJOR);
    if (properties->major == 10) return SV_OK;
    return svi_fail(error, SV_ERR_UNSUPPORTED,
                    "numerics %s: cuda:%d (%s) has compute capability %d.%d, and cuBLAS makes "
                    "bf16x9 on 10.x only",
                    n->name, device->number, properties->name, properties->major,
                    properties->minor);
}

/* The gradient of a layer from n_samples. */
static svi_cublas_product gradient_of(const svk_net *net, int layer, uint32_t n_samples)
{
    int n_in = net->width[layer], n_out = net->width[layer + 1];
    return (svi_cublas_product){
        .a = {NULL, n_in, (uint64_t)n_in * n_samples, false},
        .b = {NULL, n_out, (uint64_t)n_out * n_samples, true},
        .c = {NULL, n_in, (uint64_t)n_in * (uint64_t)n_out, false},
        .n_inner = (int)n_samples,
        .n_columns = n_out,
        .n_runs = 1,
    };
}

/* The first gradient that cublasLt does not cut: its layer and samples. */
static bool finds_uncut(svi_cublas_splitter *s, const svk_net *net, const svk_training *training,
                        int *layer, uint32_t *n_samples)
{
    uint32_t rest = training->n_train % training->batch_size;
    for (*layer = 0; *layer < net->n_layers; ++*layer) {
        *n_samples = training->batch_size;
        if (!svi_cublas_splits(s, gradient_of(net, *layer, *n_samples))) return true;
        *n_samples = rest;
        if (rest > 0 && !svi_cublas_splits(s, gradient_of(net, *layer, rest))) return true;
    }
    return false;
}

static sv_status check_split(const svi_job *job, const svk_net *net, const svk_training *training,
                             const svi_cublas_calls *calls, const svi_cuda_device *device,
                             sv_error *error)
{
    const svi_numerics_spec *n = job->numerics;
    svi_cublas_splitter splitter = {0};
    int layer = 0;
    uint32_t n_samples = 0;
    if (n->n_parts == 1 || training->n_steps == 0) return SV_OK;
    cublasStatus_t status = svi_cublas_splitter_prepare(&splitter, calls, n);
    if (status != CUBLAS_STATUS_SUCCESS)
        return svi_fail(error, SV_ERR_DEVICE,
                        "numerics %s: cuda:%d: cublasLtCreate: %s; run the same command again, or "
                        "take numerics.split out",
                        n->name, device->number, calls->status_name(status));
    bool is_uncut = finds_uncut(&splitter, net, training, &layer, &n_samples);
    svi_cublas_splitter_close(&splitter);
    if (!is_uncut) return SV_OK;
    return svi_fail(error, SV_ERR_UNSUPPORTED,
                    "numerics %s: on cuda:%d cublasLt does not cut the gradient of layer %d from "
                    "%u samples into %d parts",
                    n->name, device->number, layer + 1, n_samples, n->n_parts);
}

sv_status svi_cublas_supports(const svi_job *job, const svk_net *net, const svk_training *training,
                              const svi_cuda_device *device,
                              const struct cudaDeviceProp *properties, sv_error *error)
{
    const svi_cublas_calls *calls;
    SVI_TRY(svi_cublas_load(&calls, error));
    SVI_TRY(check_bf16x9(job->numerics, device, properties, error));
    return check_split(job, net, training, calls, device, error);
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
